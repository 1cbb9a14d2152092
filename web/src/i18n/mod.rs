//! Domain values as text in the reader's language: modes, reasons, exchanges, failures, dates.
//!
//! Deliberately absent: markup.

pub(crate) mod alert;
pub(crate) mod audit_event;
pub(crate) mod date_time;
pub(crate) mod device;
pub(crate) mod exchange;
pub(crate) mod failure;
pub(crate) mod flag;
pub(crate) mod highlight;
pub(crate) mod market;
