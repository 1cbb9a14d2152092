//! Validation of vendors' quotes, and their conversion into ticks. Deliberately absent: a clock and I/O.
//!
//! A quote is rejected if its time is more than 5 s in the future or before that of the last accepted one, or if its
//! price jumps and no second quote has confirmed that yet. That a price is above zero is ensured by its type. A jump
//! overnight may be a split: it is none from the previous close that the source gives on the new day, and where it gives none
//! the price is held.
//!
//! A source without times repeats the last price. Its `as_of` is then the time of receipt of the *first* quote with
//! that price (a new time would send every watcher a row without a change), or the last close while the exchange is
//! closed.

use super::provider::Tick;
use super::vendors::vendor::VendorQuote;
use crate::cluster::entry::Entry;
use crate::market::calendar::Calendar;
use chrono::{DateTime, NaiveDate, SubsecRound, TimeDelta, Utc};
use std::collections::HashMap;
use std::sync::Arc;
use watchtape_shared::market::TradingStatus;
use watchtape_shared::quote::Mode;
use watchtape_shared::split::SplitRatio;
use watchtape_shared::ticker::Ticker;
use watchtape_shared::{Price, Symbol};

/// How far in the future a quote's time may be.
const MAX_CLOCK_SKEW: TimeDelta = TimeDelta::seconds(5);
/// A jump is a change of more than this share of the last price and of more than this many standard deviations of the
/// changes between quotes. Both: a quiet security may open 5 % higher, a volatile one may move by a third.
const JUMP_RATIO: f64 = 0.20;
const JUMP_DEVIATIONS: f64 = 10.0;
/// The lower bound of the standard deviation of the logarithmic return.
const MIN_DEVIATION: f64 = 0.005;
/// The weight of the newest return in the variance, an exponential moving average (RiskMetrics 1996: 1 - 0.94).
const VARIANCE_WEIGHT: f64 = 0.06;
/// The largest difference of a confirming price, as a share of the unconfirmed one.
const CONFIRMATION_TOLERANCE: f64 = 0.02;

/// How long prices after an overnight jump are held where the source gives no previous close, and how far one may be from the
/// one before.
const HOLD_TIME: TimeDelta = TimeDelta::hours(1);
const HOLD_TOLERANCE: f64 = 0.05;
/// How far the first price after a split may be from the last one before it, in the new shares.
const SPLIT_TOLERANCE: f64 = 0.05;

/// Why a quote is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValidationError {
    /// Its time is in the future.
    #[error("its time is in the future")]
    Future,
    /// It is older than the last accepted quote.
    #[error("it is older than the last accepted quote")]
    Older,
    /// The price jumped and needs a second quote to confirm it.
    #[error("the price jumped: rejected until a second quote confirms it")]
    Unconfirmed,
    /// The price jumped from one trading day to the next, as it does where shares are split, and the source has given no
    /// previous close, or one in the old shares.
    #[error("the price jumped overnight as by a split: held until the previous close shows it, or for an hour")]
    Implausible,
}

/// The last accepted quote of one symbol.
#[derive(Clone, Copy, Debug)]
struct LastAccepted {
    price: Price,
    as_of: DateTime<Utc>,
    day: NaiveDate,
    /// The variance of the logarithmic returns between quotes.
    variance: f64,
}

/// A price that is held as implausible.
#[derive(Clone, Copy, Debug)]
struct Held {
    /// The newest one; each is near the one before.
    price: Price,
    since: DateTime<Utc>,
}

/// The figures of one trading day that a source has given.
#[derive(Clone, Copy, Debug, Default)]
struct DayFigures {
    previous_close: Option<Price>,
    open: Option<Price>,
    high: Option<Price>,
    low: Option<Price>,
    volume: Option<u64>,
}

