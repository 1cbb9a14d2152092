//! Exchanges: when they trade, and whether they do at this moment.

pub mod calendar;
pub mod status;
