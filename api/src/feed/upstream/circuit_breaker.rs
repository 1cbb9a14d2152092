//! The circuit breaker of a vendor's calls or stream: exponential backoff with full jitter; opens after 5 failures in a
//! row, then allows single probes. Deliberately absent: a clock and a random source, which are parameters.

use crate::feed::vendors::error::VendorError;
use chrono::{DateTime, TimeDelta, Utc};
use rand::{Rng, RngExt};
use watchtape_shared::market::SourceStatus;

/// Failures in a row that open the breaker.
const FAILURE_THRESHOLD: u32 = 5;
/// The bound of the first wait is twice this; it doubles with each failure, up to [`MAX_BACKOFF`].
const BASE_BACKOFF: TimeDelta = TimeDelta::milliseconds(500);
const MAX_BACKOFF: TimeDelta = TimeDelta::minutes(5);
/// The shortest wait of an open breaker, and after a 429 without `Retry-After`.
const MIN_OPEN_TIME: TimeDelta = TimeDelta::seconds(5);
/// The wait after a refused key, which an operator has to fix; and while there are symbols that were not refused yet.
const REFUSED_RETRY_DELAY: TimeDelta = TimeDelta::minutes(10);
const UNTRIED_RETRY_DELAY: TimeDelta = TimeDelta::seconds(5);
/// A probe without a result for this long is abandoned, and another one is allowed.
const PROBE_TIMEOUT: TimeDelta = TimeDelta::minutes(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Calls are allowed, after a failure from `wait_until` on.
    Closed,
    /// No call before `wait_until`, then a single probe.
    Open,
    /// The probe is in flight since this time.
    Probing(DateTime<Utc>),
}

/// The circuit breaker of one vendor's calls, or of its stream.
#[derive(Debug)]
pub(super) struct CircuitBreaker {
    state: State,
    failures: u32,
    wait_until: Option<DateTime<Utc>>,
    /// When the last call was refused.
    refused_at: Option<DateTime<Utc>>,
    status: SourceStatus,
    detail: Option<String>,
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self {
            state: State::Closed,
            failures: 0,
            wait_until: None,
            refused_at: None,
            status: SourceStatus::Idle,
            detail: None,
        }
    }
}

impl CircuitBreaker {
    /// Whether calls are allowed, perhaps after a short wait.
    pub(super) fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// Whether the last call did not fail. The next vendor takes over after one failure, not only when the breaker
    /// opens.
    pub(super) fn has_no_failures(&self) -> bool {
        self.is_closed() && self.failures == 0
    }

    /// The status of the source.
    pub(super) fn status(&self) -> SourceStatus {
        self.status
    }

    /// The last error; `None` after a success.
    pub(super) fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// When the next call is allowed; `None` or a past time: now.
    pub(super) fn allowed_at(&self) -> Option<DateTime<Utc>> {
        match self.state {
            State::Probing(since) => Some(since + PROBE_TIMEOUT),
            State::Closed | State::Open => self.wait_until,
        }
    }

    /// The same for a call for a symbol that was not refused yet: it may show that it was the others' refusal.
    pub(super) fn untried_allowed_at(&self) -> Option<DateTime<Utc>> {
        match (self.state, self.refused_at) {
            (State::Open, Some(refused_at)) => Some(refused_at + UNTRIED_RETRY_DELAY),
            _ => self.allowed_at(),
        }
    }

    /// Whether a call is allowed now. A call that is made is reported with [`CircuitBreaker::record_call`].
    pub(super) fn allows_call(&self, now: DateTime<Utc>) -> bool {
        self.allowed_at().is_none_or(|at| at <= now)
    }

    /// Records that a call starts.
    pub(super) fn record_call(&mut self, now: DateTime<Utc>) {
        if self.state != State::Closed {
            self.state = State::Probing(now);
        }
    }

    /// Records a success: the breaker closes.
    pub(super) fn record_success(&mut self) {
        *self = Self { status: SourceStatus::Up, ..Self::default() };
    }

    /// Records a failure.
    pub(super) fn record_failure(&mut self, error: &VendorError, now: DateTime<Utc>, rng: &mut impl Rng) {
        self.failures = self.failures.saturating_add(1);
        let backoff = full_jitter(self.failures, rng);
        self.refused_at = matches!(error, VendorError::Refused(_)).then_some(now);
        let (wait, status, opens) = match error {
            // The longer of `Retry-After` and the backoff: a limit may still be exhausted afterwards.
            VendorError::Limited(Some(after)) => {
                let after = TimeDelta::from_std(*after).unwrap_or(TimeDelta::days(1)).min(TimeDelta::days(1));
                (after.max(backoff), SourceStatus::Limited, true)
            }
            VendorError::Limited(None) => (backoff.max(MIN_OPEN_TIME), SourceStatus::Limited, true),
            VendorError::Refused(_) => (REFUSED_RETRY_DELAY, SourceStatus::Refused, true),
            VendorError::Unavailable(_) | VendorError::Malformed(_) => {
                let opens = self.failures >= FAILURE_THRESHOLD || self.state != State::Closed;
                let wait = if opens { backoff.max(MIN_OPEN_TIME) } else { backoff };
                (wait, SourceStatus::Down, opens)
            }
        };
        // A later failure of a concurrent call does not shorten an earlier wait.
        let until = now + wait;
        self.wait_until = Some(self.wait_until.map_or(until, |known| known.max(until)));
        (self.status, self.detail) = (status, Some(error.to_string()));
        if opens {
            self.state = State::Open;
        }
    }
}