/// The validator, with the last quotes of each symbol over all sources.
pub struct Validator {
    calendar: Arc<Calendar>,
    last: HashMap<Symbol, LastAccepted>,
    unconfirmed: HashMap<Symbol, Price>,
    held: HashMap<Symbol, Held>,
    /// The trading day on which a symbol's price was taken after it had been held.
    started_over: HashMap<Symbol, NaiveDate>,
    /// The figures of the trading day. A stream has none, and a call that has them may be older than the last trade
    /// streamed.
    figures: HashMap<Symbol, (NaiveDate, DayFigures)>,
}

impl Validator {
    /// A validator without any quotes.
    pub fn new(calendar: Arc<Calendar>) -> Self {
        Self {
            calendar,
            last: HashMap::new(),
            unconfirmed: HashMap::new(),
            held: HashMap::new(),
            started_over: HashMap::new(),
            figures: HashMap::new(),
        }
    }

    /// Validates a quote and converts it into a tick. `now` is the time of receipt.
    pub fn validate(
        &mut self,
        quote: &VendorQuote,
        ticker: &Ticker,
        (source, mode): (&'static str, Mode),
        now: DateTime<Utc>,
    ) -> Result<Tick, ValidationError> {
        let last = self.last.get(&quote.symbol).copied();
        let mic = ticker.mic.as_deref();
        let is_open = self.calendar.phase_at(mic, now) == TradingStatus::Open;
        // Clients get milliseconds.
        let as_of = match (quote.as_of, last) {
            (Some(as_of), _) => as_of.trunc_subsecs(3),
            (None, Some(last)) if last.price == quote.price => last.as_of,
            (None, _) if is_open => now.trunc_subsecs(3),
            (None, _) => self.calendar.last_close(mic, now).trunc_subsecs(3),
        };
        if as_of > now + MAX_CLOCK_SKEW {
            return Err(ValidationError::Future);
        }
        let day = self.calendar.trading_day(mic, as_of);
        // The closing price has the time of the close, which is the first moment after regular hours.
        let is_regular =
            self.calendar.phase_at(mic, as_of) == TradingStatus::Open || self.calendar.last_close(mic, as_of) == as_of;
        if last.is_some_and(|last| as_of < last.as_of) {
            self.update_figures(quote, day);
            return Err(ValidationError::Older);
        }
        let known_close = quote.previous_close.or(self.figures_of(&quote.symbol, day).previous_close);
        // The first price of a day is compared with the previous close of the same source, which is in the same shares.
        let overnight = last.filter(|last| last.day < day);
        let reference = match (overnight, known_close) {
            (Some(overnight), Some(close)) if is_same_close(overnight.price, close) => Some(close),
            _ => last.map(|last| last.price).or(quote.previous_close),
        };
        let deviation = last.map_or(MIN_DEVIATION, |last| last.variance.sqrt().max(MIN_DEVIATION));
        let may_be_split = |last: LastAccepted| known_close.is_none() || is_split(last.price, quote.price);
        let starts_over = match reference.filter(|reference| is_jump(*reference, quote.price, deviation)) {
            None => false,
            // Of a source without times it is not known whether this is still the last session's price.
            Some(_) if last.is_some() && quote.as_of.is_none() && !is_open => return Err(ValidationError::Implausible),
            Some(_) if overnight.is_some_and(may_be_split) => {
                if !is_regular || !self.is_held_long_enough(quote, now) {
                    return Err(ValidationError::Implausible);
                }
                true
            }
            Some(_) if self.is_confirmed(quote) => false,
            Some(_) => return Err(ValidationError::Unconfirmed),
        };
        self.unconfirmed.remove(&quote.symbol);
        self.held.remove(&quote.symbol);
        let variance = last.map_or(MIN_DEVIATION * MIN_DEVIATION, |last| {
            // Clamped, so that one confirmed jump does not let later ones pass.
            let most = JUMP_DEVIATIONS * deviation;
            let log_return = (1.0 + ratio(reference.unwrap_or(last.price), quote.price)).ln().clamp(-most, most);
            last.variance + VARIANCE_WEIGHT * (log_return * log_return - last.variance)
        });
        self.last.insert(quote.symbol, LastAccepted { price: quote.price, as_of, day, variance });
        self.update_figures(quote, day);
        if starts_over {
            self.started_over.insert(quote.symbol, day);
        }
        // A previous close in other shares would show the split as a change.
        let has_previous = self.started_over.get(&quote.symbol) != Some(&day);
        let figures = self.figures_of(&quote.symbol, day);
        Ok(Tick {
            symbol: quote.symbol,
            price: quote.price,
            as_of,
            day,
            is_extended: !is_regular,
            is_last_only: quote.is_last_only,
            previous_close: figures.previous_close.filter(|_| has_previous),
            starts_over,
            open: figures.open,
            high: figures.high,
            low: figures.low,
            volume: figures.volume,
            source,
            mode,
        })
    }
}

impl Validator {
    /// Resumes from a last value of an earlier run.
    pub fn resume(&mut self, entry: &Entry) {
        let quote = &entry.quote;
        let (Some(price), Some(as_of)) = (quote.price, quote.as_of) else { return };
        let variance = MIN_DEVIATION * MIN_DEVIATION;
        self.last.insert(quote.symbol, LastAccepted { price, as_of, day: entry.day, variance });
        let figures = DayFigures { previous_close: quote.previous_close, ..DayFigures::default() };
        self.figures.insert(quote.symbol, (entry.day, figures));
    }

