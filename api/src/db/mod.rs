//! Storage: accounts, sessions, securities, watchlists and bars, on SQLite or PostgreSQL through the same query
//! functions.
//!
//! [`Db`] runs a closure on a connection, off the worker threads and within a deadline. Most modules hold the queries
//! of one table; every query on an owned row starts from its owner's id. Nothing here knows HTTP.

pub mod clock_trust;
mod columns;
mod connection;
mod error;
mod migrations;
mod postgres;
pub(crate) mod schema;

pub mod access_change;
pub mod account_opening;
pub mod account_status;
pub mod api_key;
pub mod audit;
pub mod bar;
pub mod device;
pub mod feed_term;
pub mod guest;
pub mod idempotency;
pub mod item;
pub mod list_lock;
pub mod password_reset;
pub mod profile;
pub mod reset_mail;
pub mod security;
pub mod session;
pub mod stored_time;
pub mod sweep;
pub mod upstream_calls;
pub mod used_ticket;
pub mod user;
pub mod watchlist;
pub mod write_check;

pub use connection::{DatabaseUrl, DbConnection};
pub use error::{Error, Result};

use crate::clock;
use crate::keyed_permits::{KeyedPermit, KeyedPermits};
use crate::telemetry::throttled_log::ThrottledLog;
use connection::Manager;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::r2d2::{NopErrorHandler, Pool};
use std::os::unix::fs::MetadataExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use watchtape_shared::UserId;

/// How long a query waits for a connection before it is [`Error::Busy`].
const PERMIT_TIMEOUT: Duration = Duration::from_secs(3);
/// Reads of one account at a time, and how many more may wait.
const ACCOUNT_READS: (usize, usize) = (2, 128);
/// The same of writes.
const ACCOUNT_WRITES: (usize, usize) = (1, 128);
/// The most rows of a kind that one transaction of a sweep deletes.
const SWEEP_PORTION: i64 = 500;
/// How long opening a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a database that could not be reached is not tried again.
const OUTAGE_RETRY: Duration = Duration::from_secs(1);
/// How long a check that succeeded counts.
const CHECK_LIFETIME: Duration = Duration::from_secs(1);
/// How long a write that succeeded shows that the database takes writes.
const WRITE_CHECK_LIFETIME: Duration = Duration::from_secs(5);

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
    account_reads: Arc<KeyedPermits>,
    account_writes: Arc<KeyedPermits>,
    checks: Arc<Mutex<Checks>>,
    /// Locked by the check that is under way.
    checking: Arc<tokio::sync::Mutex<()>>,
    /// The file that was opened.
    file: Option<(u64, u64)>,
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

/// A pool of connections with as many permits. Tasks wait for a permit asynchronously, so that no more threads block on
/// the database than it has connections.
#[derive(Clone)]
struct ConnectionPool {
    pool: Pool<Manager>,
    permits: Arc<Semaphore>,
    outage: Arc<Outage>,
}

/// A database that cannot be reached: while one task tries to connect, the others are refused at once.
#[derive(Debug, Default)]
struct Outage {
    /// Before this time nobody tries; `None` while the database is in reach.
    until: Mutex<Option<Instant>>,
    log: ThrottledLog,
}

impl Outage {
    /// Whether the caller is to try; no if the database was out of reach a moment ago.
    fn may_try(&self, now: Instant) -> bool {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(at) = *until else { return true };
        if now < at {
            return false;
        }
        // The others wait for what this one finds out.
        *until = Some(now + CONNECT_TIMEOUT);
        true
    }

    fn end(&self) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn begin(&self, error: &impl std::fmt::Display) -> Error {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = Some(clock::monotonic() + OUTAGE_RETRY);
        if self.log.is_due() {
            tracing::error!(%error, "the database cannot be reached");
        }
        Error::Unreachable
    }
}

impl ConnectionPool {
    fn open(url: &DatabaseUrl, size: u32) -> Result<Self> {
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .connection_timeout(CONNECT_TIMEOUT)
            // It would log every attempt; `Outage` logs once a second.
            .error_handler(Box::new(NopErrorHandler))
            .build(Manager::new(url.clone()))
            .map_err(|error| Error::Corrupt(error.to_string()))?;
        Ok(Self { pool, permits: Arc::new(Semaphore::new(size as usize)), outage: Arc::default() })
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if !self.outage.may_try(clock::monotonic()) {
            return Err(Error::Unreachable);
        }
        let permit = tokio::time::timeout(PERMIT_TIMEOUT, self.permits.clone().acquire_owned()).await;
        let Ok(Ok(permit)) = permit else { return Err(Error::Busy) };
        let (pool, outage) = (self.pool.clone(), self.outage.clone());
        let span = tracing::Span::current();
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let mut connection = pool.get().map_err(|error| outage.begin(&error))?;
            outage.end();
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
        let (readers, writers) = match url {
            // SQLite has one writer at a time; waiting for it here is fair and has a deadline.
            DatabaseUrl::Sqlite(_) => (ConnectionPool::open(url, 4)?, ConnectionPool::open(url, 1)?),
            DatabaseUrl::Postgres(_) => {
                let pool = ConnectionPool::open(url, 12)?;
                (pool.clone(), pool)
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
            file: file_of(url),
        })
    }

    /// The URL of the database.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
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
            AnsiTransactionManager::begin_transaction_sql(postgres, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        }
        // Row locks serialise writes: every change of a list begins with an update of its row.
        (DbConnection::Postgres(postgres), Purpose::Write) => {
            postgres.forget_failures();
            AnsiTransactionManager::begin_transaction_sql(postgres, "BEGIN")?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn while_the_database_is_out_of_reach_one_tries_and_the_others_are_refused() {
        let (outage, start) = (Outage::default(), clock::monotonic());
        assert!(outage.may_try(start));
        assert!(matches!(outage.begin(&"refused"), Error::Unreachable));
        assert!(!outage.may_try(clock::monotonic()));
        let later = clock::monotonic() + OUTAGE_RETRY;
        assert!(outage.may_try(later), "one finds out");
        assert!(!outage.may_try(later), "the others wait for it");
        outage.end();
        assert!(outage.may_try(later));
    }
}
