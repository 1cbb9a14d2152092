//! Price alerts.

mod engine;
mod failover;
mod story;
