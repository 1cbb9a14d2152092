//! Price alerts: what prices trigger, on the node that runs the feed, and what they would have triggered. Deliberately absent:
//! sending, which is `notify`'s, and the alerts' own requests, which are `http`'s.
//!
//! ```text
//!  feed ──ticks──▶ inbox ──▶ engine ──values──▶ evaluator ──triggers──▶ engine ──▶ db (disarming, trigger, outbox)
//! ```
//!
//! The evaluator is pure: values in, triggers out. The engine loads alerts, hands it values and time, and writes what comes out.

pub mod daily_extremes;
pub mod engine;
pub mod evaluator;
pub mod inbox;
pub mod preview;
pub mod runner;

mod change_log;
#[cfg(test)]
mod examples;
mod loading;
mod open_hours;
mod outbox;
mod storing;
mod term;

pub use engine::{AlertEngine, AlertsChanged};

/// The alerts, as handlers need them.
pub struct Alerts {
    /// The most alerts of one account.
    pub most_of_account: usize,
    /// Told when alerts have changed.
    pub changed: AlertsChanged,
}
