//! Generated bars of the simulated market before its first recorded price: daily bars of five years, minute bars of
//! five trading sessions and of the first recorded day. Deliberately absent: storage. A bar is a function of the seed,
//! the security and [`HistoryEnd`], and is computed without the bars around it.
//!
//! The history has the trading days and hours of the security's exchange, although the running market never closes.
//! Before the calendar's first day every weekday is a trading day.

use super::price_path::{PricePath, midnight};
use super::security_model::{MINUTES_PER_DAY, SecurityModel};
use crate::market::calendar::Calendar;
use chrono::{DateTime, Months, NaiveDate, Utc};
use std::ops::Range;
use std::sync::Arc;
use watchtape_shared::market::TradingStatus;
use watchtape_shared::ticker::Ticker;
use watchtape_shared::{Bar, Price};

/// The age of the oldest daily bar.
const MAX_MONTHS_BACK: Months = Months::new(5 * 12);
/// The number of trading sessions before today with minute bars.
const MAX_SESSIONS_BACK: usize = 5;

/// Where a security's simulated history ends and recorded prices begin.
#[derive(Clone, Copy, Debug)]
pub struct HistoryEnd {
    /// The first day with recorded prices.
    pub day: NaiveDate,
    /// The close before that day; `None`: the model's.
    pub previous_close: Option<Price>,
    /// The open, low and high of that day, where known.
    pub open_low_high: Option<(Price, Price, Price)>,
    /// The first recorded minute, and its price.
    pub first: Option<(DateTime<Utc>, Price)>,
}

/// The history of the simulated market of a seed.
pub struct SimulatedHistory {
    seed: u64,
    calendar: Arc<Calendar>,
}

/// A day's figures up to the start of the simulation.
pub(super) struct DaySoFar {
    pub(super) open: Price,
    pub(super) high: Price,
    pub(super) low: Price,
    pub(super) volume: u64,
}

/// The figures of `now`'s day for a simulation that starts at `now`.
pub(super) fn day_so_far(model: &SecurityModel, now: DateTime<Utc>) -> DaySoFar {
    let (open, last) = (model.open, model.price(model.log_price));
    let (low, high) = model.day_range(now.date_naive(), open, last);
    let minutes = (now - midnight(now.date_naive())).num_minutes() as f64;
    DaySoFar { open, high, low, volume: (model.shares_per_day() * minutes / MINUTES_PER_DAY) as u64 }
}

impl SimulatedHistory {
    /// The history of the market with this seed.
    pub fn new(seed: u64, calendar: Arc<Calendar>) -> Self {
        Self { seed, calendar }
    }

    /// The newest `limit` daily bars that start in `span`, ascending. The last one is before `end.day` and closes at
    /// its previous close.
    pub fn days(&self, ticker: &Ticker, end: &HistoryEnd, span: &Range<DateTime<Utc>>, limit: usize) -> Vec<Bar> {
        let oldest = end.day.checked_sub_months(MAX_MONTHS_BACK).unwrap_or(end.day);
        let path = self.price_path(ticker, end);
        let newest = span.end.date_naive().succ_opt().map_or(end.day, |after| after.min(end.day));
        let mut bars: Vec<Bar> = self
            .trading_days_before(ticker, newest)
            .take_while(|day| *day >= oldest && midnight(*day) >= span.start)
            .filter(|day| midnight(*day) < span.end)
            .take(limit)
            .map(|day| self.day(&path, ticker, day))
            .collect();
        bars.reverse();
        bars
    }

    /// The newest `limit` minute bars that start in `span`, ascending: of the last five trading sessions before
    /// `today`, and of `end.day` up to the first recorded minute.
    pub fn minutes(
        &self,
        ticker: &Ticker,
        end: &HistoryEnd,
        today: NaiveDate,
        span: &Range<DateTime<Utc>>,
        limit: usize,
    ) -> Vec<Bar> {
        let path = self.price_path(ticker, end);
        let mic = ticker.mic.as_deref();
        let mut days: Vec<NaiveDate> = self.trading_days_before(ticker, today).take(MAX_SESSIONS_BACK).collect();
        days.retain(|day| *day < end.day);
        let mut bars = Vec::new();
        for day in days.into_iter().rev() {
            let Some((open, close)) = self.calendar.trading_session(mic, day).filter(|(open, _)| *open < span.end)
            else {
                continue;
            };
            if close > span.start {
                let is_open = |bar: &Bar| self.calendar.phase_at(mic, bar.start) == TradingStatus::Open;
                let walk = path.session(self.day(&path, ticker, day), open..close);
                bars.extend(walk.bars(&path.model).into_iter().filter(is_open));
            }
        }
        let partial_day = end.first.filter(|(until, _)| until.date_naive() == end.day);
        if let Some((until, price)) = partial_day {
            let walk = path.partial_day(end.day, end.open_low_high, until, price);
            bars.extend(walk.bars(&path.model));
        }
        bars.retain(|bar| span.contains(&bar.start));
        bars.split_off(bars.len().saturating_sub(limit))
    }

    fn price_path(&self, ticker: &Ticker, end: &HistoryEnd) -> PricePath {
        let model = SecurityModel::of(ticker, self.seed);
        let close = end.previous_close.unwrap_or(model.previous_close);
        let last = self.trading_days_before(ticker, end.day).next().unwrap_or(end.day);
        PricePath::ending_at(model, self.seed, last, close)
    }

    fn day(&self, path: &PricePath, ticker: &Ticker, day: NaiveDate) -> Bar {
        path.day(day, self.trading_days_before(ticker, day).next().unwrap_or(day))
    }

    /// The trading days of a security's exchange before a day, descending.
    fn trading_days_before(&self, ticker: &Ticker, day: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        let days = std::iter::successors(day.pred_opt(), NaiveDate::pred_opt);
        days.filter(|day| self.calendar.trading_session(ticker.mic.as_deref(), *day).is_some())
    }
}

#[cfg(test)]
mod property_tests;
