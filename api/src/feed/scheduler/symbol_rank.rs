//! The schedule of one symbol: when it is due, its rank, and the estimate of its variance.

use super::symbol_demand::{REFRESH_INTERVAL, SLOW_REFRESH_INTERVAL, SymbolDemand};
use chrono::{DateTime, TimeDelta, Utc};
use watchtape_shared::Price;

/// The initial estimate of the variance of a security's logarithmic return per second: a standard deviation of 2 % in a
/// trading session of 6.5 hours.
const TYPICAL_VARIANCE: f64 = 0.02 * 0.02 / (6.5 * 3600.0);
/// The largest ratio of an estimate to the typical variance, and its inverse the smallest. Periods are proportional to
/// the square root of it: a security is requested between a quarter and four times as often as a typical one.
const VARIANCE_RANGE: f64 = 16.0;
/// The time constant of the estimate (exponential moving average), in seconds. By time rather than by answers, so that
/// it does not depend on how often a symbol is requested.
const VARIANCE_HORIZON_S: f64 = 3600.0;
/// The largest weight of one answer.
const MAX_ANSWER_WEIGHT: f64 = 0.3;
/// The longest backoff after rejected prices, as a power of two of [`REFRESH_INTERVAL`]: 5 min 20 s.
const MAX_DOUBLINGS: u32 = 6;

#[derive(Debug)]
pub(super) struct SymbolSchedule {
    pub(super) demand: SymbolDemand,
    called_at: Option<DateTime<Utc>>,
    /// When the last answered call was made: the closing price is known where that was after the close.
    answered_call_at: Option<DateTime<Utc>>,
    in_flight: bool,
    /// Whether it is requested apart from the others (`suspects`).
    pub(super) is_set_aside: bool,
    /// Rejected prices since the last answer.
    rejections: u32,
    /// Whether the last answer had no price, and how many in a row.
    is_unpriced: bool,
    empty_answers: u32,
    last: Option<(Price, DateTime<Utc>)>,
    variance: f64,
}

impl SymbolSchedule {
    pub(super) fn new(demand: SymbolDemand) -> Self {
        Self {
            demand,
            called_at: None,
            answered_call_at: None,
            in_flight: false,
            is_set_aside: false,
            rejections: 0,
            is_unpriced: false,
            empty_answers: 0,
            last: None,
            variance: TYPICAL_VARIANCE,
        }
    }

    pub(super) fn handle_clock_step(&mut self, now: DateTime<Utc>) {
        self.called_at = self.called_at.map(|at| at.min(now));
        self.answered_call_at = self.answered_call_at.map(|at| at.min(now));
        self.last = self.last.map(|(price, at)| (price, at.min(now)));
    }

    /// Whether the source has not answered for the symbol yet.
    fn has_no_answer(&self) -> bool {
        self.answered_call_at.is_none()
    }

    /// Whether it is refreshed periodically, rather than requested once.
    pub(super) fn is_regular(&self) -> bool {
        !self.has_no_answer() && self.demand.is_trading
    }

    /// Whether it may fill a batch before it is due. A symbol that does not trade has no newer price.
    pub(super) fn can_fill_batch(&self) -> bool {
        self.is_regular() && self.rejections == 0
    }

    /// When the symbol is due; `None`: not at all for now, or apart from the others.
    pub(super) fn due_at(&self) -> Option<DateTime<Utc>> {
        self.wanted_at().filter(|_| !self.is_set_aside)
    }

    /// Whether a price of it is wanted now or later, and no call for it is in flight.
    pub(super) fn is_wanted(&self) -> bool {
        self.wanted_at().is_some()
    }

    /// Whether the source has given a price.
    pub(super) fn is_priced(&self) -> bool {
        self.last.is_some() && !self.is_unpriced
    }

    /// Whether the last answer had no price.
    pub(super) fn is_unpriced(&self) -> bool {
        self.is_unpriced
    }

    /// Whether it is watched, and no call for it is in flight.
    pub(super) fn can_be_called(&self) -> bool {
        self.demand.watchers > 0 && !self.in_flight
    }

