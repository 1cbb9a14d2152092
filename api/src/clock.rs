//! The clocks: the one place that reads them. Pure code takes the time as a parameter.

use chrono::{DateTime, TimeDelta, Utc};
use std::time::Instant;

/// The time of day in UTC, for what is stored, sent or compared with others' clocks. May step back.
#[expect(clippy::disallowed_methods, reason = "the one place")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// A clock that only goes forward, for how long something takes or lasts.
#[expect(clippy::disallowed_methods, reason = "the one place")]
pub fn monotonic() -> Instant {
    Instant::now()
}

/// A difference between the two clocks that is no drift.
const MIN_STEP: TimeDelta = TimeDelta::seconds(5);

/// Finds steps of the wall clock: what it has advanced beyond the monotonic clock.
#[derive(Debug)]
pub struct StepDetector {
    wall: DateTime<Utc>,
    monotonic: Instant,
}

impl StepDetector {
    /// Steps are found from these times on.
    pub fn new(wall: DateTime<Utc>, monotonic: Instant) -> Self {
        Self { wall, monotonic }
    }

    /// How far the wall clock has been set since the last call, negative for back; `None` if it has not been.
    pub fn step(&mut self, wall: DateTime<Utc>, monotonic: Instant) -> Option<TimeDelta> {
        let elapsed = monotonic.saturating_duration_since(self.monotonic);
        let step = (wall - self.wall) - TimeDelta::from_std(elapsed).unwrap_or(TimeDelta::MAX);
        *self = Self { wall, monotonic };
        (step.abs() >= MIN_STEP).then_some(step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_step_is_what_the_wall_clock_has_beyond_the_other() {
        let (wall, start) = (now(), monotonic());
        let mut detector = StepDetector::new(wall, start);
        let mut step = |wall_seconds: i64, elapsed: u64| {
            let step = detector.step(wall + TimeDelta::seconds(wall_seconds), start + Duration::from_secs(elapsed));
            step.map(|step| step.num_seconds())
        };
        assert_eq!(step(60, 60), None);
        assert_eq!(step(124, 120), None, "a drift");
        assert_eq!(step(-7_016, 180), Some(-7_200));
        assert_eq!(step(-6_956, 240), None, "told once");
        assert_eq!(step(100_000, 300), Some(106_896));
    }
}
