//! Quotes: the last values of a symbol. A price has a value, a time, a source and a mode, or is absent with a reason.

use crate::{Currency, Price, Symbol};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How a source comes to its prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Mode {
    /// Made by a seeded random walk: nobody ever paid them.
    Simulated,
    /// Real prices of the past, played again.
    Replay,
    /// Real prices as they happen.
    Live,
    /// Real prices, later by the source's delay.
    Delayed,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 4] = [Self::Simulated, Self::Replay, Self::Live, Self::Delayed];

    /// The mode's name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Simulated => "simulated",
            Self::Replay => "replay",
            Self::Live => "live",
            Self::Delayed => "delayed",
        }
    }
}

/// Why a symbol has no price, or one that is not kept up any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Reason {
    /// The source covers the symbol and has no price for it, or has sent none yet.
    NoData,
    /// The source does not cover the symbol.
    NotCovered,
    /// The source cannot be reached, or does not answer for the symbol.
    SourceDown,
    /// The source gives a price that is too far from the last one to be believed before it is confirmed.
    Implausible,
    /// One of a later version.
    #[serde(other)]
    Other,
}

/// The last that is known of one symbol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quote {
    /// Which security.
    pub symbol: Symbol,
    /// The last price; null where `reason` says why.
    pub price: Option<Price>,
    /// What the prices are counted in.
    pub currency: Currency,
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
    /// When the price was made, by the source's clock.
    pub as_of: Option<DateTime<Utc>>,
    /// Where the price is from.
    #[cfg_attr(feature = "openapi", schema(example = "sim"))]
    pub source: String,
    /// How the source comes to its prices.
    pub mode: Mode,
    /// Whether the price is not kept up any more: the source has fallen silent, or has none for the symbol (`reason`).
    pub stale: bool,
    /// Why there is no price, or why it is stale where that is of this symbol alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}
