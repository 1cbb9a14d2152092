//! The status of the exchanges and of the price feed.

use crate::quote::Mode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Whether an exchange trades now, and in which hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TradingStatus {
    /// In its regular hours.
    Open,
    /// In its extended hours before the regular ones.
    PreMarket,
    /// In its extended hours after the regular ones.
    AfterHours,
    /// At none of these times, its lunch break included.
    Closed,
}

/// Why an exchange is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Closure {
    /// Outside the hours of a trading day.
    Night,
    /// In its lunch break.
    Break,
    /// On a Saturday or Sunday.
    Weekend,
    /// On a holiday.
    Holiday,
}

/// One exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Exchange {
    /// Its market identifier code (ISO 10383).
    #[cfg_attr(feature = "openapi", schema(example = "XNAS"))]
    pub mic: String,
    /// Its IANA time zone.
    #[cfg_attr(feature = "openapi", schema(example = "America/New_York"))]
    pub timezone: String,
    /// Whether it trades now.
    pub status: TradingStatus,
    /// When that changes; null where it does not trade for weeks.
    pub next_change: Option<DateTime<Utc>>,
    /// Its status from `next_change` on: after a night it may be that of the pre-market. Null with it.
    #[serde(default)]
    pub next_status: Option<TradingStatus>,
    /// When regular hours begin next; where it is open, after the coming break or night. Null where it does not trade for
    /// weeks.
    #[serde(default)]
    pub next_open: Option<DateTime<Utc>>,
    /// Why it is closed; null where it is not.
    #[serde(default)]
    pub closure: Option<Closure>,
    /// Whether today is past the end of the server's calendar, so that its regular hours are assumed.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(example = false))]
    pub assumed: bool,
}

/// How the feed fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum FeedStatus {
    /// No round has been published yet.
    Starting,
    /// Rounds arrive.
    Running,
    /// Rounds have stopped arriving; the last values are kept and marked stale.
    Stale,
    /// The recording has been played to its end; the last values are kept and marked stale.
    Ended,
}

/// The price feed: where prices come from and how old they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Feed {
    /// The source's name.
    #[cfg_attr(feature = "openapi", schema(example = "sim"))]
    pub source: String,
    /// How it comes to its prices.
    pub mode: Mode,
    /// How it fares.
    pub status: FeedStatus,
    /// The run of rounds that `seq` counts in.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(example = "iKvLmJ1Z00ax"))]
    pub epoch: String,
    /// The number of the time for which one node has run the feed. It only rises: rounds are ordered by `term` and `seq`.
    #[serde(default)]
    pub term: u64,
    /// The number of the last round.
    pub seq: u64,
    /// Milliseconds since the last round; null before the first.
    pub age_ms: Option<u64>,
    /// Whether this node is cut off from the cluster's cache and bus: it answers from its memory.
    #[serde(default)]
    pub degraded: bool,
    /// The upstream sources behind the feed, in the order in which they are asked; none for a simulation or a replay.
    #[serde(default)]
    pub sources: Vec<SourceHealth>,
}

/// How an upstream source fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SourceStatus {
    /// It has not been asked yet: nobody watches, or the exchanges are closed.
    Idle,
    /// It answered the last call.
    Up,
    /// Its calls fail; it is asked again now and then.
    Down,
    /// Its limit is exhausted for now.
    Limited,
    /// It refuses the key.
    Refused,
}

/// One upstream source: its health and what is left of its budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceHealth {
    /// The source's name.
    #[cfg_attr(feature = "openapi", schema(example = "finnhub"))]
    pub source: String,
    /// How it comes to its prices.
    pub mode: Mode,
    /// How it fares.
    pub status: SourceStatus,
    /// What was wrong last; null where nothing is.
    #[cfg_attr(feature = "openapi", schema(example = "the rate limit is exhausted"))]
    pub detail: Option<String>,
    /// When it last answered.
    pub last_success: Option<DateTime<Utc>>,
    /// Calls made today (UTC), those of other nodes and earlier runs included.
    pub calls_today: u64,
    /// Calls that are left today; null where the source sets no limit by the day.
    pub budget_left: Option<u64>,
    /// Whether it streams to this cluster now.
    pub streaming: bool,
}

/// The answer of `GET /market` and the `market` message of the stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Market {
    /// The exchanges of the catalogue.
    pub exchanges: Vec<Exchange>,
    /// The price feed.
    pub feed: Feed,
}
