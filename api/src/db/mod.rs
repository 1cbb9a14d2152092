//! Storage: accounts, sessions, securities, watchlists and bars, on SQLite or PostgreSQL through the same query
//! functions.
//!
//! [`Db`] runs a closure on a connection, off the worker threads and within a deadline. Most modules hold the queries
//! of one table; every query on an owned row starts from its owner's id. Nothing here knows HTTP.

mod columns;
mod connection;
mod error;
mod migrations;
pub(crate) mod schema;

pub mod access_change;
pub mod account_disabling;
pub mod account_opening;
pub mod api_key;
pub mod audit;
pub mod bar;
pub mod device;
pub mod guest;
pub mod idempotency;
pub mod item;
pub mod list_lock;
pub mod password_reset;
pub mod profile;
pub mod security;
pub mod session;
pub mod sweep;
pub mod upstream_calls;
pub mod user;
pub mod watchlist;

pub use connection::{DatabaseUrl, DbConnection};
pub use error::{Error, Result};

use crate::clock;
use connection::Manager;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::r2d2::Pool;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long a query waits for a connection before it is [`Error::Busy`].
const PERMIT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long opening a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long [`Db::open`] waits for another process that is migrating the database.
const FIRST_START_TIMEOUT: Duration = Duration::from_secs(60);
/// How often it tries again.
const RETRY_INTERVAL: Duration = Duration::from_millis(100);

/// The database: a pool for reads and one for writes, which are the same on PostgreSQL.
#[derive(Clone)]
pub struct Db {
    url: DatabaseUrl,
    readers: ConnectionPool,
    writers: ConnectionPool,
}

/// A pool of connections with as many permits. Tasks wait for a permit asynchronously, so that no more threads block on
/// the database than it has connections.
#[derive(Clone)]
struct ConnectionPool {
    pool: Pool<Manager>,
    permits: Arc<Semaphore>,
}

impl ConnectionPool {
    fn open(url: &DatabaseUrl, size: u32) -> Result<Self> {
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .connection_timeout(CONNECT_TIMEOUT)
            // An SQLite connection is a local file: pinging it would be a wasted query.
            .test_on_check_out(matches!(url, DatabaseUrl::Postgres(_)))
            .build(Manager::new(url.clone()))
            .map_err(|error| Error::Corrupt(error.to_string()))?;
        Ok(Self { pool, permits: Arc::new(Semaphore::new(size as usize)) })
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = tokio::time::timeout(PERMIT_TIMEOUT, self.permits.clone().acquire_owned()).await;
        let Ok(Ok(permit)) = permit else { return Err(Error::Busy) };
        let pool = self.pool.clone();
        let span = tracing::Span::current();
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let mut connection = pool.get().map_err(|_| Error::Busy)?;
            span.in_scope(|| work(&mut connection))
        });
        done.await.map_err(|error| Error::Corrupt(error.to_string()))?
    }
}

impl Db {
    /// Opens the database and brings it to this binary's schema. Blocks: call it before serving.
    pub fn open(url: &DatabaseUrl) -> Result<Self> {
        // Another process may be migrating the database, for longer than a lock is waited for.
        let began = clock::monotonic();
        while let Err(error) = url.connect().and_then(|mut connection| migrations::run(&mut connection)) {
            if !error.is_locked() || began.elapsed() > FIRST_START_TIMEOUT {
                return Err(error);
            }
            std::thread::sleep(RETRY_INTERVAL);
        }
        let db = match url {
            // SQLite has one writer at a time; waiting for it here is fair and has a deadline.
            DatabaseUrl::Sqlite(_) => Self {
                url: url.clone(),
                readers: ConnectionPool::open(url, 4)?,
                writers: ConnectionPool::open(url, 1)?,
            },
            DatabaseUrl::Postgres(_) => {
                let pool = ConnectionPool::open(url, 12)?;
                Self { url: url.clone(), readers: pool.clone(), writers: pool }
            }
        };
        Ok(db)
    }

    /// The URL of the database.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Runs a single read query. For more than one, see [`Db::snapshot`].
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.readers.run(work).await
    }

    /// Runs several read queries in one transaction, which all see the same snapshot.
    pub async fn snapshot<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.readers.run(|connection| in_transaction(connection, Purpose::Read, work)).await
    }

    /// Runs a write transaction: it is durable when this returns `Ok`, and rolled back on an error of `work`.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writers.run(|connection| in_transaction(connection, Purpose::Write, work)).await
    }
}

/// The kind of a transaction.
#[derive(Clone, Copy)]
enum Purpose {
    Read,
    Write,
}

fn in_transaction<T>(
    connection: &mut DbConnection,
    purpose: Purpose,
    work: impl FnOnce(&mut DbConnection) -> Result<T>,
) -> Result<T> {
    match (&mut *connection, purpose) {
        (DbConnection::Sqlite(sqlite), Purpose::Read) => {
            AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN")?;
        }
        // Takes the write lock at once: a read transaction cannot wait for it once another one has written.
        (DbConnection::Sqlite(sqlite), Purpose::Write) => {
            AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE")?;
        }
        (DbConnection::Postgres(postgres), Purpose::Read) => {
            AnsiTransactionManager::begin_transaction_sql(postgres, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        }
        // Row locks serialise writes: every change of a list begins with an update of its row.
        (DbConnection::Postgres(postgres), Purpose::Write) => {
            AnsiTransactionManager::begin_transaction_sql(postgres, "BEGIN")?;
        }
    }
    match work(connection) {
        Ok(value) => {
            <DbConnection as diesel::Connection>::TransactionManager::commit_transaction(connection)?;
            Ok(value)
        }
        Err(error) => {
            <DbConnection as diesel::Connection>::TransactionManager::rollback_transaction(connection)?;
            Err(error)
        }
    }
}
