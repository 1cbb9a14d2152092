//! Sparklines: the latest trading session of a symbol in at most 60 points.

use crate::{Price, Symbol};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The most points of a sparkline.
pub const MAX_POINTS: usize = 60;

/// The prices of a symbol's latest session, evened into steps of one length.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sparkline {
    /// Which security.
    pub symbol: Symbol,
    /// When the step of the first point begins; of a session without a price, when that began.
    pub start: DateTime<Utc>,
    /// How long a step is, in seconds: whole minutes.
    #[cfg_attr(feature = "openapi", schema(example = 420))]
    pub step_s: u32,
    /// The last price of each step, at most 60. The first and the last are prices; one in between is null where nobody saw
    /// a price in that step: a line that is drawn has a gap there.
    #[cfg_attr(feature = "openapi", schema(example = json!(["188.10", null, "189.23"]), max_items = 60))]
    pub points: Vec<Option<Price>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The wire format, to the letter.
    #[test]
    fn a_sparkline_has_this_form() {
        let text = r#"{"symbol":"AAPL","start":"2026-11-20T14:30:00Z","step_s":420,"points":["188.10",null,"189.23"]}"#;
        let line: Sparkline = serde_json::from_str(text).expect("a sparkline");
        assert_eq!(serde_json::to_string(&line).expect("JSON"), text);
    }
}