    /// What sources have given of this day.
    fn figures_of(&self, symbol: &Symbol, day: NaiveDate) -> DayFigures {
        let known = self.figures.get(symbol).filter(|(of, _)| *of == day);
        known.map(|(_, figures)| *figures).unwrap_or_default()
    }

    /// Whether the last price that jumped was about the same. If not, this one is what the next may confirm.
    fn is_confirmed(&mut self, quote: &VendorQuote) -> bool {
        let before = self.unconfirmed.insert(quote.symbol, quote.price);
        before.is_some_and(|before| ratio(before, quote.price).abs() <= CONFIRMATION_TOLERANCE)
    }

    /// Whether prices near this one have been given for [`HOLD_TIME`].
    fn is_held_long_enough(&mut self, quote: &VendorQuote, now: DateTime<Utc>) -> bool {
        let known = self.held.get(&quote.symbol).filter(|held| ratio(held.price, quote.price).abs() <= HOLD_TOLERANCE);
        let since = known.map_or(now, |held| held.since);
        self.held.insert(quote.symbol, Held { price: quote.price, since });
        now - since >= HOLD_TIME
    }

    fn update_figures(&mut self, quote: &VendorQuote, day: NaiveDate) {
        let entry = self.figures.entry(quote.symbol).or_insert((day, DayFigures::default()));
        if entry.0 > day {
            return;
        }
        if entry.0 < day {
            *entry = (day, DayFigures::default());
        }
        let figures = &mut entry.1;
        figures.previous_close = quote.previous_close.or(figures.previous_close);
        figures.open = quote.open.or(figures.open);
        figures.high = quote.high.or(figures.high);
        figures.low = quote.low.or(figures.low);
        figures.volume = quote.volume.or(figures.volume);
    }
}

/// The change from one price to another, as a share of the first.
fn ratio(from: Price, to: Price) -> f64 {
    to.micros() as f64 / from.micros() as f64 - 1.0
}

/// Whether the source's previous close may be that of a session which ended at `last`: about the same, or in other shares.
fn is_same_close(last: Price, previous_close: Price) -> bool {
    ratio(last, previous_close).abs() <= JUMP_RATIO || SplitRatio::between(last, previous_close).is_some()
}

/// Whether a price overnight is about what a usual split makes of the last one.
fn is_split(last: Price, price: Price) -> bool {
    SplitRatio::near(last, price, SPLIT_TOLERANCE).is_some()
}

fn is_jump(from: Price, to: Price, deviation: f64) -> bool {
    let ratio = ratio(from, to);
    ratio.abs() > JUMP_RATIO && (1.0 + ratio).ln().abs() > JUMP_DEVIATIONS * deviation
}

#[cfg(test)]
mod tests;
