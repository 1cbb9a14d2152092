//! Bars: open, high, low, close and volume of a security for each minute or trading day.

use crate::split::Split;
use crate::{Invalid, Price};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How long a bar is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Interval {
    /// A minute, extended hours included.
    #[serde(rename = "1m")]
    OneMinute,
    /// A trading day's regular hours.
    #[serde(rename = "1d")]
    OneDay,
}

impl Interval {
    /// Parses `1m` or `1d`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "1m" => Ok(Self::OneMinute),
            "1d" => Ok(Self::OneDay),
            _ => Err(Invalid("an interval is 1m or 1d")),
        }
    }

    /// The interval as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OneMinute => "1m",
            Self::OneDay => "1d",
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Interval {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::parse(text)
    }
}

/// The bars of a security.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BarPage {
    /// The bars, ascending.
    pub items: Vec<Bar>,
    /// Always null: bars are asked for by time.
    #[cfg_attr(feature = "openapi", schema(example = json!(null)))]
    pub next_cursor: Option<String>,
    /// The splits that bars from before them are adjusted by; absent where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjusted: Vec<Split>,
}

/// The prices of one interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Bar {
    /// When it begins: a whole minute, or midnight (UTC) of the trading day's date.
    pub start: DateTime<Utc>,
    /// The first price.
    pub open: Price,
    /// The highest price.
    pub high: Price,
    /// The lowest price.
    pub low: Price,
    /// The last price; of a bar that has not ended, the last so far.
    pub close: Price,
    /// Shares traded; null where the source does not say.
    pub volume: Option<u64>,
}

impl Bar {
    /// A bar of a single price.
    pub fn of(start: DateTime<Utc>, price: Price) -> Self {
        Self { start, open: price, high: price, low: price, close: price, volume: None }
    }

    /// This bar with what another of the same start saw after it: its open stays, its range holds both, and its close is
    /// the later one. Of two volumes the greater counts: they grow, and one that was counted anew is not the whole.
    #[must_use]
    pub fn widened_by(self, later: Self) -> Self {
        Self {
            high: self.high.max(later.high),
            low: self.low.min(later.low),
            close: later.close,
            volume: self.volume.max(later.volume),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_reads_back_as_what_was_written() {
        for interval in [Interval::OneMinute, Interval::OneDay] {
            assert_eq!(Interval::parse(interval.as_str()), Ok(interval));
            let json = serde_json::to_string(&interval).expect("JSON");
            assert_eq!(json, format!("\"{interval}\""));
            assert_eq!(serde_json::from_str::<Interval>(&json).expect("its own output"), interval);
        }
        for text in ["", "1M", "5m", " 1d"] {
            assert!(Interval::parse(text).is_err(), "{text:?}");
        }
    }

    /// The wire format, to the letter.
    #[test]
    fn a_bar_has_this_form() {
        let text = r#"{"start":"2026-11-20T15:30:00Z","open":"188.50","high":"190.00","low":"187.90","close":"189.23","volume":null}"#;
        let bar: Bar = serde_json::from_str(text).expect("a bar");
        assert_eq!(serde_json::to_string(&bar).expect("JSON"), text);
    }

    #[test]
    fn a_widened_bar_keeps_its_open_and_forgets_nothing() {
        let price = |micros| Price::from_micros(micros).expect("a price");
        let bar = |open, high, low, close, volume| Bar {
            start: DateTime::UNIX_EPOCH,
            open: price(open),
            high: price(high),
            low: price(low),
            close: price(close),
            volume,
        };
        let stored = bar(5, 9, 4, 6, Some(70));
        assert_eq!(stored.widened_by(bar(7, 8, 3, 8, Some(20))), bar(5, 9, 3, 8, Some(70)));
        assert_eq!(stored.widened_by(bar(7, 12, 7, 12, None)), bar(5, 12, 4, 12, Some(70)));
        assert_eq!(stored.widened_by(stored), stored);
    }
}
