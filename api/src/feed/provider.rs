//! The [`Provider`] trait: a source of ticks in batches, at its own pace. Deliberately absent: storing and publishing,
//! which are the price publisher's.

use crate::cluster::entry::Entry;
use crate::cluster::source_description::{PriceSource, UnpricedSymbols};
use chrono::{DateTime, NaiveDate, Utc};
use futures_util::future::BoxFuture;
use watchtape_shared::market::SourceHealth;
use watchtape_shared::quote::Mode;
use watchtape_shared::{Price, Symbol};

/// A price of one symbol at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// The security.
    pub symbol: Symbol,
    /// The last price.
    pub price: Price,
    /// The time of the price.
    pub as_of: DateTime<Utc>,
    /// Its trading day. Open, high and low restart with a new one.
    pub day: NaiveDate,
    /// Whether it is from outside regular hours: then it is no open, high, low or close.
    pub is_extended: bool,
    /// Whether the trade counts for the last price alone: then it is in no bar, and no open, high, low or close either.
    pub is_last_only: bool,
    /// The previous close from the source; without it the last regular price seen of the previous day.
    pub previous_close: Option<Price>,
    /// Whether it cannot be compared with the values before it: the day has no previous close.
    pub starts_over: bool,
    /// The day's open from the source; without it the first regular price seen.
    pub open: Option<Price>,
    /// The day's high from the source; without it the highest regular price seen.
    pub high: Option<Price>,
    /// The day's low from the source; without it the lowest regular price seen.
    pub low: Option<Price>,
    /// The day's volume so far in shares, from the source.
    pub volume: Option<u64>,
    /// The source's name.
    pub source: &'static str,
    /// Whether it is live, delayed, simulated or replayed.
    pub mode: Mode,
}

/// A source of prices.
pub trait Provider: Send {
    /// The source's name, mode and coverage; constant.
    fn source(&self) -> PriceSource;

    /// Resumes from the last values of an earlier run, on this node or another.
    fn resume(&mut self, last: &[Entry]);

    /// The covered symbols without a price, with the reason; empty for a source that gives no reasons.
    fn unpriced(&self) -> UnpricedSymbols {
        UnpricedSymbols::default()
    }

    /// The health of the vendors; empty for a simulation or a replay.
    fn health(&self) -> Vec<SourceHealth> {
        Vec::new()
    }

    /// Waits for the next batch of ticks; may be empty. `None` when the source has ended for good.
    fn next(&mut self) -> BoxFuture<'_, Option<Vec<Tick>>>;
}
