//! Delivery of what is in the outbox (`db::delivery`) to destinations: every node takes rows by lease, tries many at a time, and writes
//! how it went. A row is delivered at least once, under one id.
//!
//! `worker` is the loop, `backlog` decides what is tried next, `senders` makes one try, `retries` says when there is another.

pub mod backlog;
pub mod retries;
pub mod senders;
pub mod worker;

pub use senders::Senders;
pub use worker::Deliveries;
