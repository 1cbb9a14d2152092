//! A symbol's row of a `ticks` message, encoded once on each node for all connections that read it.

use super::entry::Entry;
use bytes::Bytes;
use watchtape_shared::tick_row::TickRow;

/// An entry with its row of a `ticks` message, encoded once per node.
#[derive(Clone, Debug)]
pub struct EncodedRow {
    /// The entry.
    pub entry: Entry,
    /// `["AAPL","189.23",1763800000119,"188.10","188.50","190.00","187.90",51234567]`
    pub row: Bytes,
}

impl EncodedRow {
    /// Encodes an entry; `None` without a price, as a row needs one.
    pub fn new(entry: Entry) -> Option<Self> {
        let row = serde_json::to_vec(&TickRow::of(&entry.quote)?).ok()?;
        Some(Self { entry, row: row.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use std::sync::Arc;
    use watchtape_shared::quote::Mode;
    use watchtape_shared::{Currency, Symbol};
    use watchtape_shared::{Price, Quote};

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
        let update = EncodedRow::new(entry(quote.clone())).expect("a priced quote");
        assert_eq!(update.row, r#"["BRK.B","189.23",1763800000119,"188.10",null,"189.23",null,7]"#);
        let row: TickRow = serde_json::from_slice(&update.row).expect("a row");
        assert_eq!(Some(row), TickRow::of(&quote));
        assert!(EncodedRow::new(entry(Quote { price: None, ..quote })).is_none());
    }
}
