//! Whether this server is alone with its database. Without Redis two servers on one database run a feed each, and do not
//! hear of each other's changes: the second one says so at its start.

use crate::db::{DatabaseUrl, DbConnection};
use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Bool};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The advisory lock on PostgreSQL: held by all servers of a cluster together, or by one server without Redis alone.
const POSTGRES_LOCK: i64 = 0x7761_7463_6874_6170;

/// What a server holds for as long as it runs.
#[expect(dead_code, reason = "held until it is dropped")]
pub(super) enum DatabaseClaim {
    File(File),
    Connection(Box<DbConnection>),
}

#[derive(diesel::QueryableByName)]
struct Locked {
    #[diesel(sql_type = Bool)]
    locked: bool,
}

/// Claims the database, alone or together with the servers of a cluster. `None` if another server has it otherwise, which is
/// logged, or it cannot be found out. Blocks.
pub(super) fn claim(url: &DatabaseUrl, is_cluster: bool) -> Option<DatabaseClaim> {
    let claimed = match url {
        DatabaseUrl::Sqlite(path) => claim_file(path),
        DatabaseUrl::Postgres(_) => claim_on_postgres(url, is_cluster),
    };
    match claimed {
        Ok(Some(claim)) => return Some(claim),
        Ok(None) if is_cluster => {
            tracing::warn!("a server without WATCHTAPE_REDIS_URL runs on this database: it has a feed of its own");
        }
        Ok(None) => {
            tracing::warn!(
                "another server runs on this database: without a WATCHTAPE_REDIS_URL that both share, each has a feed of its \
                 own, and neither hears of the other's changes"
            );
        }
        Err(error) => tracing::debug!(error, "it could not be found out whether another server runs on this database"),
    }
    None
}

fn claim_file(path: &Path) -> Result<Option<DatabaseClaim>, String> {
    let mut lock: PathBuf = path.to_path_buf();
    lock.as_mut_os_string().push(".lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&lock);
    let file = file.map_err(|error| error.to_string())?;
    match file.try_lock() {
        Ok(()) => Ok(Some(DatabaseClaim::File(file))),
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(error)) => Err(error.to_string()),
    }
}

fn claim_on_postgres(url: &DatabaseUrl, is_cluster: bool) -> Result<Option<DatabaseClaim>, String> {
    let mut connection = url.connect().map_err(|error| error.to_string())?;
    let function = if is_cluster { "pg_try_advisory_lock_shared" } else { "pg_try_advisory_lock" };
    let query = diesel::sql_query(format!("SELECT {function}($1) AS locked")).bind::<BigInt, _>(POSTGRES_LOCK);
    let DbConnection::Postgres(postgres) = &mut connection else { return Ok(None) };
    let found: Locked = query.get_result(postgres).map_err(|error| error.to_string())?;
    Ok(found.locked.then(|| DatabaseClaim::Connection(Box::new(connection))))
}
