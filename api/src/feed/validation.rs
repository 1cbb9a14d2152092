//! Whether an answer of a source is to be believed, and what it means here. No clock and no I/O of its own.
//!
//! A price is above zero by its type. Its time may not lie in the future, nor before the last that was believed. A leap
//! is held until a second answer agrees: until then the last good price stays.
//!
//! A source without times gives the last price again and again. Its `as_of` is the time of receipt of the *first* answer
//! with that price: the same price once more is no new price, and stamping it anew would send every watcher a row that
//! changes nothing. That it was confirmed shows in how long ago the feed was heard, which needs no `as_of`. While the
//! exchange is closed nothing is traded, so that such a price is as of the close at the latest.

use super::provider::Tick;
use super::vendors::vendor::VendorQuote;
use crate::cluster::round::Entry;
use crate::market::calendar::Calendar;
use chrono::{DateTime, NaiveDate, SubsecRound, TimeDelta, Utc};
use std::collections::HashMap;
use std::sync::Arc;
use watchtape_shared::market::TradingStatus;
use watchtape_shared::quote::Mode;
use watchtape_shared::ticker::Ticker;
use watchtape_shared::{Price, Symbol};

/// How far ahead of ours a source's clock may be.
const CLOCK_SKEW: TimeDelta = TimeDelta::seconds(5);
/// A leap is farther than this part of the last price, and than so many deviations of what is usual from one answer to
/// the next. Both: a quiet security may open 5 % higher, a wild one may move by a third.
const LEAP: f64 = 0.20;
const DEVIATIONS: f64 = 10.0;
/// The least deviation of the logarithm that is reckoned with.
const LEAST_DEVIATION: f64 = 0.005;
/// How much of the estimate of the variance is the last answer's (RiskMetrics 1996: 0.94 of it stays).
const NEWEST_SHARE: f64 = 0.06;
/// How near a second answer has to be to one that is held, as a part of it.
const AGREEMENT: f64 = 0.02;

/// Why an answer is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValidationError {
    /// Its time lies in the future.
    #[error("its time lies in the future")]
    Future,
    /// It is older than the last.
    #[error("it is older than the last")]
    Older,
    /// The price has leapt; a second answer has to agree.
    #[error("the price has leapt: held until a second answer agrees")]
    Held,
}

/// What was believed last of one symbol.
#[derive(Clone, Copy, Debug)]
struct Known {
    price: Price,
    as_of: DateTime<Utc>,
    /// Of the logarithmic returns from one answer to the next.
    variance: f64,
}

/// What a source has said of one trading day.
#[derive(Clone, Copy, Debug, Default)]
struct Figures {
    previous_close: Option<Price>,
    open: Option<Price>,
    high: Option<Price>,
    low: Option<Price>,
    volume: Option<u64>,
}

/// The checks, and what they remember of each symbol: of all sources together.
pub struct Validator {
    calendar: Arc<Calendar>,
    known: HashMap<Symbol, Known>,
    held: HashMap<Symbol, Price>,
    /// The figures of a trading day: a stream does not say them, and the answer that does may be older than what was
    /// streamed in the meantime.
    figures: HashMap<Symbol, (NaiveDate, Figures)>,
}

impl Validator {
    /// Nothing is known yet.
    pub fn new(calendar: Arc<Calendar>) -> Self {
        Self { calendar, known: HashMap::new(), held: HashMap::new(), figures: HashMap::new() }
    }

