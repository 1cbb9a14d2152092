//! What the schedule knows of one symbol.

use super::{RARELY, REFRESH, Wanted};
use chrono::{DateTime, TimeDelta, Utc};
use watchtape_shared::Price;

/// The variance of a second's logarithmic return that a security is thought to have until it is known better: 2 % in a
/// session of 6.5 hours.
const TYPICAL_VARIANCE: f64 = 0.02 * 0.02 / (6.5 * 3600.0);
/// How far from it an estimate may go. Periods go by the root: a security that never moves is asked for at least a
/// quarter as often as a typical one, one that leaps at most four times as often.
const VARIANCE_RANGE: f64 = 16.0;
/// The horizon of the estimate, in seconds. By time and not by answers, so that what is asked for often and what is asked
/// for rarely forget alike.
const HORIZON: f64 = 3600.0;
/// The most that one answer counts.
const MOST_OF_ONE: f64 = 0.3;
/// The longest wait after failures, as a power of two of [`REFRESH`]: 5 min 20 s.
const MOST_DOUBLINGS: u32 = 6;

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) wanted: Wanted,
    asked_at: Option<DateTime<Utc>>,
    /// When the last call that was answered had been asked: the close is had when this is after it.
    answered_call_at: Option<DateTime<Utc>>,
    in_flight: bool,
    /// Failures since the last answer.
    failures: u32,
    /// Whether the last answer had no price.
    is_absent: bool,
    last: Option<(Price, DateTime<Utc>)>,
    variance: f64,
}

impl Entry {
    pub(super) fn new(wanted: Wanted) -> Self {
        Self {
            wanted,
            asked_at: None,
            answered_call_at: None,
            in_flight: false,
            failures: 0,
            is_absent: false,
            last: None,
            variance: TYPICAL_VARIANCE,
        }
    }

    pub(super) fn heed_clock(&mut self, now: DateTime<Utc>) {
        self.asked_at = self.asked_at.map(|at| at.min(now));
        self.answered_call_at = self.answered_call_at.map(|at| at.min(now));
        self.last = self.last.map(|(price, at)| (price, at.min(now)));
    }

    /// Whether the source has never answered for it.
    fn is_cold(&self) -> bool {
        self.answered_call_at.is_none()
    }

    /// Whether it is due again and again, rather than once.
    pub(super) fn is_regular(&self) -> bool {
        !self.is_cold() && self.wanted.is_trading
    }

    /// Whether a call with room takes it along before it is due. What does not trade has nothing new to say.
    pub(super) fn fills(&self) -> bool {
        self.is_regular() && self.failures == 0
    }

    /// When it is to be asked for, if ever.
    pub(super) fn due_at(&self) -> Option<DateTime<Utc>> {
        if self.wanted.watchers == 0 || self.in_flight {
            return None;
        }
        let retry_at = self.asked_at.filter(|_| self.failures > 0).map(|asked_at| asked_at + self.retry_wait());
        let due_at = match self.answered_call_at {
            None => DateTime::<Utc>::MIN_UTC,
            Some(_) if self.wanted.is_trading => self.asked_at? + self.interval(),
            // Once after the close, and then nothing until it trades.
            Some(answered) => self.wanted.last_close.filter(|close| answered < *close)?,
        };
        Some(retry_at.map_or(due_at, |retry_at| retry_at.max(due_at)))
    }

    /// Whether it is asked for as often as the budget allows.
    pub(super) fn is_frequent(&self) -> bool {
        !self.wanted.is_streamed && !self.is_absent
    }

    fn interval(&self) -> TimeDelta {
        if self.is_frequent() { REFRESH } else { RARELY }
    }

    /// One symbol that the source chokes on must not take the slots of those that it answers for.
    fn retry_wait(&self) -> TimeDelta {
        REFRESH * (1 << (self.failures - 1).min(MOST_DOUBLINGS))
    }

    /// What comes first is greater: without a price, then by watchers; with a price by `w * age²`.
    pub(super) fn rank(&self, now: DateTime<Utc>) -> (bool, f64) {
        let watchers = f64::from(self.wanted.watchers);
        match self.asked_at {
            Some(asked_at) if !self.is_cold() => {
                // What is asked for rarely becomes as old as the others only when it is due.
                let age = (now - asked_at - (self.interval() - REFRESH)).as_seconds_f64().max(0.0);
                (false, watchers * self.variance * age * age)
            }
            _ => (true, watchers),
        }
    }

    pub(super) fn asked(&mut self, now: DateTime<Utc>) {
        self.asked_at = Some(now);
        self.in_flight = true;
    }

    pub(super) fn answered(&mut self, price: Option<Price>, now: DateTime<Utc>) {
        self.in_flight = false;
        self.failures = 0;
        self.answered_call_at = self.asked_at.or(Some(now));
        self.is_absent = price.is_none();
        if let Some(price) = price {
            self.estimate(price, now);
        }
    }

    pub(super) fn failed(&mut self) {
        self.in_flight = false;
        self.failures = self.failures.saturating_add(1);
    }

    pub(super) fn learned(&mut self, price: Price, now: DateTime<Utc>) {
        if !self.in_flight {
            self.asked_at = Some(now);
            self.answered_call_at = Some(now);
            self.is_absent = false;
        }
        self.estimate(price, now);
    }

    fn estimate(&mut self, price: Price, now: DateTime<Utc>) {
        if let Some((before, at)) = self.last.replace((price, now)) {
            let seconds = (now - at).as_seconds_f64().max(1.0);
            let log_return = (price.micros() as f64 / before.micros() as f64).ln();
            let weight = (1.0 - (-seconds / HORIZON).exp()).min(MOST_OF_ONE);
            self.variance += weight * (log_return * log_return / seconds - self.variance);
            self.variance = self.variance.clamp(TYPICAL_VARIANCE / VARIANCE_RANGE, TYPICAL_VARIANCE * VARIANCE_RANGE);
        }
    }
}
