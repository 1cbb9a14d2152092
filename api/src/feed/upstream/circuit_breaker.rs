//! When a source that fails is asked again: exponential backoff with full jitter, and a breaker that opens after
//! repeated failures and then lets a single probe through. No clock and no randomness of its own.

use crate::feed::vendors::error::AskError;
use chrono::{DateTime, TimeDelta, Utc};
use rand::{Rng, RngExt};
use watchtape_shared::market::SourceStatus;

/// Failures in a row that open it.
const FAILURES: u32 = 5;
/// The first wait is up to twice this; each is up to twice the one before, up to [`LONGEST`].
const SHORTEST: TimeDelta = TimeDelta::milliseconds(500);
const LONGEST: TimeDelta = TimeDelta::minutes(5);
/// An open breaker's wait is not shorter, whatever the dice say; nor is that of a limit that does not say until when.
const SHORTEST_OPEN: TimeDelta = TimeDelta::seconds(5);
/// A key that is refused is refused again: a person has to see to it.
const REFUSED: TimeDelta = TimeDelta::minutes(10);
/// A probe of which nothing was heard for so long is given up, and another may go.
const PROBE: TimeDelta = TimeDelta::minutes(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Calls pass, after a failure only from `wait_until` on.
    Closed,
    /// None does before `wait_until`; then a single one.
    Open,
    /// The single one is under way since then.
    Probing(DateTime<Utc>),
}

/// The breaker before one source.
#[derive(Debug)]
pub(super) struct Breaker {
    state: State,
    failures: u32,
    wait_until: Option<DateTime<Utc>>,
    status: SourceStatus,
    detail: Option<String>,
}

impl Default for Breaker {
    fn default() -> Self {
        Self { state: State::Closed, failures: 0, wait_until: None, status: SourceStatus::Idle, detail: None }
    }
}

impl Breaker {
    /// Whether the source is thought to work: calls pass, perhaps after a short wait.
    pub(super) fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// Whether the last call did not fail. Before a second source waits for five failures of the first, its users do.
    pub(super) fn is_sound(&self) -> bool {
        self.is_closed() && self.failures == 0
    }

    /// How the source fares.
    pub(super) fn status(&self) -> SourceStatus {
        self.status
    }

    /// What was wrong last; none when nothing is.
    pub(super) fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// From when on a call passes. Past: now.
    pub(super) fn passes_at(&self) -> Option<DateTime<Utc>> {
        match self.state {
            State::Probing(since) => Some(since + PROBE),
            State::Closed | State::Open => self.wait_until,
        }
    }

    /// Whether a call passes. Books nothing: see [`Breaker::called`].
    pub(super) fn passes(&self, now: DateTime<Utc>) -> bool {
        self.passes_at().is_none_or(|at| at <= now)
    }

    /// A call is being made.
    pub(super) fn called(&mut self, now: DateTime<Utc>) {
        if self.state != State::Closed {
            self.state = State::Probing(now);
        }
    }

    /// A call was answered.
    pub(super) fn succeeded(&mut self) {
        *self = Self { status: SourceStatus::Up, ..Self::default() };
    }

    /// A call failed.
    pub(super) fn failed(&mut self, error: &AskError, now: DateTime<Utc>, rng: &mut impl Rng) {
        self.failures = self.failures.saturating_add(1);
        let backoff = full_jitter(self.failures, rng);
        let (wait, status, opens) = match error {
            // In full, and no less than backoff would be: a limit that is still exhausted after its own time is backed
            // off from as well.
            AskError::Limited(Some(after)) => {
                let after = TimeDelta::from_std(*after).unwrap_or(TimeDelta::days(1)).min(TimeDelta::days(1));
                (after.max(backoff), SourceStatus::Limited, true)
            }
            AskError::Limited(None) => (backoff.max(SHORTEST_OPEN), SourceStatus::Limited, true),
            AskError::Refused(_) => (REFUSED, SourceStatus::Refused, true),
            AskError::Unavailable(_) | AskError::Malformed(_) => {
                let opens = self.failures >= FAILURES || self.state != State::Closed;
                let wait = if opens { backoff.max(SHORTEST_OPEN) } else { backoff };
                (wait, SourceStatus::Down, opens)
            }
        };
        // A call that was under way when another was told to wait does not shorten that wait.
        let until = now + wait;
        self.wait_until = Some(self.wait_until.map_or(until, |known| known.max(until)));
        (self.status, self.detail) = (status, Some(error.to_string()));
        if opens {
            self.state = State::Open;
        }
    }
}