    /// When it was last called.
    pub(super) fn called_at(&self) -> Option<DateTime<Utc>> {
        self.called_at
    }

    fn wanted_at(&self) -> Option<DateTime<Utc>> {
        if self.demand.watchers == 0 || self.in_flight {
            return None;
        }
        let retry_at = self.called_at.filter(|_| self.rejections > 0).map(|called_at| called_at + self.retry_delay());
        let due_at = match self.answered_call_at {
            None => DateTime::<Utc>::MIN_UTC,
            Some(_) if self.demand.is_trading => self.called_at? + self.interval(),
            // One answer without a price is not the last word.
            Some(_) if self.is_unpriced => {
                self.called_at? + self.interval() * (1 << self.empty_answers.min(MAX_DOUBLINGS))
            }
            // Once after the close, then not before the exchange opens.
            Some(answered) => self.demand.last_close_at.filter(|close| answered < *close)?,
        };
        Some(retry_at.map_or(due_at, |retry_at| retry_at.max(due_at)))
    }

    /// Whether it has the short refresh interval.
    pub(super) fn is_frequent(&self) -> bool {
        !self.demand.is_streamed && !self.is_unpriced
    }

    fn interval(&self) -> TimeDelta {
        if self.is_frequent() { REFRESH_INTERVAL } else { SLOW_REFRESH_INTERVAL }
    }

    /// Backoff, so that a symbol whose prices are rejected does not use up the calls of others.
    fn retry_delay(&self) -> TimeDelta {
        REFRESH_INTERVAL * (1 << (self.rejections - 1).min(MAX_DOUBLINGS))
    }

    /// The rank, highest first: symbols without an answer by watchers, then the others by `w * age²`.
    pub(super) fn rank(&self, now: DateTime<Utc>) -> (bool, f64) {
        let watchers = f64::from(self.demand.watchers);
        match self.called_at {
            Some(called_at) if !self.has_no_answer() => {
                // Shifted by the longer interval, so that a slow symbol does not outrank others before it is due.
                let age = (now - called_at - (self.interval() - REFRESH_INTERVAL)).as_seconds_f64().max(0.0);
                (false, watchers * self.variance * age * age)
            }
            _ => (true, watchers),
        }
    }

    pub(super) fn record_call(&mut self, now: DateTime<Utc>) {
        self.called_at = Some(now);
        self.in_flight = true;
    }

    pub(super) fn record_answer(&mut self, price: Option<Price>, now: DateTime<Utc>) {
        self.in_flight = false;
        self.is_set_aside = false;
        self.rejections = 0;
        self.answered_call_at = self.called_at.or(Some(now));
        self.is_unpriced = price.is_none();
        self.empty_answers = if price.is_some() { 0 } else { self.empty_answers.saturating_add(1) };
        if let Some(price) = price {
            self.estimate(price, now);
        }
    }

    /// Records that the call has ended without an answer.
    pub(super) fn record_end(&mut self) {
        self.in_flight = false;
    }

    /// Records that the price was rejected.
    pub(super) fn record_rejection(&mut self) {
        self.in_flight = false;
        self.rejections = self.rejections.saturating_add(1);
    }

    pub(super) fn record_external_price(&mut self, price: Price, now: DateTime<Utc>) {
        if !self.in_flight {
            self.called_at = Some(now);
            self.answered_call_at = Some(now);
            self.is_unpriced = false;
        }
        self.estimate(price, now);
    }

    fn estimate(&mut self, price: Price, now: DateTime<Utc>) {
        if let Some((before, at)) = self.last.replace((price, now)) {
            let seconds = (now - at).as_seconds_f64().max(1.0);
            let log_return = (price.micros() as f64 / before.micros() as f64).ln();
            let weight = (1.0 - (-seconds / VARIANCE_HORIZON_S).exp()).min(MAX_ANSWER_WEIGHT);
            self.variance += weight * (log_return * log_return / seconds - self.variance);
            self.variance = self.variance.clamp(TYPICAL_VARIANCE / VARIANCE_RANGE, TYPICAL_VARIANCE * VARIANCE_RANGE);
        }
    }
}
