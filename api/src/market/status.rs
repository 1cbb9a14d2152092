//! The current status of every exchange, as clients get it.

use super::calendar::Calendar;
use chrono::{DateTime, Utc};
use watchtape_shared::market::Exchange;

/// The status of every exchange at a time, and when it changes next.
pub fn exchanges_at(calendar: &Calendar, now: DateTime<Utc>) -> Vec<Exchange> {
    let exchange = |mic: String| {
        let status = calendar.status_at(&mic, now);
        Exchange {
            timezone: calendar.timezone(&mic).name().to_owned(),
            mic,
            status: status.status,
            next_change: status.next_change,
            next_status: status.next_status,
            next_open: status.next_open,
            closure: status.closure,
            assumed: status.is_assumed,
        }
    };
    calendar.mics().into_iter().map(exchange).collect()
}
