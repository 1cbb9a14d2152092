//! The earliest time of the next call under a source's limits.
//!
//! Limits per second and minute become a fixed spacing: with calls at least `window / limit` apart no sliding window
//! holds more than the limit. Calls per UTC day are counted, and the remaining ones are spread over the rest of the
//! day.

use crate::feed::vendors::vendor::Budget;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

/// The spacing is this much wider than the limit requires, so that different network delays do not make one call too
/// many at the vendor: 0.3 s of tolerance at 60 calls a minute.
const SPACING_SLACK: f64 = 1.005;
/// The spacing of a source without a limit per second or minute. That of a batched one is longer, so that symbols added
/// in quick succession share a call.
const UNLIMITED_SPACING: TimeDelta = TimeDelta::milliseconds(50);
const UNLIMITED_BATCH_SPACING: TimeDelta = TimeDelta::seconds(1);

#[derive(Debug)]
pub(super) struct CallPacer {
    spacing: TimeDelta,
    per_day: Option<u64>,
    /// The last call, or the start.
    last_call_at: DateTime<Utc>,
    paused_until: Option<DateTime<Utc>>,
    /// The day of `calls`.
    day: NaiveDate,
    calls: u64,
    /// Whether this run has made a call. The first one waits the fixed spacing, not its share of the day: with 25 calls
    /// a day the first price would otherwise be an hour away.
    has_called: bool,
}

impl CallPacer {
    pub(super) fn new(is_batched: bool, budget: Budget, now: DateTime<Utc>) -> Self {
        let spacings = [(budget.per_second, 1e6), (budget.per_minute, 60e6)];
        let widest = spacings.into_iter().filter_map(|(limit, window_micros)| {
            limit.map(|limit| {
                TimeDelta::microseconds((window_micros * SPACING_SLACK / f64::from(limit.max(1))).ceil() as i64)
            })
        });
        let unlimited = if is_batched { UNLIMITED_BATCH_SPACING } else { UNLIMITED_SPACING };
        Self {
            spacing: widest.max().unwrap_or(unlimited),
            per_day: budget.per_day.map(u64::from),
            last_call_at: now,
            paused_until: None,
            day: now.date_naive(),
            calls: 0,
            has_called: false,
        }
    }

    pub(super) fn last_call_at(&self) -> DateTime<Utc> {
        self.last_call_at
    }

    pub(super) fn calls_on(&self, day: NaiveDate) -> u64 {
        // After a clock step back over midnight the later day's count still applies.
        if day > self.day { 0 } else { self.calls }
    }

    pub(super) fn set_calls_on(&mut self, day: NaiveDate, calls: u64) {
        if day >= self.day {
            (self.day, self.calls) = (day, calls);
        }
    }

    pub(super) fn is_exhausted(&self, day: NaiveDate) -> bool {
        self.per_day.is_some_and(|limit| self.calls_on(day) >= limit)
    }

    pub(super) fn pause_until(&mut self, until: DateTime<Utc>) {
        self.paused_until = Some(self.paused_until.map_or(until, |known| known.max(until)));
    }

    /// Whether the clock was set back. Then the last call counts as made now, so that the wait is one spacing.
    pub(super) fn handle_clock_step(&mut self, now: DateTime<Utc>) -> bool {
        let set_back = now < self.last_call_at;
        self.last_call_at = self.last_call_at.min(now);
        set_back
    }

    /// The earliest time of the next call.
    pub(super) fn earliest(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let spaced = self.last_call_at + self.spacing;
        let earliest = self.per_day.map_or(spaced, |limit| self.spread(spaced, limit, now));
        self.paused_until.map_or(earliest, |until| earliest.max(until))
    }

    /// The earliest time under the day's limit: on the day of the last call, or at the start of the next one.
    fn spread(&self, spaced: DateTime<Utc>, limit: u64, now: DateTime<Utc>) -> DateTime<Utc> {
        let at = spaced.max(now);
        if at.date_naive() > self.day {
            return spaced;
        }
        let midnight = next_midnight(self.day);
        let left = limit.saturating_sub(self.calls);
        if left == 0 {
            return spaced.max(midnight);
        }
        if !self.has_called {
            return spaced;
        }
        let gap_s = (midnight - self.last_call_at).as_seconds_f64() / left as f64;
        let spread = self.last_call_at + TimeDelta::microseconds((gap_s * 1e6).ceil() as i64);
        spaced.max(spread.min(midnight))
    }

    pub(super) fn record_call(&mut self, now: DateTime<Utc>) {
        let day = now.date_naive();
        if day > self.day {
            (self.day, self.calls) = (day, 0);
        }
        self.calls += 1;
        self.last_call_at = now;
        self.has_called = true;
    }
}

fn next_midnight(day: NaiveDate) -> DateTime<Utc> {
    day.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX).and_time(NaiveTime::MIN).and_utc()
}
