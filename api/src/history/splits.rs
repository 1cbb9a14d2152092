//! Splits: found where the source's previous close is that of the recorded session by a usual ratio, and applied to the
//! bars from before them as they are read.
//!
//! Deliberately absent: I/O, which is `recorder.rs`'s, and the last values, which `feed::validation` adjusts as they come.

use crate::db::bar::Close;
use crate::feed::provider::Tick;
use crate::market::calendar::Calendar;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use watchtape_shared::bar::{Bar, Interval};
use watchtape_shared::split::{Split, SplitRatio};
use watchtape_shared::ticker::Ticker;
use watchtape_shared::{Price, Symbol};

/// A close is one that was recorded so shortly before the session's end; or within its auction.
const LAST_MINUTES: TimeDelta = TimeDelta::minutes(10);
const AUCTION: TimeDelta = TimeDelta::minutes(2);
/// How far the price of a day may be from its previous close to agree with it.
const MAX_MOVE: f64 = 0.25;

/// What a source says at the beginning of a trading day, to be compared with what was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The security.
    pub symbol: Symbol,
    /// The trading day.
    pub day: NaiveDate,
    /// The last minutes of the session before it, its closing auction included.
    pub previous_end: Range<DateTime<Utc>>,
    /// The close of that session, as the source gives it on this day.
    pub previous_close: Price,
    /// The price that came with it.
    pub price: Price,
}

impl Opening {
    /// The split that lies between the recorded close of the previous session and the one that is given now. A price that is
    /// not near the new one does not agree with it.
    pub fn split(&self, recorded_close: Price) -> Option<Split> {
        let moved = self.price.micros() as f64 / self.previous_close.micros() as f64 - 1.0;
        if moved.abs() > MAX_MOVE {
            return None;
        }
        let ratio = SplitRatio::between(recorded_close, self.previous_close)?;
        Some(Split { day: self.day, ratio })
    }
}

/// The previous closes that are given on each symbol's trading day: the first, and each that corrects it.
#[derive(Default)]
pub struct Openings {
    seen: HashMap<Symbol, (NaiveDate, Price)>,
    unchecked: Vec<Opening>,
}

impl Openings {
    /// Notes a tick that gives a new previous close of its day. The catalogue bounds the symbols.
    pub fn record(&mut self, tick: &Tick, ticker: Option<&Arc<Ticker>>, calendar: &Calendar) {
        let (Some(previous_close), Some(ticker)) = (tick.previous_close, ticker) else { return };
        let is_known =
            |(day, close): &(NaiveDate, Price)| *day > tick.day || *day == tick.day && *close == previous_close;
        if self.seen.get(&tick.symbol).is_some_and(is_known) {
            return;
        }
        let mic = ticker.mic.as_deref();
        let Some((_, close)) = calendar.trading_session(mic, calendar.day_before(mic, tick.day)) else { return };
        self.seen.insert(tick.symbol, (tick.day, previous_close));
        let (symbol, day, price) = (tick.symbol, tick.day, tick.price);
        let previous_end = close - LAST_MINUTES..close + AUCTION;
        self.unchecked.push(Opening { symbol, day, previous_end, previous_close, price });
    }

    /// Takes those that were not compared yet.
    pub fn take(&mut self) -> Vec<Opening> {
        std::mem::take(&mut self.unchecked)
    }

    /// Puts back what could not be compared.
    pub fn restore(&mut self, openings: Vec<Opening>) {
        self.unchecked.extend(openings);
    }
}

/// Gives bars from before splits in the shares of today. `splits` are of one security.
pub fn adjust_bars(bars: &mut [Bar], interval: Interval, splits: &[Split], calendar: &Calendar, mic: Option<&str>) {
    for bar in bars.iter_mut().filter(|_| !splits.is_empty()) {
        let day = match interval {
            Interval::OneDay => bar.start.date_naive(),
            Interval::OneMinute => calendar.trading_day(mic, bar.start),
        };
        for ratio in ratios_after(splits, day) {
            *bar = Bar {
                start: bar.start,
                open: ratio.adjust_price(bar.open),
                high: ratio.adjust_price(bar.high),
                low: ratio.adjust_price(bar.low),
                close: ratio.adjust_price(bar.close),
                volume: bar.volume.map(|volume| ratio.adjust_volume(volume)),
            };
        }
    }
}

/// The same for the closes of minutes.
pub fn adjust_closes(closes: &mut [Close], splits: &[Split], calendar: &Calendar, mic: Option<&str>) {
    for close in closes.iter_mut().filter(|_| !splits.is_empty()) {
        for ratio in ratios_after(splits, calendar.trading_day(mic, close.start)) {
            close.price = ratio.adjust_price(close.price);
        }
    }
}

/// The splits that a price of this day is from before.
fn ratios_after(splits: &[Split], day: NaiveDate) -> impl Iterator<Item = SplitRatio> {
    splits.iter().filter(move |split| day < split.day).map(|split| split.ratio)
}
