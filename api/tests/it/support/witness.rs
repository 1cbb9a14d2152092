//! What a client of the stream has seen of prices: of each symbol none that is older than the last.

use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::HashMap;

/// Where a message stands among all rounds: its term and sequence number.
pub(crate) fn place_of(message: &Value) -> (u64, u64) {
    (message["term"].as_u64().expect("a term"), message["seq"].as_u64().expect("a number"))
}

/// The newest time of each symbol's price.
#[derive(Clone, Default)]
pub(crate) struct Witness {
    as_of_ms: HashMap<String, i64>,
}

impl Witness {
    /// Takes what a `snapshot` or `ticks` says. Fails if a price goes back, or is taken away.
    pub(crate) fn see(&mut self, message: &Value) {
        for (symbol, as_of_ms) in prices(message) {
            let before = self.as_of_ms.get(&symbol).copied();
            assert!(as_of_ms >= before, "{symbol} went back from {before:?} to {as_of_ms:?}: {message}");
            if let Some(as_of_ms) = as_of_ms {
                self.as_of_ms.insert(symbol, as_of_ms);
            }
        }
    }

    /// A `gap` was told: for some reasons what follows may be older.
    pub(crate) fn hear_of_gap(&mut self, message: &Value) {
        if matches!(message["reason"].as_str(), Some("clock_set" | "source_changed")) {
            self.as_of_ms.clear();
        }
    }

    /// How many symbols it has seen a price of.
    pub(crate) fn symbols(&self) -> usize {
        self.as_of_ms.len()
    }
}

/// The symbols of a message, and the time of each one's price in milliseconds; `None` without a price.
fn prices(message: &Value) -> Vec<(String, Option<i64>)> {
    let symbol = |value: &Value| value.as_str().expect("a symbol").to_owned();
    if message["type"] == "ticks" {
        let rows = message["d"].as_array().expect("rows").iter();
        return rows.map(|row| (symbol(&row[0]), row[2].as_i64())).collect();
    }
    let as_of = |quote: &Value| quote["as_of"].as_str().map(|text| text.parse::<DateTime<Utc>>().expect("a time"));
    let quotes = message["quotes"].as_array().expect("quotes").iter();
    quotes.map(|quote| (symbol(&quote["symbol"]), as_of(quote).map(|as_of| as_of.timestamp_millis()))).collect()
}
