//! The demand for one symbol, and how often it is refreshed.

use chrono::{DateTime, TimeDelta, Utc};

/// The refresh interval of a watched symbol where the budget allows it. Shorter ones would leave no free slot for a
/// symbol without a price.
pub const REFRESH_INTERVAL: TimeDelta = TimeDelta::seconds(5);
/// The refresh interval of streamed symbols and of those that the source has no price of.
pub(super) const SLOW_REFRESH_INTERVAL: TimeDelta = TimeDelta::seconds(60);

/// The demand for one symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SymbolDemand {
    /// The number of watchers. With 0 the symbol is not requested.
    pub watchers: u32,
    /// Whether its exchange is trading.
    pub is_trading: bool,
    /// When the source has the close of the last trading session; may be in the future. Read while the exchange is
    /// closed.
    pub last_close_at: Option<DateTime<Utc>>,
    /// Whether its price is streamed, so that it is requested only once a minute.
    pub is_streamed: bool,
}
