//! Whether the wall clock may be trusted to delete what has expired by it. A start with a clock that is days ahead, or a leap
//! of a running server's, would otherwise delete accounts and sessions that are in use.
//!
//! The clock is trusted where it agrees with the newest time in the database, within a day; otherwise, and after a leap, once
//! it has run evenly for a day.

use crate::clock::{self, StepDetector};
use crate::db::{Db, stored_time};
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How far the clock may be from the newest stored time.
const MAX_AHEAD: TimeDelta = TimeDelta::days(1);
const MAX_BEHIND: TimeDelta = TimeDelta::minutes(5);
/// How long a clock that does not agree must run evenly.
const PROBATION: Duration = Duration::from_secs(24 * 3600);
const CHECK_INTERVAL: Duration = Duration::from_secs(60);

/// Says whether expired rows may be deleted.
#[derive(Clone, Default)]
pub(crate) struct DeletionGuard(Arc<AtomicBool>);

impl DeletionGuard {
    pub(crate) fn allows(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Watches the clock; never returns.
    pub(super) async fn watch(self, db: Db) {
        let mut detector = StepDetector::new(clock::now(), clock::monotonic());
        let mut trust = loop {
            match db.read(stored_time::newest).await {
                Ok(newest) => break Trust::at_start(newest, clock::now(), clock::monotonic()),
                Err(error) => tracing::debug!(%error, "the newest stored time could not be read"),
            }
            tokio::time::sleep(CHECK_INTERVAL).await;
        };
        if !trust.is_given(clock::monotonic()) {
            tracing::warn!("the clock does not agree with the newest stored time: nothing is deleted for a day");
        }
        loop {
            if let Some(step) = detector.step(clock::now(), clock::monotonic()) {
                tracing::warn!(seconds = step.num_seconds(), "the clock has been set: nothing is deleted for a day");
                trust = Trust::Since(clock::monotonic());
            }
            self.0.store(trust.is_given(clock::monotonic()), Ordering::Relaxed);
            tokio::time::sleep(CHECK_INTERVAL).await;
        }
    }
}

/// Whether the clock is trusted.
#[derive(Debug, PartialEq)]
enum Trust {
    Given,
    /// Once it has run evenly for a day since then.
    Since(Instant),
}

impl Trust {
    fn at_start(newest: Option<DateTime<Utc>>, now: DateTime<Utc>, started: Instant) -> Self {
        let agrees = newest.is_none_or(|newest| (newest - MAX_BEHIND..=newest + MAX_AHEAD).contains(&now));
        if agrees { Self::Given } else { Self::Since(started) }
    }

    fn is_given(&self, now: Instant) -> bool {
        match self {
            Self::Given => true,
            Self::Since(since) => now.duration_since(*since) >= PROBATION,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_disagrees_with_what_is_stored_is_on_probation_for_a_day() {
        let (now, started) = (clock::now(), clock::monotonic());
        for (newest, is_trusted) in [
            (None, true),
            (Some(now), true),
            (Some(now + TimeDelta::minutes(4)), true),
            (Some(now - TimeDelta::hours(23)), true),
            (Some(now - TimeDelta::days(8)), false),
            (Some(now - TimeDelta::days(400)), false),
            (Some(now + TimeDelta::hours(1)), false),
        ] {
            let trust = Trust::at_start(newest, now, started);
            assert_eq!(trust.is_given(started), is_trusted, "{newest:?}");
            assert!(trust.is_given(started + PROBATION));
            assert_eq!(trust.is_given(started + PROBATION - Duration::from_secs(1)), is_trusted);
        }
    }
}
