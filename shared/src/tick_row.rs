//! A row of the stream's `ticks`: what one symbol's price is now.

use crate::quote::Reason;
use crate::{Price, Quote, Symbol};
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One row of [`Ticks`](crate::stream::Ticks): on the wire an array of its fields in this order, with null for what is not known. The session's
/// figures are in every row: a client that was spared rounds, or a whole night, still has them right. More may follow in
/// the array one day, so what stands behind is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TickRow {
    /// Which security.
    pub symbol: Symbol,
    /// Its price.
    pub price: Price,
    /// When the price was made, in Unix milliseconds.
    pub as_of_ms: i64,
    /// The last price of the session before.
    pub previous_close: Option<Price>,
    /// The first price of this session.
    pub open: Option<Price>,
    /// The highest price of this session.
    pub high: Option<Price>,
    /// The lowest price of this session.
    pub low: Option<Price>,
    /// Shares traded in this session.
    pub volume: Option<u64>,
    /// Why the price is not kept up any more; not on the wire where it is.
    pub stale: Option<Reason>,
}

impl TickRow {
    /// The row of a quote; none where it has no price, which no row can say.
    pub fn of(quote: &Quote) -> Option<Self> {
        Some(Self {
            symbol: quote.symbol,
            price: quote.price?,
            as_of_ms: quote.as_of?.timestamp_millis(),
            previous_close: quote.previous_close,
            open: quote.open,
            high: quote.high,
            low: quote.low,
            volume: quote.volume,
            stale: quote.reason,
        })
    }
}

impl Serialize for TickRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { symbol, price, as_of_ms, previous_close, open, high, low, volume, stale } = self;
        match stale {
            None => (symbol, price, as_of_ms, previous_close, open, high, low, volume).serialize(serializer),
            Some(reason) => {
                (symbol, price, as_of_ms, previous_close, open, high, low, volume, reason).serialize(serializer)
            }
        }
    }
}

impl<'de> Deserialize<'de> for TickRow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Row;

        impl<'de> Visitor<'de> for Row {
            type Value = TickRow;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an array that begins with symbol, price and milliseconds")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<TickRow, A::Error> {
                let missing = |at| serde::de::Error::invalid_length(at, &self);
                let row = TickRow {
                    symbol: seq.next_element()?.ok_or_else(|| missing(0))?,
                    price: seq.next_element()?.ok_or_else(|| missing(1))?,
                    as_of_ms: seq.next_element()?.ok_or_else(|| missing(2))?,
                    previous_close: seq.next_element()?.flatten(),
                    open: seq.next_element()?.flatten(),
                    high: seq.next_element()?.flatten(),
                    low: seq.next_element()?.flatten(),
                    volume: seq.next_element()?.flatten(),
                    stale: seq.next_element()?.flatten(),
                };
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(row)
            }
        }

        deserializer.deserialize_seq(Row)
    }
}
