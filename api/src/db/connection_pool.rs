//! Connections that are kept open, and what becomes of work while the database is out of reach.

use super::connection::Manager;
use super::{DatabaseUrl, DbConnection, Error, PERMIT_TIMEOUT, Result};
use crate::clock;
use crate::telemetry::metrics::DatabaseMetrics;
use crate::telemetry::throttled_log::ThrottledLog;
use diesel::r2d2::{NopErrorHandler, Pool};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// How long opening a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a database that could not be reached is not tried again.
const OUTAGE_RETRY: Duration = Duration::from_secs(1);

/// A pool of connections with as many permits. Tasks wait for a permit asynchronously, so that no more threads block on
/// the database than it has connections.
#[derive(Clone)]
pub(super) struct ConnectionPool {
    pool: Pool<Manager>,
    permits: Arc<Semaphore>,
    outage: Arc<Outage>,
    metrics: DatabaseMetrics,
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
    /// A pool of `size` connections to this database, of which one is opened at once.
    pub(super) fn open(url: &DatabaseUrl, size: u32, metrics: &DatabaseMetrics) -> Result<Self> {
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .connection_timeout(CONNECT_TIMEOUT)
            // It would log every attempt; `Outage` logs once a second.
            .error_handler(Box::new(NopErrorHandler))
            .build(Manager::new(url.clone()))
            .map_err(|error| Error::Corrupt(error.to_string()))?;
        let permits = Arc::new(Semaphore::new(size as usize));
        Ok(Self { pool, permits, outage: Arc::default(), metrics: metrics.clone() })
    }

    /// Runs work on a connection, off the worker threads. [`Error::Busy`] where none is free in time, [`Error::Unreachable`]
    /// where the database is.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let done = self.run_within(work).await;
        if let Some(kind) = done.as_ref().err().and_then(Error::fault) {
            self.metrics.record_error(kind);
        }
        done
    }

    /// How many connections are open, and how many of them nobody uses.
    pub(super) fn size(&self) -> (u32, u32) {
        let state = self.pool.state();
        (state.connections, state.idle_connections)
    }

    async fn run_within<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let asked_at = clock::monotonic();
        if !self.outage.may_try(asked_at) {
            return Err(Error::Unreachable);
        }
        let permit = tokio::time::timeout(PERMIT_TIMEOUT, self.permits.clone().acquire_owned()).await;
        let Ok(Ok(permit)) = permit else { return Err(Error::Busy) };
        let (pool, outage, waited) = (self.pool.clone(), self.outage.clone(), self.metrics.wait.clone());
        let span = tracing::Span::current();
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let mut connection = pool.get().map_err(|error| outage.begin(&error))?;
            outage.end();
            waited.observe(asked_at.elapsed().as_secs_f64());
            span.in_scope(|| work(&mut connection))
        });
        done.await.map_err(|error| Error::Corrupt(error.to_string()))?
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