/// A uniform wait between 0 and a bound that doubles each time (Brooker, "Exponential Backoff And Jitter", AWS 2015).
fn full_jitter(failures: u32, rng: &mut impl Rng) -> TimeDelta {
    let max_wait = (BASE_BACKOFF * (1 << failures.min(20))).min(MAX_BACKOFF);
    TimeDelta::milliseconds(rng.random_range(0..=max_wait.num_milliseconds()))
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

    fn down() -> VendorError {
        VendorError::Unavailable("down".to_owned())
    }

    fn rng() -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(1)
    }

    #[test]
    fn it_opens_after_repeated_failures_and_one_probe_closes_it() {
        let (mut breaker, mut rng) = (CircuitBreaker::default(), rng());
        for _ in 1..FAILURE_THRESHOLD {
            breaker.record_failure(&down(), at(0), &mut rng);
            assert!(breaker.is_closed());
        }
        breaker.record_failure(&down(), at(0), &mut rng);
        assert!(!breaker.is_closed() && !breaker.allows_call(at(4)));
        let opens = breaker.allowed_at().expect("a time");
        assert!(breaker.allows_call(opens));
        breaker.record_call(opens);
        assert!(!breaker.allows_call(opens), "a single probe");
        breaker.record_failure(&down(), opens, &mut rng);
        assert!(!breaker.allows_call(opens + TimeDelta::seconds(4)), "open again at once");
        breaker.record_call(opens + TimeDelta::minutes(6));
        breaker.record_success();
        assert!(breaker.is_closed() && breaker.allows_call(at(0)));
        assert_eq!((breaker.status(), breaker.detail()), (SourceStatus::Up, None));
        breaker.record_failure(&down(), at(0), &mut rng);
        assert!(breaker.is_closed(), "the count begins anew");
    }

    #[test]
    fn an_abandoned_probe_allows_another_one() {
        let (mut breaker, mut rng) = (CircuitBreaker::default(), rng());
        breaker.record_failure(&VendorError::Refused("key".to_owned()), at(0), &mut rng);
        breaker.record_call(at(600));
        assert!(!breaker.allows_call(at(659)) && breaker.allows_call(at(660)));
    }

    #[test]
    fn retry_after_is_honoured_in_full_and_a_refused_key_waits_10_minutes() {
        for seconds in [1, 60, 3600] {
            let (mut breaker, mut rng) = (CircuitBreaker::default(), rng());
            breaker.record_failure(&VendorError::Limited(Some(Duration::from_secs(seconds))), at(0), &mut rng);
            assert!(!breaker.allows_call(at(0) + TimeDelta::milliseconds(seconds as i64 * 1000 - 1)));
            breaker.record_failure(&down(), at(0), &mut rng);
            assert!(breaker.allowed_at() >= Some(at(seconds as i64)), "a late failure does not shorten it");
        }
        let (mut breaker, mut rng) = (CircuitBreaker::default(), rng());
        breaker.record_failure(&VendorError::Refused("key".to_owned()), at(0), &mut rng);
        assert_eq!((breaker.allowed_at(), breaker.status()), (Some(at(600)), SourceStatus::Refused));
        assert_eq!(breaker.untried_allowed_at(), Some(at(5)), "another symbol sooner");
        breaker.record_call(at(5));
        assert!(breaker.untried_allowed_at() > Some(at(10)), "one at a time");
        breaker.record_failure(&VendorError::Limited(None), at(6), &mut rng);
        assert_eq!(breaker.untried_allowed_at(), breaker.allowed_at(), "a limit is a limit for all");
    }

    #[test]
    fn waits_are_uniform_over_a_doubling_window() {
        let mut rng = rng();
        for (failures, max_wait_s) in [(1, 1.0), (4, 8.0), (30, 300.0)] {
            let waits: Vec<f64> = (0..2000).map(|_| full_jitter(failures, &mut rng).as_seconds_f64()).collect();
            let mean = waits.iter().sum::<f64>() / waits.len() as f64;
            assert!(waits.iter().all(|wait| (0.0..=max_wait_s).contains(wait)));
            assert!((mean / max_wait_s - 0.5).abs() < 0.05, "{mean} of {max_wait_s}");
        }
    }
}
