//! A round: the symbols that changed since the last one, as stored and sent between nodes, and as encoded for clients.

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use watchtape_shared::stream::TickRow;
use watchtape_shared::{Price, Quote};

/// A symbol's last values, as the feed stores them and sends them to other nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The trading day of the price.
    pub day: NaiveDate,
    /// The last regular price of that day, the next day's previous close.
    pub close: Option<Price>,
    /// The quote.
    pub quote: Arc<Quote>,
}

/// An entry with its row of a `ticks` message, encoded once per node.
#[derive(Clone, Debug)]
pub struct Update {
    /// The entry.
    pub entry: Entry,
    /// `["AAPL","189.23",1763800000119,"188.10","188.50","190.00","187.90",51234567]`
    pub row: Bytes,
}

impl Update {
    /// Encodes an entry; `None` without a price, as a row needs one.
    pub fn new(entry: Entry) -> Option<Self> {
        let row = serde_json::to_vec(&TickRow::of(&entry.quote)?).ok()?;
        Some(Self { entry, row: row.into() })
    }
}

/// A round or a snapshot as it is stored and sent between nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// The epoch: sequence numbers are ordered only within one.
    pub epoch: Arc<str>,
    /// The sequence number within the epoch, from 1.
    pub seq: u64,
    /// When the feed published it.
    pub published_at: DateTime<Utc>,
    /// The symbols that changed, each once; in a snapshot all with a price.
    pub entries: Vec<Entry>,
}

/// A round for the worker threads, with encoded rows.
#[derive(Debug)]
pub struct Round {
    /// The sequence number within the epoch.
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
    use watchtape_shared::{Currency, Symbol};

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
        let entry = |quote| Entry { day: as_of.date_naive(), close: None, quote: Arc::new(quote) };
        let update = Update::new(entry(quote.clone())).expect("a priced quote");
        assert_eq!(update.row, r#"["BRK.B","189.23",1763800000119,"188.10",null,"189.23",null,7]"#);
        let row: TickRow = serde_json::from_slice(&update.row).expect("a row");
        assert_eq!(Some(row), TickRow::of(&quote));
        assert!(Update::new(entry(Quote { price: None, ..quote })).is_none());
    }
}
