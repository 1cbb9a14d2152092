//! The status of every exchange at a moment.

use super::calendar::Calendar;
use chrono::{DateTime, Utc};
use watchtape_shared::market::Exchange;

/// Every exchange at a moment: its status, and when that changes next.
pub fn exchanges_at(calendar: &Calendar, now: DateTime<Utc>) -> Vec<Exchange> {
    let exchange = |mic: &str| {
        let moment = calendar.at(mic, now);
        Exchange {
            mic: mic.to_owned(),
            timezone: calendar.timezone(mic).name().to_owned(),
            status: moment.status,
            next_change: moment.next_change,
        }
    };
    calendar.mics().into_iter().map(exchange).collect()
}
