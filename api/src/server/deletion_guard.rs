//! Whether the wall clock may be trusted to delete what has expired by it. A start with a clock that is days ahead, or a leap
//! of a running server's, would otherwise delete accounts and sessions that are in use.
//!
//! The clock is trusted once it has run evenly for a day, through restarts and on all nodes: when it was last looked at is
//! kept in the database, and a time that does not follow from that begins the day anew. A database that has not kept any yet
//! trusts a clock that agrees with its newest time.

use crate::clock::{self, StepDetector};
use crate::db::clock_trust::{self, ClockTrust};
use crate::db::{self, Db, stored_time};
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How far the clock may be from when it was last looked at: a server may have been down for so long, and nodes differ.
const MAX_AHEAD: TimeDelta = TimeDelta::days(1);
const MAX_BEHIND: TimeDelta = TimeDelta::minutes(5);
/// How long the clock must run evenly.
const PROBATION: TimeDelta = TimeDelta::days(1);
const CHECK_INTERVAL: Duration = Duration::from_secs(60);

/// Says whether expired rows may be deleted.
#[derive(Clone)]
pub(crate) struct DeletionGuard(Arc<Mutex<State>>);

struct State {
    detector: StepDetector,
    /// A step of the clock that the database does not know of yet.
    step: Option<TimeDelta>,
    is_trusted: bool,
}

impl State {
    /// The database knows of this step, if any, and whether the clock is trusted. A step that was found meanwhile is for the
    /// next look.
    fn on_kept(&mut self, step: Option<TimeDelta>, is_given: bool) {
        self.step = self.step.filter(|found| Some(*found) != step);
        self.is_trusted = is_given && self.step.is_none();
    }
}

impl Default for DeletionGuard {
    fn default() -> Self {
        let detector = StepDetector::new(clock::now(), clock::monotonic());
        Self(Arc::new(Mutex::new(State { detector, step: None, is_trusted: false })))
    }
}

impl DeletionGuard {
    /// Whether the clock is trusted now. To be asked before each portion: it notices a step of the clock at once.
    pub(crate) fn allows(&self) -> bool {
        let mut state = self.state();
        if let Some(step) = state.detector.step(clock::now(), clock::monotonic()) {
            state.step = Some(step);
            state.is_trusted = false;
        }
        state.is_trusted
    }

    /// Watches the clock; never returns.
    pub(super) async fn watch(self, db: Db) {
        let mut was_told = false;
        loop {
            self.allows();
            let (step, now) = (self.state().step, clock::now());
            match db.write(move |connection| look(connection, now, step.is_some())).await {
                Ok(trust) => {
                    let is_told = !trust.is_given(now);
                    if let Some(step) = step {
                        tracing::warn!(
                            seconds = step.num_seconds(),
                            "the clock has been set: nothing is deleted for a day"
                        );
                    } else if is_told && !was_told {
                        tracing::warn!(since = %trust.even_since, "the clock has not run evenly for a day: nothing is deleted");
                    }
                    was_told = is_told;
                    self.state().on_kept(step, trust.is_given(now));
                }
                Err(error) => tracing::debug!(%error, "the trust in the clock could not be kept"),
            }
            tokio::time::sleep(CHECK_INTERVAL).await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks at the clock, and keeps what that tells.
fn look(connection: &mut db::DbConnection, now: DateTime<Utc>, has_stepped: bool) -> db::Result<ClockTrust> {
    let trust = kept_trust(connection, now)?.followed_by(now, has_stepped);
    clock_trust::keep(connection, trust)?;
    Ok(trust)
}

/// Whether expired rows may be deleted by a clock that shows this time, as a command sees it: by what servers have kept. Keeps
/// nothing.
pub fn may_delete(connection: &mut db::DbConnection, now: DateTime<Utc>) -> db::Result<bool> {
    Ok(kept_trust(connection, now)?.followed_by(now, false).is_given(now))
}

fn kept_trust(connection: &mut db::DbConnection, now: DateTime<Utc>) -> db::Result<ClockTrust> {
    if let Some(kept) = clock_trust::find(connection)? {
        return Ok(kept);
    }
    let newest = stored_time::newest(connection)?.unwrap_or(now);
    Ok(ClockTrust { seen_at: newest, even_since: newest - PROBATION })
}

impl ClockTrust {
    /// What is to be kept when the clock shows this time.
    fn followed_by(self, now: DateTime<Utc>, has_stepped: bool) -> Self {
        let follows = (self.seen_at - MAX_BEHIND..=self.seen_at + MAX_AHEAD).contains(&now);
        let even_since = if follows && !has_stepped { self.even_since } else { now };
        Self { seen_at: now, even_since }
    }

    fn is_given(self, now: DateTime<Utc>) -> bool {
        now - self.even_since >= PROBATION
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(seen_at: DateTime<Utc>, even_for: TimeDelta) -> ClockTrust {
        ClockTrust { seen_at, even_since: seen_at - even_for }
    }

    #[test]
    fn a_clock_that_does_not_follow_is_on_probation_for_a_day_through_restarts() {
        let now = clock::now();
        for (seen_at, is_trusted) in [
            (now, true),
            (now + TimeDelta::minutes(4), true),
            (now - TimeDelta::hours(23), true),
            (now - TimeDelta::days(8), false),
            (now - TimeDelta::days(400), false),
            (now + TimeDelta::hours(1), false),
        ] {
            let mut trust = kept(seen_at, TimeDelta::days(2)).followed_by(now, false);
            assert_eq!(trust.is_given(now), is_trusted, "{seen_at}");
            // A second start does not make it any better: the day counts from the first.
            for hours in 1..=24 {
                let later = now + TimeDelta::hours(hours);
                trust = trust.followed_by(later, false);
                assert_eq!(trust.is_given(later), is_trusted || hours == 24, "{seen_at}, {hours} h later");
            }
        }
    }

    #[test]
    fn a_step_is_distrusted_until_the_database_knows_of_it() {
        let guard = DeletionGuard::default();
        let steps = [TimeDelta::hours(2), TimeDelta::hours(-2)].map(Some);
        guard.state().on_kept(None, true);
        assert!(guard.allows());
        // Found while another look was under way, or while the database did not answer.
        guard.state().step = steps[0];
        guard.state().on_kept(None, true);
        assert!(!guard.allows());
        guard.state().on_kept(steps[1], true);
        assert!(!guard.allows());
        guard.state().on_kept(steps[0], true);
        assert!(guard.allows());
    }

    #[test]
    fn a_clock_that_was_set_begins_its_day_anew() {
        let now = clock::now();
        assert!(!kept(now, TimeDelta::days(2)).followed_by(now, true).is_given(now));
        // Put right again, it is another step.
        let wrong = now + TimeDelta::days(8);
        let back = kept(now, TimeDelta::days(2)).followed_by(wrong, false).followed_by(now, false);
        assert!(!back.is_given(now));
        assert!(back.followed_by(now + PROBATION, false).is_given(now + PROBATION));
    }
}
