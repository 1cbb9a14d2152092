//! Whether this server is alone with its database. Without Redis two servers on one database run a feed each, and do not
//! hear of each other's changes: the second one says so at its start.

use crate::db::{DatabaseUrl, DbConnection};
use actix_web::web;
use diesel::sql_types::{BigInt, Bool};
use diesel::{RunQueryDsl, sql_query};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The advisory lock on PostgreSQL: held by all servers of a cluster together, or by one server without Redis alone.
const POSTGRES_LOCK: i64 = 0x7761_7463_6874_6170;

/// How often it is looked whether the claim still holds: on PostgreSQL it goes with its connection.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// A server's claim to its database, for as long as it runs.
pub(super) struct DatabaseClaim {
    url: DatabaseUrl,
    is_cluster: bool,
    outcome: Mutex<Outcome>,
}

#[expect(dead_code, reason = "a lock is held until it is dropped")]
enum Outcome {
    File(File),
    Connection(Box<DbConnection>),
    /// Another server has it otherwise, which was logged.
    Refused,
    /// A pooler gives each transaction another session: nothing holds a claim.
    Pooled,
    /// It could not be found out yet, or no longer holds.
    Unknown,
}

impl DatabaseClaim {
    /// Claims the database, alone or together with the servers of a cluster. Blocks.
    pub(super) fn new(url: DatabaseUrl, is_cluster: bool) -> Self {
        let outcome = Mutex::new(claim(&url, is_cluster));
        Self { url, is_cluster, outcome }
    }

    /// Claims the database again whenever the connection that held it is lost; never returns.
    pub(super) async fn keep(self: Arc<Self>) {
        loop {
            tokio::time::sleep(CHECK_INTERVAL).await;
            let claim = self.clone();
            if let Err(error) = web::block(move || claim.renew_if_lost()).await {
                tracing::warn!(%error, "the claim to the database was not looked at");
            }
        }
    }

    fn renew_if_lost(&self) {
        let mut outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        let holds = match &mut *outcome {
            Outcome::Connection(connection) => sql_query("SELECT 1").execute(&mut **connection).is_ok(),
            Outcome::File(_) | Outcome::Refused | Outcome::Pooled => true,
            Outcome::Unknown => false,
        };
        if !holds {
            *outcome = Outcome::Unknown;
            *outcome = claim(&self.url, self.is_cluster);
        }
    }
}

#[derive(diesel::QueryableByName)]
struct Locked {
    #[diesel(sql_type = Bool)]
    locked: bool,
}

fn claim(url: &DatabaseUrl, is_cluster: bool) -> Outcome {
    let claimed = match url {
        DatabaseUrl::Sqlite(path) => claim_file(path),
        DatabaseUrl::Postgres(_) => claim_on_postgres(url, is_cluster),
    };
    match claimed {
        Ok(Outcome::Refused) if is_cluster => {
            tracing::warn!("a server without WATCHTAPE_REDIS_URL runs on this database: it has a feed of its own");
            Outcome::Refused
        }
        Ok(Outcome::Refused) => {
            tracing::warn!(
                "another server runs on this database: without a WATCHTAPE_REDIS_URL that both share, each has a feed of its \
                 own, and neither hears of the other's changes"
            );
            Outcome::Refused
        }
        Ok(outcome) => outcome,
        Err(error) => {
            tracing::debug!(error, "it could not be found out whether another server runs on this database");
            Outcome::Unknown
        }
    }
}

fn claim_file(path: &Path) -> Result<Outcome, String> {
    lock_file(path).map(|claimed| claimed.map_or(Outcome::Refused, Outcome::File))
}

/// Claims an SQLite database until the file is dropped; `None` where a server has it.
pub fn lock_file(path: &Path) -> Result<Option<File>, String> {
    let mut lock: PathBuf = path.to_path_buf();
    lock.as_mut_os_string().push(".lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&lock);
    let file = file.map_err(|error| format!("{}: {error}", lock.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(error)) => Err(format!("{}: {error}", lock.display())),
    }
}

fn claim_on_postgres(url: &DatabaseUrl, is_cluster: bool) -> Result<Outcome, String> {
    let mut connection = url.connect().map_err(|error| error.to_string())?;
    if matches!(&connection, DbConnection::Postgres(postgres) if postgres.is_pooled()) {
        return Ok(Outcome::Pooled);
    }
    let function = if is_cluster { "pg_try_advisory_lock_shared" } else { "pg_try_advisory_lock" };
    let query = sql_query(format!("SELECT {function}($1) AS locked")).bind::<BigInt, _>(POSTGRES_LOCK);
    let DbConnection::Postgres(postgres) = &mut connection else { return Ok(Outcome::Unknown) };
    let found: Locked = query.get_result(postgres).map_err(|error| error.to_string())?;
    Ok(if found.locked { Outcome::Connection(Box::new(connection)) } else { Outcome::Refused })
}
