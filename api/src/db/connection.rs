//! One connection to SQLite or PostgreSQL, and its settings.

use super::postgres::{PostgresConnection, PostgresUrl};
use super::sql_spans::SqlSpans;
use super::{Error, Result};
use crate::clock;
use crate::telemetry::redaction::without_secrets_of;
use diesel::connection::SimpleConnection;
use diesel::r2d2::{ManageConnection, R2D2Connection};
use diesel::{Connection as _, ConnectionError, SqliteConnection};
use reqwest::Url;
use std::fmt;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long after an answer a connection is handed out without a look whether the server is still there.
const TRUSTED_FOR: Duration = Duration::from_secs(1);
/// How long that look may take.
const CHECK_DEADLINE: Duration = Duration::from_secs(2);

/// A connection to either database. Queries that compile for both run on it.
#[derive(diesel::MultiConnection)]
pub enum DbConnection {
    /// To a PostgreSQL server.
    Postgres(PostgresConnection),
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
                if let Some(spans) = SqlSpans::of_connection() {
                    connection.set_instrumentation(spans);
                }
                // FULL: what was acknowledged survives a power cut. WAL: readers never wait for the writer.
                connection
                    .batch_execute(
                        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
                    )
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(DbConnection::Sqlite(connection))
            }
            Self::Postgres(url) => {
                let url = PostgresUrl::parse(url).map_err(ConnectionError::InvalidConnectionUrl)?;
                Ok(DbConnection::Postgres(PostgresConnection::open(&url)?))
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

/// Opens connections for a pool, and keeps those away that no longer work.
pub(super) struct Manager {
    url: DatabaseUrl,
    /// When a connection last waited in vain for an answer.
    silent_at: Mutex<Option<Instant>>,
}

impl Manager {
    pub(super) fn new(url: DatabaseUrl) -> Self {
        Self { url, silent_at: Mutex::default() }
    }

    fn silent_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.silent_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_silence(&self, postgres: &PostgresConnection) {
        // A pooler whose sessions are all lent is late too, and its other connections are as good as before.
        if postgres.is_silent() && !postgres.is_pooled() {
            *self.silent_at() = Some(clock::monotonic());
        }
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
        // An SQLite connection is a local file.
        let DbConnection::Postgres(postgres) = connection else { return Ok(()) };
        if postgres.is_broken() {
            return Err(refused("the connection is closed"));
        }
        let answered_at = postgres.answered_at();
        // Where one host has gone silent all older connections are to it. Each would be waited for in turn.
        if self.silent_at().is_some_and(|silent_at| answered_at <= silent_at) {
            return Err(refused("older than the last that got no answer"));
        }
        if answered_at.elapsed() < TRUSTED_FOR {
            return Ok(());
        }
        let checked = postgres.check(CHECK_DEADLINE);
        self.note_silence(postgres);
        checked.map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, connection: &mut DbConnection) -> bool {
        if let DbConnection::Postgres(postgres) = connection {
            self.note_silence(postgres);
        }
        std::thread::panicking() || connection.is_broken()
    }
}

fn refused(why: &str) -> diesel::r2d2::Error {
    diesel::r2d2::Error::ConnectionError(ConnectionError::BadConnection(why.to_owned()))
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
