//! Exchanges: trading calendars and current status. Deliberately absent: prices.

pub mod calendar;
pub mod status;
