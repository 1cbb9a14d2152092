//! What the app says: names for modes, reasons, exchanges and failures, in the words of the person who reads them.
//!
//! Deliberately absent: markup. Components decide where a sentence stands; here it is decided how it reads.

pub(crate) mod audit_event;
pub(crate) mod date_time;
pub(crate) mod device;
pub(crate) mod exchange;
pub(crate) mod failure;
pub(crate) mod flag;
pub(crate) mod highlight;
pub(crate) mod market;
