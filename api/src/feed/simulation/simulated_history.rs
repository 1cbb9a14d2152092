//! What the simulated market did before anybody saw it: bars of a day for five years, and of a minute for five sessions
//! and the hours of the day before the first price. Nothing of it is stored: a bar is a function of the seed, the security
//! and what is known of where the past ends, and costs the same whichever bars beside it are asked for.
//!
//! The past has the days and hours of the security's exchange, though the market itself, once it runs, never closes.
//! Before the calendar's first day every weekday is a trading day.

use super::listing::{Listing, MINUTES_A_DAY};
use super::price_path::{PricePath, midnight};
use crate::market::calendar::Calendar;
use chrono::{DateTime, Months, NaiveDate, Utc};
use std::ops::Range;
use std::sync::Arc;
use watchtape_shared::market::TradingStatus;
use watchtape_shared::ticker::Ticker;
use watchtape_shared::{Bar, Price};

/// How far back days go.
const DAYS_BACK: Months = Months::new(5 * 12);
/// How many sessions before today have minutes.
const SESSIONS_BACK: usize = 5;

/// What is known of a security where its simulated past ends.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// The first day that has prices of its own.
    pub day: NaiveDate,
    /// The close before that day; none: the one with which the market begins.
    pub previous_close: Option<Price>,
    /// The first price of that day, its lowest and its highest, where they are known.
    pub session: Option<(Price, Price, Price)>,
    /// The first minute that has a price of its own, and that price.
    pub first: Option<(DateTime<Utc>, Price)>,
}

/// The past of a simulated market.
pub struct SimulatedHistory {
    seed: u64,
    calendar: Arc<Calendar>,
}

/// What a day on which the market begins was like before it did.
pub(super) struct SoFar {
    pub(super) open: Price,
    pub(super) high: Price,
    pub(super) low: Price,
    pub(super) volume: u64,
}

/// What the day of a listing was like before the market began at a moment of it.
pub(super) fn so_far(listing: &Listing, now: DateTime<Utc>) -> SoFar {
    let (open, last) = (listing.open, listing.price(listing.log_price));
    let (low, high) = listing.reach(now.date_naive(), open, last);
    let minutes = (now - midnight(now.date_naive())).num_minutes() as f64;
    SoFar { open, high, low, volume: (listing.shares_a_day() * minutes / MINUTES_A_DAY) as u64 }
}

impl SimulatedHistory {
    /// The past of the market of this seed.
    pub fn new(seed: u64, calendar: Arc<Calendar>) -> Self {
        Self { seed, calendar }
    }

    /// The newest `limit` days that begin in `span`, the oldest of them first. They end before the known day, at its
    /// previous close.
    pub fn days(&self, ticker: &Ticker, known: &Known, span: &Range<DateTime<Utc>>, limit: usize) -> Vec<Bar> {
        let oldest = known.day.checked_sub_months(DAYS_BACK).unwrap_or(known.day);
        let line = self.line(ticker, known);
        let newest = span.end.date_naive().succ_opt().map_or(known.day, |after| after.min(known.day));
        let mut bars: Vec<Bar> = self
            .days_before(ticker, newest)
            .take_while(|day| *day >= oldest && midnight(*day) >= span.start)
            .filter(|day| midnight(*day) < span.end)
            .take(limit)
            .map(|day| self.day(&line, ticker, day))
            .collect();
        bars.reverse();
        bars
    }

    /// The newest `limit` minutes that begin in `span`, the oldest of them first: those of the sessions before `today`
    /// and of the known day, up to the first that is known.
    pub fn minutes(
        &self,
        ticker: &Ticker,
        known: &Known,
        today: NaiveDate,
        span: &Range<DateTime<Utc>>,
        limit: usize,
    ) -> Vec<Bar> {
        let line = self.line(ticker, known);
        let mic = ticker.mic.as_deref();
        let mut days: Vec<NaiveDate> = self.days_before(ticker, today).take(SESSIONS_BACK).collect();
        days.retain(|day| *day < known.day);
        let mut bars = Vec::new();
        for day in days.into_iter().rev() {
            let Some((open, close)) = self.calendar.session(mic, day).filter(|(open, _)| *open < span.end) else {
                continue;
            };
            if close > span.start {
                let is_open = |bar: &Bar| self.calendar.phase_at(mic, bar.start) == TradingStatus::Open;
                let course = line.session(self.day(&line, ticker, day), open..close);
                bars.extend(course.bars(&line.listing).into_iter().filter(is_open));
            }
        }
        let morning = known.first.filter(|(until, _)| until.date_naive() == known.day);
        if let Some((until, price)) = morning {
            let course = line.morning(known.day, known.session, until, price);
            bars.extend(course.bars(&line.listing));
        }
        bars.retain(|bar| span.contains(&bar.start));
        bars.split_off(bars.len().saturating_sub(limit))
    }

    fn line(&self, ticker: &Ticker, known: &Known) -> PricePath {
        let listing = Listing::of(ticker, self.seed);
        let close = known.previous_close.unwrap_or(listing.previous_close);
        let last = self.days_before(ticker, known.day).next().unwrap_or(known.day);
        PricePath::to(listing, self.seed, last, close)
    }

    fn day(&self, line: &PricePath, ticker: &Ticker, day: NaiveDate) -> Bar {
        line.day(day, self.days_before(ticker, day).next().unwrap_or(day))
    }

    /// The trading days of a security's exchange before a day, the newest first.
    fn days_before(&self, ticker: &Ticker, day: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        let days = std::iter::successors(day.pred_opt(), NaiveDate::pred_opt);
        days.filter(|day| self.calendar.session(ticker.mic.as_deref(), *day).is_some())
    }
}

#[cfg(test)]
mod properties;
