//! Storage: accounts, sessions, securities, watchlists and bars, on SQLite or PostgreSQL through the same query
//! functions.
//!
//! [`Db`] runs a closure on a connection, off the worker threads and within a deadline. Most modules hold the queries
//! of one table; every query on an owned row starts from its owner's id. Nothing here knows HTTP.

pub mod clock_trust;
mod columns;
mod connection;
pub mod connection_limit;
mod connection_pool;
mod error;
mod insert_rows;
pub mod migrations;
mod postgres;
pub(crate) mod schema;
mod sql_spans;

pub mod access_change;
pub mod account_opening;
pub mod account_status;
pub mod alert;
pub mod alert_change;
pub mod alert_evaluation;
pub mod alert_event;
pub mod alert_value;
pub mod alert_watch;
pub mod api_key;
pub mod audit;
pub mod bar;
pub mod delivery;
pub mod destination;
pub mod device;
pub mod due_delivery;
pub mod feed_term;
pub mod guest;
pub mod idempotency;
pub mod invitation;
pub mod item;
pub mod list_lock;
pub mod list_set;
pub mod password_reset;
pub mod profile;
pub mod reset_mail;
pub mod security;
pub mod session;
pub mod split;
pub mod sqlite_file;
pub mod statistics;
pub mod stored_time;
pub mod sweep;
pub mod text_pool;
pub mod upkeep;
pub mod upstream_calls;
pub mod used_ticket;
pub mod user;
pub mod watchlist;
pub mod write_check;

pub use connection::{DatabaseUrl, DbConnection};
pub use error::{Error, Result};
pub use migrations::SchemaState;

use crate::clock;
use crate::keyed_permits::{KeyedPermit, KeyedPermits};
use crate::telemetry::metrics::DatabaseMetrics;
use connection_pool::ConnectionPool;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use std::os::unix::fs::MetadataExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use watchtape_shared::UserId;

/// Connections of a pool unless a setting says otherwise: on SQLite four that read and one that writes.
const DEFAULT_SQLITE_POOL: u32 = 5;
const DEFAULT_POSTGRES_POOL: u32 = 12;
/// How long a query waits for a connection before it is [`Error::Busy`].
const PERMIT_TIMEOUT: Duration = Duration::from_secs(3);
/// Reads of one account at a time, and how many more may wait.
const ACCOUNT_READS: (usize, usize) = (2, 128);
/// The same of writes.
const ACCOUNT_WRITES: (usize, usize) = (1, 128);
/// The most rows of a kind that one transaction of a sweep deletes.
const SWEEP_PORTION: i64 = 500;
/// How long a check that succeeded counts.
const CHECK_LIFETIME: Duration = Duration::from_secs(1);
/// How long a write that succeeded shows that the database takes writes.
const WRITE_CHECK_LIFETIME: Duration = Duration::from_secs(5);

/// How long a start waits for another process that is migrating or filling the database.
pub const FIRST_START_TIMEOUT: Duration = Duration::from_secs(60);
/// How often it tries again.
pub const RETRY_INTERVAL: Duration = Duration::from_millis(100);

/// The database: a pool for reads and one for writes, which are the same on PostgreSQL.
#[derive(Clone)]
pub struct Db {
    url: DatabaseUrl,
    readers: ConnectionPool,
    writers: ConnectionPool,
    account_reads: Arc<KeyedPermits>,
    account_writes: Arc<KeyedPermits>,
    checks: Arc<Mutex<Checks>>,
    /// Locked by the check that is under way.
    checking: Arc<tokio::sync::Mutex<()>>,
    pool_size: u32,
    /// The file that was opened.
    file: Option<(u64, u64)>,
    metrics: DatabaseMetrics,
}

/// When the last check succeeded, and the last of writes.
#[derive(Default)]
struct Checks {
    checked_at: Option<Instant>,
    written_at: Option<Instant>,
}

/// The database for the work of one account, which waits in a line of the account's own before it takes part in what all
/// share.
pub struct AccountDb<'a> {
    db: &'a Db,
    account: &'a UserId,
}

impl Db {
    /// Opens the database with as many connections as is usual. Blocks, as [`Db::open_with_pool`] does.
    pub fn open(url: &DatabaseUrl) -> Result<Self> {
        Self::open_with_pool(url, None)
    }

    /// Opens the database and brings it to this binary's schema. `pool_size`, 2 at least, is how many connections there may be.
    /// Blocks: call it before serving.
    pub fn open_with_pool(url: &DatabaseUrl, pool_size: Option<u32>) -> Result<Self> {
        // Another process may be migrating the database, for longer than a lock is waited for.
        let began = clock::monotonic();
        while let Err(error) = url.connect().and_then(|mut connection| migrations::run(&mut connection)) {
            if !error.is_locked() || began.elapsed() > FIRST_START_TIMEOUT {
                return Err(error);
            }
            std::thread::sleep(RETRY_INTERVAL);
        }
        let metrics = DatabaseMetrics::default();
        let open = |size| ConnectionPool::open(url, size, &metrics);
        let (pool_size, readers, writers) = match url {
            // SQLite has one writer at a time; waiting for it here is fair and has a deadline.
            DatabaseUrl::Sqlite(_) => {
                let size = pool_size.unwrap_or(DEFAULT_SQLITE_POOL).max(2);
                (size, open(size - 1)?, open(1)?)
            }
            DatabaseUrl::Postgres(_) => {
                let size = pool_size.unwrap_or(DEFAULT_POSTGRES_POOL).max(2);
                let pool = open(size)?;
                (size, pool.clone(), pool)
            }
        };
        Ok(Self {
            url: url.clone(),
            readers,
            writers,
            account_reads: KeyedPermits::new(ACCOUNT_READS.0, ACCOUNT_READS.1),
            account_writes: KeyedPermits::new(ACCOUNT_WRITES.0, ACCOUNT_WRITES.1),
            checks: Arc::default(),
            checking: Arc::default(),
            pool_size,
            file: file_of(url),
            metrics,
        })
    }

