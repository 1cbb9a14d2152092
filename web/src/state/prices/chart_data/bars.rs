//! Arithmetic of bars: the last session, aggregation into longer bars, and the newest bar as prices arrive.

use chrono::{DateTime, TimeDelta, Utc};
use watchtape_shared::{Bar, Price, Quote};

const DAY_S: i64 = 86_400;

/// How long the bars of a chart are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BarLength {
    Seconds(i64),
    /// A trading day; its date is that of clocks this far ahead of UTC.
    Day {
        offset_s: i64,
    },
}

/// The bars of the last date among them, by clocks that are this far ahead of UTC.
pub(crate) fn last_session(bars: &[Bar], offset_s: i64) -> &[Bar] {
    let date = |bar: &Bar| (bar.start.timestamp() + offset_s).div_euclid(DAY_S);
    let Some(last) = bars.last().map(date) else { return bars };
    &bars[bars.partition_point(|bar| date(bar) < last)..]
}

/// Aggregates bars into longer ones of so many seconds.
pub(crate) fn aggregated(bars: &[Bar], seconds: i64) -> Vec<Bar> {
    let mut aggregated: Vec<Bar> = Vec::new();
    for bar in bars {
        let start = start_of(bar.start, seconds);
        match aggregated.last_mut() {
            Some(held) if held.start == start => {
                let volume = held.volume.zip(bar.volume).map(|(held, more)| held + more).or(held.volume).or(bar.volume);
                *held = Bar { volume, ..held.widened_by(*bar) };
            }
            _ => aggregated.push(Bar { start, ..*bar }),
        }
    }
    aggregated
}

/// The newest bar extended by a quote, or the next bar. `None` if the quote has no price or an older one.
pub(crate) fn extended(held: Option<Bar>, quote: &Quote, length: BarLength) -> Option<Bar> {
    let (price, as_of) = (quote.price?, quote.as_of?);
    let seen = match length {
        BarLength::Seconds(seconds) => Bar::of(start_of(as_of, seconds), price),
        BarLength::Day { offset_s } => Bar {
            open: quote.open.unwrap_or(price),
            high: quote.high.unwrap_or(price),
            low: quote.low.unwrap_or(price),
            volume: quote.volume,
            ..Bar::of(start_of(as_of + TimeDelta::seconds(offset_s), DAY_S), price)
        },
    };
    match held {
        Some(held) if held.start > seen.start => None,
        Some(held) if held.start == seen.start => Some(held.widened_by(seen)),
        _ => Some(seen),
    }
}

/// The lowest and the highest of all of them.
pub(crate) fn range(bars: &[Bar]) -> Option<(Price, Price)> {
    let low = bars.iter().map(|bar| bar.low).min()?;
    Some((low, bars.iter().map(|bar| bar.high).max()?))
}

fn start_of(moment: DateTime<Utc>, seconds: i64) -> DateTime<Utc> {
    let second = moment.timestamp();
    DateTime::from_timestamp(second - second.rem_euclid(seconds), 0).unwrap_or(moment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;
    use watchtape_shared::quote::Mode;
    use watchtape_shared::{Currency, Symbol};

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).expect("a moment")
    }

    fn price(micros: i64) -> Price {
        Price::from_micros(micros).expect("a price")
    }

    fn bar(second: i64, figures: [i64; 4], volume: Option<u64>) -> Bar {
        let [open, high, low, close] = figures.map(price);
        Bar { start: at(second), open, high, low, close, volume }
    }

    fn quote(micros: i64, second: i64) -> Quote {
        Quote {
            symbol: Symbol::parse("AAPL").expect("a symbol"),
            price: Some(price(micros)),
            currency: Currency::USD,
            previous_close: None,
            open: Some(price(40)),
            high: Some(price(90)),
            low: Some(price(30)),
            volume: Some(700),
            as_of: Some(at(second)),
            source: "sim".into(),
            mode: Mode::Simulated,
            stale: false,
            reason: None,
        }
    }

    #[wasm_bindgen_test]
    fn a_session_is_of_the_exchanges_date() {
        let bars = [DAY_S - 3600, DAY_S + 3600].map(|second| bar(second, [5; 4], None));
        assert_eq!(last_session(&bars, -5 * 3600).len(), 2, "six and eight in the evening in New York");
        assert_eq!(last_session(&bars, 0).len(), 1, "before and after midnight in London");
        assert_eq!(last_session(&bars[..1], 0).len(), 1);
        assert!(last_session(&[], 0).is_empty());
    }

    #[wasm_bindgen_test]
    fn gathered_bars_hold_all_that_they_are_made_of() {
        let bars = [
            bar(1800, [5, 9, 4, 6], Some(10)),
            bar(3540, [6, 7, 2, 3], Some(5)),
            bar(3600, [3, 3, 3, 3], None),
            bar(3660, [3, 8, 3, 8], Some(1)),
        ];
        let whole = aggregated(&bars, 1800);
        assert_eq!(whole, [bar(1800, [5, 9, 2, 3], Some(15)), bar(3600, [3, 8, 3, 8], Some(1))]);
    }

    #[wasm_bindgen_test]
    fn a_price_widens_the_newest_bar_or_begins_the_next_and_an_older_one_does_neither() {
        let held = bar(60, [50, 60, 45, 55], Some(3));
        let length = BarLength::Seconds(60);
        assert_eq!(extended(Some(held), &quote(70, 119), length), Some(bar(60, [50, 70, 45, 70], Some(3))));
        assert_eq!(extended(Some(held), &quote(70, 120), length), Some(bar(120, [70; 4], None)));
        assert_eq!(extended(Some(held), &quote(70, 59), length), None);
        assert_eq!(extended(None, &quote(70, 61), length), Some(bar(60, [70; 4], None)));
    }

    #[wasm_bindgen_test]
    fn a_day_is_what_the_quote_says_of_its_session() {
        let length = BarLength::Day { offset_s: -5 * 3600 };
        let today = extended(None, &quote(70, DAY_S + 3600), length);
        assert_eq!(today, Some(bar(0, [40, 90, 30, 70], Some(700))), "still the day before in New York");
        let held = bar(0, [41, 95, 35, 50], Some(100));
        assert_eq!(extended(Some(held), &quote(70, DAY_S), length), Some(bar(0, [41, 95, 30, 70], Some(700))));
    }

    #[wasm_bindgen_test]
    fn a_range_is_of_all_bars() {
        assert_eq!(range(&[bar(0, [5, 9, 4, 6], None), bar(60, [6, 7, 2, 3], None)]), Some((price(2), price(9))));
        assert_eq!(range(&[]), None);
    }
}