/// Between nothing and twice as much each time, evenly (Brooker, "Exponential Backoff And Jitter", AWS 2015).
fn full_jitter(failures: u32, rng: &mut impl Rng) -> TimeDelta {
    let most = (SHORTEST * (1 << failures.min(20))).min(LONGEST);
    TimeDelta::milliseconds(rng.random_range(0..=most.num_milliseconds()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use std::time::Duration;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).expect("a time")
    }

    fn down() -> AskError {
        AskError::Unavailable("down".to_owned())
    }

    fn rng() -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(1)
    }

    #[test]
    fn it_opens_after_repeated_failures_and_one_probe_closes_it() {
        let (mut breaker, mut rng) = (Breaker::default(), rng());
        for _ in 1..FAILURES {
            breaker.failed(&down(), at(0), &mut rng);
            assert!(breaker.is_closed());
        }
        breaker.failed(&down(), at(0), &mut rng);
        assert!(!breaker.is_closed() && !breaker.passes(at(4)));
        let opens = breaker.passes_at().expect("a time");
        assert!(breaker.passes(opens));
        breaker.called(opens);
        assert!(!breaker.passes(opens), "a single probe");
        breaker.failed(&down(), opens, &mut rng);
        assert!(!breaker.passes(opens + TimeDelta::seconds(4)), "open again at once");
        breaker.called(opens + TimeDelta::minutes(6));
        breaker.succeeded();
        assert!(breaker.is_closed() && breaker.passes(at(0)));
        assert_eq!((breaker.status(), breaker.detail()), (SourceStatus::Up, None));
        breaker.failed(&down(), at(0), &mut rng);
        assert!(breaker.is_closed(), "the count begins anew");
    }

    #[test]
    fn a_lost_probe_does_not_close_the_door_for_ever() {
        let (mut breaker, mut rng) = (Breaker::default(), rng());
        breaker.failed(&AskError::Refused("key".to_owned()), at(0), &mut rng);
        breaker.called(at(600));
        assert!(!breaker.passes(at(659)) && breaker.passes(at(660)));
    }

    #[test]
    fn retry_after_is_honoured_in_full_and_a_refusal_waits_long() {
        for seconds in [1, 60, 3600] {
            let (mut breaker, mut rng) = (Breaker::default(), rng());
            breaker.failed(&AskError::Limited(Some(Duration::from_secs(seconds))), at(0), &mut rng);
            assert!(!breaker.passes(at(0) + TimeDelta::milliseconds(seconds as i64 * 1000 - 1)));
            breaker.failed(&down(), at(0), &mut rng);
            assert!(breaker.passes_at() >= Some(at(seconds as i64)), "a late failure does not shorten it");
        }
        let (mut breaker, mut rng) = (Breaker::default(), rng());
        breaker.failed(&AskError::Refused("key".to_owned()), at(0), &mut rng);
        assert_eq!((breaker.passes_at(), breaker.status()), (Some(at(600)), SourceStatus::Refused));
    }

    #[test]
    fn waits_are_spread_over_the_whole_of_a_growing_window() {
        let mut rng = rng();
        for (failures, most) in [(1, 1.0), (4, 8.0), (30, 300.0)] {
            let waits: Vec<f64> = (0..2000).map(|_| full_jitter(failures, &mut rng).as_seconds_f64()).collect();
            let mean = waits.iter().sum::<f64>() / waits.len() as f64;
            assert!(waits.iter().all(|wait| (0.0..=most).contains(wait)));
            assert!((mean / most - 0.5).abs() < 0.05, "{mean} of {most}");
        }
    }
}
