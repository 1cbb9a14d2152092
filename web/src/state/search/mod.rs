//! The command palette: its text, its results and the actions it offers.

pub(crate) mod actions;
pub(crate) mod alert_query;
mod name_match;
pub(crate) mod palette;
pub(crate) mod recent_securities;
pub(crate) mod results;
