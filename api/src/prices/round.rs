//! One round of the feed: what changed, and how it looks on the wire.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use watchtape_shared::Quote;
use watchtape_shared::stream::TickRow;

/// A symbol's new values, with its row of a `ticks` message, encoded once for all who read it.
#[derive(Clone, Debug)]
pub struct Update {
    /// The whole of what is known.
    pub quote: Arc<Quote>,
    /// `["AAPL","189.23",1763800000119,"188.10","188.50","190.00","187.90",51234567]`
    pub row: Bytes,
}

impl Update {
    /// Encodes a quote; none where it has no price, which no row can say.
    pub fn new(quote: Arc<Quote>) -> Option<Self> {
        let row = serde_json::to_vec(&TickRow::of(&quote)?).ok()?;
        Some(Self { quote, row: row.into() })
    }
}

/// What changed since the round before.
#[derive(Debug)]
pub struct Round {
    /// Counts the rounds of this run of the feed, from 1.
    pub seq: u64,
    /// When the feed published it.
    pub published_at: DateTime<Utc>,
    /// The symbols that changed, each once.
    pub updates: Vec<Update>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchtape_shared::quote::Mode;
    use watchtape_shared::{Currency, Price, Symbol};

    #[test]
    fn a_row_reads_back_as_what_was_written() {
        let symbol = Symbol::parse("BRK.B").expect("a symbol");
        let price = Price::parse("189.23").expect("a price");
        let as_of = DateTime::from_timestamp_millis(1_763_800_000_119).expect("a time");
        let quote = Quote {
            symbol,
            price: Some(price),
            currency: Currency::USD,
            previous_close: Price::from_micros(188_100_000),
            open: None,
            high: Some(price),
            low: None,
            volume: Some(7),
            as_of: Some(as_of),
            source: "sim".to_owned(),
            mode: Mode::Simulated,
            stale: false,
            reason: None,
        };
        let update = Update::new(Arc::new(quote.clone())).expect("a priced quote");
        assert_eq!(update.row, r#"["BRK.B","189.23",1763800000119,"188.10",null,"189.23",null,7]"#);
        let row: TickRow = serde_json::from_slice(&update.row).expect("a row");
        assert_eq!(Some(row), TickRow::of(&quote));
        assert!(Update::new(Arc::new(Quote { price: None, ..quote })).is_none());
    }
}
