//! What goes into the evaluator, and what comes out.

use super::key::AlertKey;
use crate::db::alert_value::StoredValue;
use chrono::{DateTime, NaiveDate, Utc};
use std::borrow::Cow;
use watchtape_shared::alert::AlertSession;
use watchtape_shared::quote::Mode;
use watchtape_shared::{Price, Symbol};

/// A price of a symbol that alerts are compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// The security.
    pub symbol: Symbol,
    /// The last price.
    pub price: Price,
    /// The last price of the session before.
    pub previous_close: Option<Price>,
    /// When the price was made.
    pub as_of: DateTime<Utc>,
    /// When it came to this node.
    pub seen_at: DateTime<Utc>,
    /// Its trading day.
    pub day: NaiveDate,
    /// Whether it is from outside regular hours.
    pub is_extended: bool,
    /// Whether it is not new: it was known when this node began to run the feed.
    pub is_known: bool,
    /// How its source comes to it.
    pub mode: Mode,
    /// Where it is from.
    pub source: Cow<'static, str>,
}

impl Value {
    /// The same as it is stored: as the last of a session, which the next value is compared with.
    pub(super) fn as_last_of(&self, session: AlertSession) -> StoredValue {
        StoredValue {
            symbol: self.symbol,
            session,
            price: self.price,
            previous_close: self.previous_close,
            as_of: self.as_of,
            seen_at: self.seen_at,
            day: self.day,
            mode: self.mode,
        }
    }
}

/// An alert whose condition was met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// The alert.
    pub key: AlertKey,
    /// Its arming number, which no other trigger has.
    pub arming: u32,
    /// Whether it does not trigger again.
    pub is_last: bool,
    /// The security.
    pub symbol: Symbol,
    /// The price that met it; `None` where it is that there was none.
    pub price: Option<Price>,
    /// The price before, that was compared with; `None` where there was none since the alert was armed.
    pub previous_price: Option<Price>,
    /// When the price was made.
    pub as_of: DateTime<Utc>,
    /// When it came to the node.
    pub seen_at: DateTime<Utc>,
    /// Its trading day.
    pub day: NaiveDate,
    /// The last price of the session before.
    pub previous_close: Option<Price>,
    /// Whether it is from outside regular hours.
    pub is_extended: bool,
    /// Where it is from.
    pub source: Cow<'static, str>,
    /// How its source comes to it.
    pub mode: Mode,
    /// Where no node compared prices in between: since when, so that it may be late.
    pub unwatched_since: Option<DateTime<Utc>>,
}

/// Since when an exchange is open, and its trading day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenSince {
    /// When it opened.
    pub at: DateTime<Utc>,
    /// The trading day.
    pub day: NaiveDate,
}

/// Asks for the extremes of the days before a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExtremesRequest {
    /// The security.
    pub symbol: Symbol,
    /// How many trading days.
    pub days: u16,
    /// The day that they precede.
    pub day: NaiveDate,
}

/// The highest high and the lowest low of the days before a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extremes {
    /// The highest high.
    pub high: Price,
    /// The lowest low.
    pub low: Price,
}
