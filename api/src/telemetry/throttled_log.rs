//! Log lines that would come again and again while something is out of order: one of a kind a second, or one a cause.

use crate::clock;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

const INTERVAL: Duration = Duration::from_secs(1);

/// Lets one of its callers a second log.
#[derive(Debug, Default)]
pub struct ThrottledLog(Mutex<Option<Instant>>);

impl ThrottledLog {
    /// For a static.
    pub const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Whether this caller is to log.
    pub fn is_due(&self) -> bool {
        self.is_due_at(clock::monotonic())
    }

    fn is_due_at(&self, now: Instant) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.is_none_or(|last| now.saturating_duration_since(last) >= INTERVAL);
        if is_due {
            *last = Some(now);
        }
        is_due
    }
}

/// The cause of a failure that is tried again and again: it is logged once, until it is another.
#[derive(Debug, Default)]
pub struct LastCause(String);

impl LastCause {
    /// Whether this is another cause than the last, and to be logged.
    pub fn is_new(&mut self, cause: &str) -> bool {
        let is_new = self.0 != cause;
        if is_new {
            cause.clone_into(&mut self.0);
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_a_second() {
        let (log, start) = (ThrottledLog::new(), clock::monotonic());
        let due = [0, 10, 999, 1_000, 1_001, 2_500].map(|ms| log.is_due_at(start + Duration::from_millis(ms)));
        assert_eq!(due, [true, false, false, true, false, true]);
    }
}