    /// The URL of the database.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// How many connections there may be.
    pub fn pool_size(&self) -> u32 {
        self.pool_size
    }

    /// What is counted of its connections.
    pub fn metrics(&self) -> &DatabaseMetrics {
        &self.metrics
    }

    /// How many connections are in use now, and how many wait for use.
    pub fn connections(&self) -> (u32, u32) {
        let (mut all, mut idle) = self.readers.size();
        // On PostgreSQL they are one pool.
        if let DatabaseUrl::Sqlite(_) = self.url {
            let writers = self.writers.size();
            (all, idle) = (all + writers.0, idle + writers.1);
        }
        (all.saturating_sub(idle), idle)
    }

    /// The database for work of this account.
    pub fn of<'a>(&'a self, account: &'a UserId) -> AccountDb<'a> {
        AccountDb { db: self, account }
    }

    /// Checks that the database takes reads, and writes: the latter seldom, as every probe asks; one at a time, and what was
    /// found good is good for a second.
    pub async fn check(&self) -> Result<()> {
        let _one = self.checking.lock().await;
        if self.checks().checked_at.is_some_and(|at| at.elapsed() < CHECK_LIFETIME) {
            return Ok(());
        }
        self.check_now().await?;
        self.checks().checked_at = Some(clock::monotonic());
        Ok(())
    }

    async fn check_now(&self) -> Result<()> {
        if self.file != file_of(&self.url) {
            tracing::error!("the database's file is not the one that was opened: what is written is lost");
            return Err(Error::NotWritable("the database's file is gone".to_owned()));
        }
        if self.checks().written_at.is_none_or(|at| at.elapsed() >= WRITE_CHECK_LIFETIME) {
            self.write(write_check::write).await?;
            self.checks().written_at = Some(clock::monotonic());
        }
        self.read(write_check::read).await
    }

    /// Runs a single read query. For more than one, see [`Db::snapshot`].
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let work = move |connection: &mut DbConnection| match connection {
            // Alone it would have no time limit.
            DbConnection::Postgres(postgres) if postgres.is_pooled() => in_transaction(connection, Purpose::Read, work),
            _ => work(connection),
        };
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
        let written = self.writers.run(|connection| in_transaction(connection, Purpose::Write, work)).await;
        if matches!(written, Err(Error::StorageFull(_) | Error::NotWritable(_))) {
            // The next probe is to find out too.
            *self.checks() = Checks::default();
        }
        written
    }

    fn checks(&self) -> MutexGuard<'_, Checks> {
        self.checks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AccountDb<'_> {
    /// As [`Db::read`]; [`Error::AccountBusy`] if the account's line is full or too slow.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = self.permit(&self.db.account_reads).await?;
        self.db.read(with_permit(permit, work)).await
    }

    /// As [`Db::snapshot`]; [`Error::AccountBusy`] if the account's line is full or too slow.
    pub async fn snapshot<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = self.permit(&self.db.account_reads).await?;
        self.db.snapshot(with_permit(permit, work)).await
    }

    /// As [`Db::write`]; [`Error::AccountBusy`] if the account's line is full or too slow.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = self.permit(&self.db.account_writes).await?;
        self.db.write(with_permit(permit, work)).await
    }

    async fn permit(&self, permits: &Arc<KeyedPermits>) -> Result<KeyedPermit> {
        permits.acquire(self.account.as_str(), PERMIT_TIMEOUT).await.ok_or(Error::AccountBusy)
    }
}

/// The device and inode of SQLite's file.
fn file_of(url: &DatabaseUrl) -> Option<(u64, u64)> {
    let DatabaseUrl::Sqlite(path) = url else { return None };
    std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

/// Work that holds its permit: it goes on when whoever asked for it is gone.
fn with_permit<T>(
    permit: KeyedPermit,
    work: impl FnOnce(&mut DbConnection) -> Result<T>,
) -> impl FnOnce(&mut DbConnection) -> Result<T> {
    move |connection| {
        let _permit = permit;
        work(connection)
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
            let begin = postgres.begin_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            AnsiTransactionManager::begin_transaction_sql(postgres, &begin)?;
        }
        // Row locks serialise writes: every change of a list begins with an update of its row.
        (DbConnection::Postgres(postgres), Purpose::Write) => {
            postgres.forget_failures();
            let begin = postgres.begin_sql("BEGIN");
            AnsiTransactionManager::begin_transaction_sql(postgres, &begin)?;
        }
    }
    let done = work(connection).and_then(|value| match (&*connection, purpose) {
        (DbConnection::Postgres(postgres), Purpose::Write) if postgres.has_failed() => {
            Err(Error::Corrupt("a statement of the transaction had failed".to_owned()))
        }
        _ => Ok(value),
    });
    match done {
        Ok(value) => {
            <DbConnection as diesel::Connection>::TransactionManager::commit_transaction(connection)?;
            Ok(value)
        }
        Err(error) => {
            // The first error is the cause; of what could not be rolled back the connection is dropped.
            let _ = <DbConnection as diesel::Connection>::TransactionManager::rollback_transaction(connection);
            Err(error)
        }
    }
}
