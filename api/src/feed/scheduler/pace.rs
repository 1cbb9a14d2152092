//! When the next call may be made: the hard limits of a source, as a fixed spacing.
//!
//! With calls at least `window / limit` apart no window of that length holds more than the limit, wherever it begins: no
//! burst at the edge of two windows. The day's limit is counted, and what is left of it is spread over what is left of
//! the day.

use crate::feed::vendors::vendor::Budget;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

/// Calls are spaced a little wider than the limit asks, so that two that are delayed differently on their way do not
/// become one too many at the other end: with 60 calls a minute, 0.3 s of difference.
const SLACK: f64 = 1.005;
/// The spacing of a source that names no limit by the second or minute. A batched one waits long enough for a person who
/// adds several symbols in a row to cost one call.
const UNLIMITED_SPACING: TimeDelta = TimeDelta::milliseconds(50);
const UNLIMITED_BATCH_SPACING: TimeDelta = TimeDelta::seconds(1);

#[derive(Debug)]
pub(super) struct Pace {
    spacing: TimeDelta,
    per_day: Option<u64>,
    /// The last call, or the beginning.
    last: DateTime<Utc>,
    held_until: Option<DateTime<Utc>>,
    /// The day of `calls`.
    day: NaiveDate,
    calls: u64,
    /// Whether a call was made in this run. The day's calls of an earlier run are counted, so only the fixed spacing is
    /// kept from an earlier run's last call; with 25 calls a day the first price would else be an hour away.
    called: bool,
}

impl Pace {
    pub(super) fn new(is_batched: bool, budget: Budget, now: DateTime<Utc>) -> Self {
        let spacings = [(budget.per_second, 1e6), (budget.per_minute, 60e6)];
        let widest = spacings.into_iter().filter_map(|(limit, window_micros)| {
            limit.map(|limit| TimeDelta::microseconds((window_micros * SLACK / f64::from(limit.max(1))).ceil() as i64))
        });
        let unlimited = if is_batched { UNLIMITED_BATCH_SPACING } else { UNLIMITED_SPACING };
        Self {
            spacing: widest.max().unwrap_or(unlimited),
            per_day: budget.per_day.map(u64::from),
            last: now,
            held_until: None,
            day: now.date_naive(),
            calls: 0,
            called: false,
        }
    }

    pub(super) fn last(&self) -> DateTime<Utc> {
        self.last
    }

    pub(super) fn calls_on(&self, day: NaiveDate) -> u64 {
        // A clock that was set back over midnight stays on the later day's count, which is the smaller budget.
        if day > self.day { 0 } else { self.calls }
    }

    pub(super) fn set_calls(&mut self, day: NaiveDate, calls: u64) {
        if day >= self.day {
            (self.day, self.calls) = (day, calls);
        }
    }

    pub(super) fn is_exhausted(&self, day: NaiveDate) -> bool {
        self.per_day.is_some_and(|limit| self.calls_on(day) >= limit)
    }

    pub(super) fn hold_until(&mut self, until: DateTime<Utc>) {
        self.held_until = Some(self.held_until.map_or(until, |held| held.max(until)));
    }

    /// Whether the clock was set back; then one more spacing is waited from here, and not until it catches up.
    pub(super) fn heed_clock(&mut self, now: DateTime<Utc>) -> bool {
        let set_back = now < self.last;
        self.last = self.last.min(now);
        set_back
    }

    /// The first moment at which a call may be made.
    pub(super) fn slot(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let spaced = self.last + self.spacing;
        let slot = self.per_day.map_or(spaced, |limit| self.spread(spaced, limit, now));
        self.held_until.map_or(slot, |held| slot.max(held))
    }

    /// The first slot that the day's budget allows. It is in the day of the last call, or at the beginning of a later one.
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
        if !self.called {
            return spaced;
        }
        let share = (midnight - self.last).as_seconds_f64() / left as f64;
        let spread = self.last + TimeDelta::microseconds((share * 1e6).ceil() as i64);
        spaced.max(spread.min(midnight))
    }

    pub(super) fn called(&mut self, now: DateTime<Utc>) {
        let day = now.date_naive();
        if day > self.day {
            (self.day, self.calls) = (day, 0);
        }
        self.calls += 1;
        self.last = now;
        self.called = true;
    }
}

fn next_midnight(day: NaiveDate) -> DateTime<Utc> {
    day.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX).and_time(NaiveTime::MIN).and_utc()
}
