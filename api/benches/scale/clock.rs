//! The clock that both ends of a latency are read from.

use std::time::SystemTime;

/// Unix microseconds.
pub(crate) fn micros() -> i64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_micros() as i64)
}
