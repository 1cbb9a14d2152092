//! Validation of vendors' quotes, and their conversion into ticks. Deliberately absent: a clock and I/O.
//!
//! A quote is rejected if its time is more than 5 s in the future or before that of the last accepted one, or if its
//! price jumps and no second quote has confirmed that yet. That a price is above zero is ensured by its type.
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
}

/// The last accepted quote of one symbol.
#[derive(Clone, Copy, Debug)]
struct LastAccepted {
    price: Price,
    as_of: DateTime<Utc>,
    /// The variance of the logarithmic returns between quotes.
    variance: f64,
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
    /// The figures of the trading day. A stream has none, and a call that has them may be older than the last trade
    /// streamed.
    figures: HashMap<Symbol, (NaiveDate, DayFigures)>,
}

impl Validator {
    /// A validator without any quotes.
    pub fn new(calendar: Arc<Calendar>) -> Self {
        Self { calendar, last: HashMap::new(), unconfirmed: HashMap::new(), figures: HashMap::new() }
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
        // Clients get milliseconds.
        let as_of = match (quote.as_of, last) {
            (Some(as_of), _) => as_of.trunc_subsecs(3),
            (None, Some(last)) if last.price == quote.price => last.as_of,
            (None, _) if self.calendar.phase_at(mic, now) == TradingStatus::Open => now.trunc_subsecs(3),
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
        // The first price is compared with the previous close in the same quote.
        let reference = last.map(|last| last.price).or(quote.previous_close);
        let deviation = last.map_or(MIN_DEVIATION, |last| last.variance.sqrt().max(MIN_DEVIATION));
        if reference.is_some_and(|reference| is_jump(reference, quote.price, deviation)) {
            let confirms = |unconfirmed: &Price| ratio(*unconfirmed, quote.price).abs() <= CONFIRMATION_TOLERANCE;
            if !self.unconfirmed.get(&quote.symbol).is_some_and(confirms) {
                self.unconfirmed.insert(quote.symbol, quote.price);
                return Err(ValidationError::Unconfirmed);
            }
        }
        self.unconfirmed.remove(&quote.symbol);
        let variance = last.map_or(MIN_DEVIATION * MIN_DEVIATION, |last| {
            // Clamped, so that one confirmed jump does not let later ones pass.
            let most = JUMP_DEVIATIONS * deviation;
            let log_return = (1.0 + ratio(last.price, quote.price)).ln().clamp(-most, most);
            last.variance + VARIANCE_WEIGHT * (log_return * log_return - last.variance)
        });
        self.last.insert(quote.symbol, LastAccepted { price: quote.price, as_of, variance });
        self.update_figures(quote, day);
        let figures = self.figures.get(&quote.symbol).filter(|(of, _)| *of == day).map(|(_, figures)| *figures);
        let figures = figures.unwrap_or_default();
        Ok(Tick {
            symbol: quote.symbol,
            price: quote.price,
            as_of,
            day,
            is_extended: !is_regular,
            previous_close: figures.previous_close,
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
        self.last.insert(quote.symbol, LastAccepted { price, as_of, variance });
        let figures = DayFigures { previous_close: quote.previous_close, ..DayFigures::default() };
        self.figures.insert(quote.symbol, (entry.day, figures));
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

fn is_jump(from: Price, to: Price, deviation: f64) -> bool {
    let ratio = ratio(from, to);
    ratio.abs() > JUMP_RATIO && (1.0 + ratio).ln().abs() > JUMP_DEVIATIONS * deviation
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use watchtape_shared::Currency;

    /// A Friday, in New York's regular hours.
    const NOW: &str = "2026-11-20T15:00:00Z";

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn price(cents: i64) -> Price {
        Price::from_micros(cents * 10_000).expect("a price")
    }

    fn ticker(mic: &str) -> Ticker {
        Ticker {
            symbol: Symbol::parse("AAPL").expect("a symbol"),
            name: String::new(),
            mic: Some(mic.to_owned()),
            currency: Currency::USD,
            country: None,
            isin: None,
            sector: None,
            indices: Vec::new(),
            rank: 1,
        }
    }

    fn quote(cents: i64, as_of: Option<DateTime<Utc>>) -> VendorQuote {
        VendorQuote {
            symbol: Symbol::parse("AAPL").expect("a symbol"),
            price: price(cents),
            as_of,
            previous_close: None,
            open: None,
            high: None,
            low: None,
            volume: None,
        }
    }

    fn validator() -> Validator {
        Validator::new(Arc::new(Calendar::embedded().expect("the embedded table")))
    }

    fn validate(validator: &mut Validator, quote: &VendorQuote, now: DateTime<Utc>) -> Result<Tick, ValidationError> {
        validator.validate(quote, &ticker("XNAS"), ("test", Mode::Live), now)
    }

    /// Which of these prices in cents, a second apart, are accepted.
    fn accepted(cents: &[i64]) -> Vec<bool> {
        let mut validator = validator();
        let times = (0..).map(|second| at(NOW) + TimeDelta::seconds(second));
        cents
            .iter()
            .zip(times)
            .map(|(cents, now)| validate(&mut validator, &quote(*cents, None), now).is_ok())
            .collect()
    }

    #[test]
    fn a_jump_is_rejected_until_a_second_quote_confirms_it() {
        assert_eq!(accepted(&[10_000, 1_000_000, 10_010, 1_000_000, 10_000]), [true, false, true, false, true]);
        assert_eq!(accepted(&[10_000, 13_000, 13_100, 13_000]), [true, false, true, true]);
        assert_eq!(accepted(&[10_000, 13_000, 17_000, 13_000, 13_000]), [true, false, false, false, true]);
        assert_eq!(accepted(&[10_000, 100, 101]), [true, false, true]);
        assert_eq!(accepted(&[10_000, 10_500, 9_600, 11_400]), [true; 4], "gaps of an ordinary open");
    }

    #[test]
    fn the_first_price_is_compared_with_its_previous_close() {
        let mut validator = validator();
        let first = VendorQuote { previous_close: Some(price(10_000)), ..quote(1_000_000, None) };
        assert_eq!(validate(&mut validator, &first, at(NOW)), Err(ValidationError::Unconfirmed));
        let good = VendorQuote { price: price(10_100), ..first };
        assert!(validate(&mut validator, &good, at(NOW)).is_ok());
    }

    #[test]
    fn future_and_older_quotes_are_rejected() {
        let mut validator = validator();
        let ahead = |milliseconds| quote(100, Some(at(NOW) + TimeDelta::milliseconds(milliseconds)));
        assert_eq!(validate(&mut validator, &ahead(5001), at(NOW)), Err(ValidationError::Future));
        assert!(validate(&mut validator, &ahead(5000), at(NOW)).is_ok());
        assert_eq!(validate(&mut validator, &ahead(4999), at(NOW)), Err(ValidationError::Older));
        assert!(validate(&mut validator, &ahead(5000), at(NOW)).is_ok(), "the same once more");
    }

    #[test]
    fn a_quote_without_a_time_gets_the_first_receipt_of_its_price_or_the_last_close() {
        let mut validator = validator();
        let later = at(NOW) + TimeDelta::seconds(7);
        let as_of = |validator: &mut Validator, cents, now| {
            validate(validator, &quote(cents, None), now).map(|tick| tick.as_of)
        };
        assert_eq!(as_of(&mut validator, 100, at(NOW)), Ok(at(NOW)));
        assert_eq!(as_of(&mut validator, 100, later), Ok(at(NOW)), "confirmed, not new");
        assert_eq!(as_of(&mut validator, 101, later), Ok(later));
        let saturday = at("2026-11-21T12:00:00Z");
        let tick = validate(&mut validator, &quote(102, None), saturday).expect("a tick");
        assert_eq!(
            (tick.as_of, tick.day.to_string(), tick.is_extended),
            (at("2026-11-20T21:00:00Z"), "2026-11-20".to_owned(), false)
        );
    }

    #[test]
    fn a_stream_keeps_the_previous_close_of_an_older_quote() {
        let mut validator = validator();
        let (earlier, later) = (at(NOW) - TimeDelta::seconds(2), at(NOW) + TimeDelta::seconds(1));
        let streamed = validate(&mut validator, &quote(100, Some(at(NOW))), at(NOW)).expect("a tick");
        assert_eq!(streamed.previous_close, None);
        let asked = VendorQuote { previous_close: Some(price(99)), ..quote(101, Some(earlier)) };
        assert_eq!(validate(&mut validator, &asked, at(NOW)), Err(ValidationError::Older));
        let streamed = validate(&mut validator, &quote(102, Some(later)), later).expect("a tick");
        assert_eq!(streamed.previous_close, Some(price(99)));
        let monday = at("2026-11-23T15:00:00Z");
        let next_day = validate(&mut validator, &quote(102, Some(monday)), monday).expect("a tick");
        assert_eq!(next_day.previous_close, None, "of another day");
    }

    #[test]
    fn the_day_is_the_exchanges_and_prices_outside_its_hours_are_extended() {
        for (mic, as_of, day, is_extended) in [
            ("XNAS", "2026-11-20T15:00:00Z", "2026-11-20", false),
            ("XNAS", "2026-11-20T21:00:00Z", "2026-11-20", false),
            ("XNAS", "2026-11-20T21:00:01Z", "2026-11-20", true),
            // After hours in New York, the next day in UTC.
            ("XNAS", "2026-11-20T00:30:00Z", "2026-11-19", true),
            ("XTKS", "2026-11-19T23:30:00Z", "2026-11-19", true),
            ("XTKS", "2026-11-20T00:30:00Z", "2026-11-20", false),
            // A Saturday, and Thanksgiving: the session before.
            ("XNAS", "2026-11-21T15:00:00Z", "2026-11-20", true),
            ("XNAS", "2026-11-26T15:00:00Z", "2026-11-25", true),
        ] {
            let given = quote(100, Some(at(as_of)));
            let tick = validator().validate(&given, &ticker(mic), ("test", Mode::Live), at("2026-11-27T00:00:00Z"));
            let tick = tick.expect("a tick");
            assert_eq!((tick.day.to_string().as_str(), tick.is_extended), (day, is_extended), "{mic} at {as_of}");
        }
    }

    proptest! {
        /// Accepted quotes have ascending times, none in the future, and no unconfirmed jump.
        #[test]
        fn no_quote_is_accepted_out_of_order_or_with_an_unconfirmed_jump(
            answers in prop::collection::vec((1..100_000_i64, -20..20_i64, any::<bool>()), 1..60),
        ) {
            let mut validator = validator();
            let (mut last, mut before): (Option<Tick>, Option<i64>) = (None, None);
            for (second, (cents, offset, has_time)) in (0..).zip(answers) {
                let now = at(NOW) + TimeDelta::seconds(second);
                let given = quote(cents, has_time.then(|| now + TimeDelta::seconds(offset)));
                let tick = validate(&mut validator, &given, now);
                if let Ok(tick) = tick {
                    prop_assert!(tick.as_of <= now + MAX_CLOCK_SKEW);
                    if let Some(last) = last {
                        prop_assert!(last.as_of <= tick.as_of);
                        let moved = ratio(last.price, tick.price).abs();
                        let difference = before.map(|before| ratio(price(before), tick.price).abs());
                        let confirmed = difference.is_some_and(|difference| difference <= CONFIRMATION_TOLERANCE);
                        let usual = validator.last[&tick.symbol].variance.sqrt() * JUMP_DEVIATIONS * 2.0;
                        let log_return = (1.0 + ratio(last.price, tick.price)).ln().abs();
                        prop_assert!(moved <= JUMP_RATIO || confirmed || log_return <= usual);
                    }
                    last = Some(tick);
                    before = None;
                } else if tick == Err(ValidationError::Unconfirmed) {
                    before = Some(cents);
                }
            }
        }
    }
}
