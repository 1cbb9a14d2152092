//! Where prices come from. A provider gives ticks, round by round, at its own pace; it neither checks nor stores them.

use crate::cluster::price_source::{Absent, PriceSource};
use crate::cluster::round::Entry;
use chrono::{DateTime, NaiveDate, Utc};
use futures_util::future::BoxFuture;
use watchtape_shared::market::SourceHealth;
use watchtape_shared::quote::Mode;
use watchtape_shared::{Price, Symbol};

/// What a source says of one symbol at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// Which security.
    pub symbol: Symbol,
    /// Its last price.
    pub price: Price,
    /// When that price was made.
    pub as_of: DateTime<Utc>,
    /// The trading day it belongs to: a new one begins a new open, high and low.
    pub day: NaiveDate,
    /// Whether it was made before or after the regular hours: such a price is no open, high, low or close.
    pub is_extended: bool,
    /// The last price of the day before, where the source knows it; else it is the last one seen of that day.
    pub previous_close: Option<Price>,
    /// The first price of the day, where the source knows it; else it is the first one seen.
    pub open: Option<Price>,
    /// The highest price of the day, where the source knows it; else it is the highest one seen.
    pub high: Option<Price>,
    /// The lowest price of the day, where the source knows it; else it is the lowest one seen.
    pub low: Option<Price>,
    /// Shares traded in this day so far, where the source knows it.
    pub volume: Option<u64>,
    /// The source's name.
    pub source: &'static str,
    /// How the source came to it.
    pub mode: Mode,
}

/// A source of prices.
pub trait Provider: Send {
    /// What every node is to know of the source. Does not change while it runs.
    fn source(&self) -> PriceSource;

    /// Takes up where another term of the feed left off: these are the last values.
    fn resume(&mut self, last: &[Entry]);

    /// What it covers and has no price of after all; changes as it learns. Of a source that does not tell, nothing.
    fn absent(&self) -> Absent {
        Absent::default()
    }

    /// The upstream sources behind it, and how they fare; none for a simulation or a replay.
    fn health(&self) -> Vec<SourceHealth> {
        Vec::new()
    }

    /// Waits until it is time, and gives what is new. None when the source has nothing more to give, ever.
    fn next(&mut self) -> BoxFuture<'_, Option<Vec<Tick>>>;
}
