//! One connection to SQLite or PostgreSQL, and its settings.

use super::{Error, Result};
use crate::telemetry::redaction::without_secrets_of;
use diesel::connection::SimpleConnection;
use diesel::r2d2::{ManageConnection, R2D2Connection};
use diesel::{Connection as _, ConnectionError, PgConnection, SqliteConnection};
use reqwest::Url;
use std::borrow::Cow;
use std::fmt;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// A connection to either database. Queries that compile for both run on it.
#[derive(diesel::MultiConnection)]
pub enum DbConnection {
    /// To a PostgreSQL server.
    Postgres(PgConnection),
    /// To an SQLite file.
    Sqlite(SqliteConnection),
}

/// The URL of the database: `sqlite:PATH` or `postgres://…`.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// An SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL server's URL, with its password.
    Postgres(String),
}

impl FromStr for DatabaseUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
            return Ok(Self::Sqlite(path.into()));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err("a database is sqlite:PATH or postgres://USER@HOST/NAME")
    }
}

// Without user and password. Of a URL that does not parse nothing is shown: its password could be anywhere.
impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => match Url::parse(url) {
                // What follows a further `@` may be the host, and what was read as the host and the path a password.
                Ok(url)
                    if ![Some(url.path()), url.query(), url.fragment()]
                        .into_iter()
                        .flatten()
                        .any(|part| part.contains('@')) =>
                {
                    let port = url.port().map_or(String::new(), |port| format!(":{port}"));
                    write!(f, "postgres://…@{}{port}{}", url.host_str().unwrap_or_default(), url.path())
                }
                _ => f.write_str("postgres://…"),
            },
        }
    }
}

impl DatabaseUrl {
    /// Opens a connection and configures it. Blocks.
    pub fn connect(&self) -> Result<DbConnection> {
        self.establish().map_err(|error| Error::Corrupt(format!("{self:?}: {}", self.redact(&error))))
    }

    /// The text of a driver's error, without the password of the URL.
    fn redact(&self, error: &ConnectionError) -> String {
        match self {
            Self::Sqlite(_) => error.to_string(),
            Self::Postgres(url) => without_secrets_of(url, &error.to_string()),
        }
    }

    fn establish(&self) -> std::result::Result<DbConnection, ConnectionError> {
        match self {
            Self::Sqlite(path) => {
                create_private(path);
                let mut connection = SqliteConnection::establish(&path.to_string_lossy())?;
                // FULL: what was acknowledged survives a power cut. WAL: readers never wait for the writer.
                connection
                    .batch_execute(
                        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
                    )
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(DbConnection::Sqlite(connection))
            }
            Self::Postgres(url) => {
                let mut connection = PgConnection::establish(&with_system_roots(url))?;
                connection
                    .batch_execute("SET statement_timeout = '10s'; SET lock_timeout = '5s'; SET TIME ZONE 'UTC';")
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(DbConnection::Postgres(connection))
            }
        }
    }
}

/// Creates the file, readable and writable by its owner alone: SQLite itself would let every user of the machine read
/// it. Files that exist keep what their owner has set.
fn create_private(path: &Path) {
    // Where this fails SQLite fails too, and says why.
    let _ = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
}

/// `sslrootcert=system` as a path. The OpenSSL that is linked in was built elsewhere, and would look for this machine's
/// certificates where there are none. A path alone verifies nothing by default, so that the mode which `system` implies
/// is named too; a URL that names a weaker one stays as it is, and libpq refuses it.
fn with_system_roots(url: &str) -> Cow<'_, str> {
    const SYSTEM: &str = "sslrootcert=system";
    const FULL: &str = "sslmode=verify-full";
    let is_weaker = url.contains("sslmode=") && !url.contains(FULL);
    let roots = (url.contains(SYSTEM) && !is_weaker).then(openssl_probe::probe).and_then(|found| found.cert_file);
    match roots {
        Some(roots) if url.contains(FULL) => url.replace(SYSTEM, &format!("sslrootcert={}", roots.display())).into(),
        Some(roots) => url.replace(SYSTEM, &format!("sslrootcert={}&{FULL}", roots.display())).into(),
        None => url.into(),
    }
}

/// Opens connections for a pool.
pub(super) struct Manager {
    url: DatabaseUrl,
}

impl Manager {
    pub(super) fn new(url: DatabaseUrl) -> Self {
        Self { url }
    }
}

impl ManageConnection for Manager {
    type Connection = DbConnection;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> std::result::Result<DbConnection, Self::Error> {
        self.url.establish().map_err(|error| {
            diesel::r2d2::Error::ConnectionError(ConnectionError::BadConnection(self.url.redact(&error)))
        })
    }

    fn is_valid(&self, connection: &mut DbConnection) -> std::result::Result<(), Self::Error> {
        connection.ping().map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, connection: &mut DbConnection) -> bool {
        std::thread::panicking() || connection.is_broken()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_what_may_be_a_password() {
        for (url, shown) in [
            ("postgres://u:p@db.example.com:5433/x", "postgres://…@db.example.com:5433/x"),
            ("postgres://u:p@db/x?sslmode=require", "postgres://…@db/x"),
            ("postgres://watch:4711/topsecret@db/x", "postgres://…"),
            ("postgres://watch:4711?topsecret@db/x", "postgres://…"),
            ("postgres://watch:4711#topsecret@db/x", "postgres://…"),
            ("postgres://watch:top%zz@db/x y@z", "postgres://…"),
        ] {
            let parsed: DatabaseUrl = url.parse().expect("a URL");
            assert_eq!(format!("{parsed:?}"), shown, "{url}");
        }
    }
}
