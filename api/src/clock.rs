//! The clocks: the one place that reads them. Pure code takes the time as a parameter.

use chrono::{DateTime, Utc};
use std::time::Instant;

/// The time of day in UTC, for what is stored, sent or compared with others' clocks. May step back.
#[expect(clippy::disallowed_methods, reason = "the one place")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// A clock that only goes forward, for how long something takes or lasts.
#[expect(clippy::disallowed_methods, reason = "the one place")]
pub fn monotonic() -> Instant {
    Instant::now()
}
