//! What the simulated market did before anybody saw it: bars of a day for five years, and of a minute for five sessions
//! and the hours of the day before the first price. Nothing of it is stored: a bar is a function of the seed, the security
//! and what is known of where the past ends, and costs the same whichever bars beside it are asked for.
//!
//! The past has the days and hours of the security's exchange, though the market itself, once it runs, never closes.
//! Before the calendar's first day every weekday is a trading day.

use super::course::Course;
use super::listing::{Listing, log};
use super::noise::Noise;
use crate::prices::calendar::Calendar;
use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, Utc};
use std::ops::Range;
use std::sync::Arc;
use watchtape_shared::market::TradingStatus;
use watchtape_shared::ticker::Ticker;
use watchtape_shared::{Bar, Price};

/// How far back days go.
const DAYS_BACK: Months = Months::new(5 * 12);
/// How many sessions before today have minutes.
const SESSIONS_BACK: usize = 5;
/// The standard deviation of the market's move in a day; a year of them is about 14 %.
const MARKET_MOVE: f64 = 0.009;
/// How many times its own move of a step a security's own move of a day is.
const DAY_OF_STEPS: f64 = 25.0;
/// How much of its level a security gains in a day without chance: about 5 % a year.
const DRIFT: f64 = 0.000_2;
const MINUTES_A_DAY: f64 = 1_440.0;

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
pub struct Past {
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
    let (low, high) = reach(listing, now.date_naive(), open, last);
    let minutes = (now - midnight(now.date_naive())).num_minutes() as f64;
    SoFar { open, high, low, volume: (listing.shares_a_day() * minutes / MINUTES_A_DAY) as u64 }
}

impl Past {
    /// The past of the market of this seed.
    pub fn new(seed: u64, calendar: Arc<Calendar>) -> Self {
        Self { seed, calendar }
    }

    /// The newest `limit` days that begin in `span`, the oldest of them first. They end before the known day, at its
    /// previous close.
    pub fn days(&self, ticker: &Ticker, known: &Known, span: &Range<DateTime<Utc>>, limit: usize) -> Vec<Bar> {
        let oldest = known.day.checked_sub_months(DAYS_BACK).unwrap_or(known.day);
        let line = Line::of(self, ticker, known);
        let newest = span.end.date_naive().succ_opt().map_or(known.day, |after| after.min(known.day));
        let mut bars: Vec<Bar> = self
            .days_before(ticker, newest)
            .take_while(|day| *day >= oldest && midnight(*day) >= span.start)
            .filter(|day| midnight(*day) < span.end)
            .take(limit)
            .map(|day| line.day(self, ticker, day))
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
        let line = Line::of(self, ticker, known);
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
                let course = line.session(line.day(self, ticker, day), open..close);
                bars.extend(course.bars(&line.listing).into_iter().filter(is_open));
            }
        }
        if let Some(course) = line.morning(known) {
            bars.extend(course.bars(&line.listing));
        }
        bars.retain(|bar| span.contains(&bar.start));
        bars.split_off(bars.len().saturating_sub(limit))
    }

    /// The trading days of a security's exchange before a day, the newest first.
    fn days_before(&self, ticker: &Ticker, day: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        let days = std::iter::successors(day.pred_opt(), NaiveDate::pred_opt);
        days.filter(|day| self.calendar.session(ticker.mic.as_deref(), *day).is_some())
    }
}

/// The closes of one security's days.
struct Line {
    listing: Listing,
    market: Noise,
    /// The logarithm of the close before the known day.
    end: f64,
    /// What brings the walk there.
    shift: f64,
}

impl Line {
    fn of(past: &Past, ticker: &Ticker, known: &Known) -> Self {
        let listing = Listing::of(ticker, past.seed);
        let end = log(known.previous_close.unwrap_or(listing.previous_close));
        let mut line = Self { listing, market: Noise::named(past.seed, ""), end, shift: 0.0 };
        let last = past.days_before(ticker, known.day).next().unwrap_or(known.day);
        line.shift = end - line.level(last);
        line
    }

    /// The logarithm of a day's close.
    fn level(&self, day: NaiveDate) -> f64 {
        // Weekdays are counted, so that a weekend is one step.
        let days = i64::from(day.num_days_from_ce()) - 1;
        let at = days / 7 * 5 + (days % 7).min(4);
        let own = self.listing.noise.part(1).walk(at) * self.listing.own_move * DAY_OF_STEPS;
        let market = self.market.walk(at) * self.listing.beta * MARKET_MOVE;
        self.shift + own + market + DRIFT * at as f64
    }

    /// The first price of a day, after a close of this logarithm.
    fn open(&self, close_before: f64, day: NaiveDate) -> Price {
        let gap = self.listing.noise.part(2).normal(day.num_days_from_ce().into());
        self.listing.price(close_before + 0.3 * day_move(&self.listing) * gap)
    }

    /// The bar of a trading day.
    fn day(&self, past: &Past, ticker: &Ticker, day: NaiveDate) -> Bar {
        let before = past.days_before(ticker, day).next().unwrap_or(day);
        let (open, close) = (self.open(self.level(before), day), self.listing.price(self.level(day)));
        let (low, high) = reach(&self.listing, day, open, close);
        let chance = self.listing.noise.part(7).normal(day.num_days_from_ce().into());
        let volume = self.listing.shares_a_day() * (0.35 * chance).exp();
        Bar { start: midnight(day), open, high, low, close, volume: Some(volume as u64) }
    }

    /// The course of a session whose whole is known.
    fn session(&self, day: Bar, hours: Range<DateTime<Utc>>) -> Course {
        let noise = self.listing.noise.part(3).part(day.start.timestamp().cast_unsigned());
        let minutes = (hours.end - hours.start).num_minutes().max(1) as f64;
        Course {
            noise,
            hours,
            ends: (day.open, day.close),
            range: (day.low, day.high),
            shares_a_minute: day.volume.unwrap_or(0) as f64 / minutes,
        }
    }

    /// The course of the known day, up to the first minute that is known; none where that is not of this day.
    fn morning(&self, known: &Known) -> Option<Course> {
        let (until, price) = known.first.filter(|(until, _)| until.date_naive() == known.day)?;
        let (open, range) = match known.session {
            Some((open, low, high)) => {
                let (lower, higher) = reach(&self.listing, known.day, open, price);
                (open, (lower.max(low).min(open).min(price), higher.min(high).max(open).max(price)))
            }
            None => {
                let open = self.open(self.end, known.day);
                (open, reach(&self.listing, known.day, open, price))
            }
        };
        Some(Course {
            noise: self.listing.noise.part(4).part(midnight(known.day).timestamp().cast_unsigned()),
            hours: midnight(known.day)..until,
            ends: (open, price),
            range,
            shares_a_minute: self.listing.shares_a_day() / MINUTES_A_DAY,
        })
    }
}

/// The standard deviation of a security's move in a day.
fn day_move(listing: &Listing) -> f64 {
    (listing.beta * MARKET_MOVE).hypot(listing.own_move * DAY_OF_STEPS)
}

/// How low and how high a day went between two of its prices.
fn reach(listing: &Listing, day: NaiveDate, one: Price, other: Price) -> (Price, Price) {
    let by = |part| 0.5 * day_move(listing) * listing.noise.part(part).normal(day.num_days_from_ce().into()).abs();
    let (low, high) = (one.min(other), one.max(other));
    (listing.price(log(low) - by(5)).min(low), listing.price(log(high) + by(6)).max(high))
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

#[cfg(test)]
mod properties;