    /// A source's answer as a tick. `now` is the time of receipt.
    pub fn believe(
        &mut self,
        quote: &VendorQuote,
        ticker: &Ticker,
        (source, mode): (&'static str, Mode),
        now: DateTime<Utc>,
    ) -> Result<Tick, ValidationError> {
        let known = self.known.get(&quote.symbol).copied();
        let mic = ticker.mic.as_deref();
        // Milliseconds are what clients get.
        let as_of = match (quote.as_of, known) {
            (Some(as_of), _) => as_of.trunc_subsecs(3),
            (None, Some(known)) if known.price == quote.price => known.as_of,
            (None, _) if self.calendar.phase_at(mic, now) == TradingStatus::Open => now.trunc_subsecs(3),
            (None, _) => self.calendar.last_close(mic, now).trunc_subsecs(3),
        };
        if as_of > now + CLOCK_SKEW {
            return Err(ValidationError::Future);
        }
        let day = self.calendar.trading_day(mic, as_of);
        // The close itself is made at the first moment that is after hours.
        let is_regular =
            self.calendar.phase_at(mic, as_of) == TradingStatus::Open || self.calendar.last_close(mic, as_of) == as_of;
        if known.is_some_and(|known| as_of < known.as_of) {
            self.remember_figures(quote, day);
            return Err(ValidationError::Older);
        }
        // The very first price is held against the previous close that came with it.
        let base = known.map(|known| known.price).or(quote.previous_close);
        let deviation = known.map_or(LEAST_DEVIATION, |known| known.variance.sqrt().max(LEAST_DEVIATION));
        if base.is_some_and(|base| is_leap(base, quote.price, deviation)) {
            let agrees = |held: &Price| ratio(*held, quote.price).abs() <= AGREEMENT;
            if !self.held.get(&quote.symbol).is_some_and(agrees) {
                self.held.insert(quote.symbol, quote.price);
                return Err(ValidationError::Held);
            }
        }
        self.held.remove(&quote.symbol);
        let variance = known.map_or(LEAST_DEVIATION * LEAST_DEVIATION, |known| {
            // One leap that turned out true must not let every later one pass.
            let most = DEVIATIONS * deviation;
            let log_return = (1.0 + ratio(known.price, quote.price)).ln().clamp(-most, most);
            known.variance + NEWEST_SHARE * (log_return * log_return - known.variance)
        });
        self.known.insert(quote.symbol, Known { price: quote.price, as_of, variance });
        self.remember_figures(quote, day);
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
    /// Takes up what an earlier run believed.
    pub fn resume(&mut self, entry: &Entry) {
        let quote = &entry.quote;
        let (Some(price), Some(as_of)) = (quote.price, quote.as_of) else { return };
        let variance = LEAST_DEVIATION * LEAST_DEVIATION;
        self.known.insert(quote.symbol, Known { price, as_of, variance });
        let figures = Figures { previous_close: quote.previous_close, ..Figures::default() };
        self.figures.insert(quote.symbol, (entry.day, figures));
    }

    fn remember_figures(&mut self, quote: &VendorQuote, day: NaiveDate) {
        let known = self.figures.entry(quote.symbol).or_insert((day, Figures::default()));
        if known.0 > day {
            return;
        }
        if known.0 < day {
            *known = (day, Figures::default());
        }
        let figures = &mut known.1;
        figures.previous_close = quote.previous_close.or(figures.previous_close);
        figures.open = quote.open.or(figures.open);
        figures.high = quote.high.or(figures.high);
        figures.low = quote.low.or(figures.low);
        figures.volume = quote.volume.or(figures.volume);
    }
}

/// How far a price is from an earlier one, as a part of that.
fn ratio(from: Price, to: Price) -> f64 {
    to.micros() as f64 / from.micros() as f64 - 1.0
}

fn is_leap(from: Price, to: Price, deviation: f64) -> bool {
    let ratio = ratio(from, to);
    ratio.abs() > LEAP && (1.0 + ratio).ln().abs() > DEVIATIONS * deviation
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

    fn checks() -> Validator {
        Validator::new(Arc::new(Calendar::embedded().expect("the embedded table")))
    }

    fn believe(checks: &mut Validator, quote: &VendorQuote, now: DateTime<Utc>) -> Result<Tick, ValidationError> {
        checks.believe(quote, &ticker("XNAS"), ("test", Mode::Live), now)
    }

    /// Prices in cents, a second apart: what is believed of them.
    fn believed(cents: &[i64]) -> Vec<bool> {
        let mut checks = checks();
        let times = (0..).map(|second| at(NOW) + TimeDelta::seconds(second));
        cents.iter().zip(times).map(|(cents, now)| believe(&mut checks, &quote(*cents, None), now).is_ok()).collect()
    }

    #[test]
    fn a_price_a_hundred_times_too_high_is_held_and_a_true_leap_is_believed_at_the_second_answer() {
        assert_eq!(believed(&[10_000, 1_000_000, 10_010, 1_000_000, 10_000]), [true, false, true, false, true]);
        assert_eq!(believed(&[10_000, 13_000, 13_100, 13_000]), [true, false, true, true]);
        assert_eq!(believed(&[10_000, 13_000, 17_000, 13_000, 13_000]), [true, false, false, false, true]);
        assert_eq!(believed(&[10_000, 100, 101]), [true, false, true]);
        assert_eq!(believed(&[10_000, 10_500, 9_600, 11_400]), [true; 4], "gaps of an ordinary open");
    }

    #[test]
    fn the_first_price_is_held_against_the_previous_close_it_came_with() {
        let mut checks = checks();
        let first = VendorQuote { previous_close: Some(price(10_000)), ..quote(1_000_000, None) };
        assert_eq!(believe(&mut checks, &first, at(NOW)), Err(ValidationError::Held));
        let good = VendorQuote { price: price(10_100), ..first };
        assert!(believe(&mut checks, &good, at(NOW)).is_ok());
    }

    #[test]
    fn the_future_and_the_past_are_not_believed() {
        let mut checks = checks();
        let ahead = |milliseconds| quote(100, Some(at(NOW) + TimeDelta::milliseconds(milliseconds)));
        assert_eq!(believe(&mut checks, &ahead(5001), at(NOW)), Err(ValidationError::Future));
        assert!(believe(&mut checks, &ahead(5000), at(NOW)).is_ok());
        assert_eq!(believe(&mut checks, &ahead(4999), at(NOW)), Err(ValidationError::Older));
        assert!(believe(&mut checks, &ahead(5000), at(NOW)).is_ok(), "the same once more");
    }

    #[test]
    fn without_a_time_the_first_receipt_of_a_price_stands_in_and_the_close_while_closed() {
        let mut checks = checks();
        let later = at(NOW) + TimeDelta::seconds(7);
        let as_of =
            |checks: &mut Validator, cents, now| believe(checks, &quote(cents, None), now).map(|tick| tick.as_of);
        assert_eq!(as_of(&mut checks, 100, at(NOW)), Ok(at(NOW)));
        assert_eq!(as_of(&mut checks, 100, later), Ok(at(NOW)), "confirmed, not new");
        assert_eq!(as_of(&mut checks, 101, later), Ok(later));
        let saturday = at("2026-11-21T12:00:00Z");
        let tick = believe(&mut checks, &quote(102, None), saturday).expect("a tick");
        assert_eq!(
            (tick.as_of, tick.day.to_string(), tick.is_extended),
            (at("2026-11-20T21:00:00Z"), "2026-11-20".to_owned(), false)
        );
    }

    #[test]
    fn a_stream_keeps_the_previous_close_that_an_older_answer_gave() {
        let mut checks = checks();
        let (earlier, later) = (at(NOW) - TimeDelta::seconds(2), at(NOW) + TimeDelta::seconds(1));
        let streamed = believe(&mut checks, &quote(100, Some(at(NOW))), at(NOW)).expect("a tick");
        assert_eq!(streamed.previous_close, None);
        let asked = VendorQuote { previous_close: Some(price(99)), ..quote(101, Some(earlier)) };
        assert_eq!(believe(&mut checks, &asked, at(NOW)), Err(ValidationError::Older));
        let streamed = believe(&mut checks, &quote(102, Some(later)), later).expect("a tick");
        assert_eq!(streamed.previous_close, Some(price(99)));
        let monday = at("2026-11-23T15:00:00Z");
        let next_day = believe(&mut checks, &quote(102, Some(monday)), monday).expect("a tick");
        assert_eq!(next_day.previous_close, None, "of another day");
    }

    #[test]
    fn the_day_is_the_exchanges_own_and_what_is_outside_its_hours_is_extended() {
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
            let tick = checks().believe(&given, &ticker(mic), ("test", Mode::Live), at("2026-11-27T00:00:00Z"));
            let tick = tick.expect("a tick");
            assert_eq!((tick.day.to_string().as_str(), tick.is_extended), (day, is_extended), "{mic} at {as_of}");
        }
    }

    proptest! {
        /// Whatever comes: what is believed has times in order, none of them ahead, and no leap by itself.
        #[test]
        fn nothing_is_believed_out_of_order_or_leaps_alone(
            answers in prop::collection::vec((1..100_000_i64, -20..20_i64, any::<bool>()), 1..60),
        ) {
            let mut checks = checks();
            let (mut last, mut before): (Option<Tick>, Option<i64>) = (None, None);
            for (second, (cents, offset, has_time)) in (0..).zip(answers) {
                let now = at(NOW) + TimeDelta::seconds(second);
                let given = quote(cents, has_time.then(|| now + TimeDelta::seconds(offset)));
                let tick = believe(&mut checks, &given, now);
                if let Ok(tick) = tick {
                    prop_assert!(tick.as_of <= now + CLOCK_SKEW);
                    if let Some(last) = last {
                        prop_assert!(last.as_of <= tick.as_of);
                        let moved = ratio(last.price, tick.price).abs();
                        let agreed = before.is_some_and(|held| ratio(price(held), tick.price).abs() <= AGREEMENT);
                        let usual = checks.known[&tick.symbol].variance.sqrt() * DEVIATIONS * 2.0;
                        prop_assert!(moved <= LEAP || agreed || (1.0 + ratio(last.price, tick.price)).ln().abs() <= usual);
                    }
                    last = Some(tick);
                    before = None;
                } else if tick == Err(ValidationError::Held) {
                    before = Some(cents);
                }
            }
        }
    }
}
