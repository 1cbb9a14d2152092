//! Applies a tick to a quote.

use crate::format::change::Trend;
use chrono::DateTime;
use watchtape_shared::Quote;
use watchtape_shared::tick_row::TickRow;

/// The later of two rows of one symbol.
pub(crate) fn newest(held: TickRow, other: TickRow) -> TickRow {
    if other.as_of_ms >= held.as_of_ms { other } else { held }
}

/// Applies a tick to a quote and returns the trend of the price. A tick older than the quote changes nothing.
pub(crate) fn apply(row: &TickRow, quote: &mut Quote) -> Trend {
    if quote.as_of.is_some_and(|as_of| as_of.timestamp_millis() > row.as_of_ms) {
        return Trend::Flat;
    }
    let before = quote.price.replace(row.price);
    quote.as_of = DateTime::from_timestamp_millis(row.as_of_ms).or(quote.as_of);
    (quote.previous_close, quote.open) = (row.previous_close, row.open);
    (quote.high, quote.low, quote.volume) = (row.high, row.low, row.volume);
    (quote.stale, quote.reason) = (row.stale.is_some(), row.stale);
    before.map_or(Trend::Flat, |before| Trend::of(row.price.micros() - before.micros()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;
    use watchtape_shared::quote::{Mode, Reason};
    use watchtape_shared::{Currency, Price, Symbol};

    fn price(text: &str) -> Price {
        Price::parse(text).expect("a price")
    }

    fn row(text: &str, as_of_ms: i64) -> TickRow {
        TickRow {
            symbol: Symbol::parse("AAPL").expect("a symbol"),
            price: price(text),
            as_of_ms,
            previous_close: Some(price("95")),
            open: Some(price("96")),
            high: Some(price("120")),
            low: Some(price("90")),
            volume: Some(7),
            stale: None,
        }
    }

    fn quote(last: Option<&str>, as_of_ms: i64) -> Quote {
        let last = last.map(price);
        Quote {
            symbol: Symbol::parse("AAPL").expect("a symbol"),
            price: last,
            currency: Currency::USD,
            previous_close: None,
            open: last,
            high: last,
            low: last,
            volume: None,
            as_of: last.and(DateTime::from_timestamp_millis(as_of_ms)),
            source: "sim".into(),
            mode: Mode::Simulated,
            stale: true,
            reason: if last.is_some() { None } else { Some(Reason::NoData) },
        }
    }

    #[wasm_bindgen_test]
    fn a_row_brings_the_price_and_the_sessions_figures_and_ends_staleness() {
        let mut held = quote(Some("100"), 1_000);
        assert_eq!(apply(&row("101.5", 2_000), &mut held), Trend::Up);
        assert_eq!((held.price, held.low, held.high), (Some(price("101.5")), Some(price("90")), Some(price("120"))));
        assert_eq!((held.previous_close, held.open, held.volume), (Some(price("95")), Some(price("96")), Some(7)));
        assert_eq!(held.as_of.map(|at| at.timestamp_millis()), Some(2_000));
        assert!(!held.stale);
        assert_eq!(apply(&row("99", 3_000), &mut held), Trend::Down);
    }

    #[wasm_bindgen_test]
    fn an_older_row_changes_nothing() {
        let mut held = quote(Some("100"), 5_000);
        let before = held.clone();
        assert_eq!(apply(&row("50", 4_999), &mut held), Trend::Flat);
        assert_eq!(held, before);
    }

    #[wasm_bindgen_test]
    fn the_first_price_replaces_the_reason_and_is_no_move() {
        let mut held = quote(None, 0);
        assert_eq!(apply(&row("7.25", 10), &mut held), Trend::Flat);
        assert_eq!((held.price, held.reason), (Some(price("7.25")), None));
    }

    #[wasm_bindgen_test]
    fn of_several_rows_the_newest_is_kept() {
        let (early, late) = (row("100", 1_000), row("110", 3_000));
        assert_eq!(newest(early, late), late);
        assert_eq!(newest(late, early), late);
    }
}
