//! A symbol's entry in the cluster's store: its quote, and what the next trading day needs of this one.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
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

impl Entry {
    /// Whether its price is of a later time than that of another entry of the symbol, from the same source.
    pub fn is_newer_than(&self, other: &Self) -> bool {
        let (own, other) = (&*self.quote, &*other.quote);
        own.source == other.source && own.mode == other.mode && own.as_of > other.as_of
    }
}
