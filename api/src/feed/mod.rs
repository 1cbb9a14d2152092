//! The upstream half: from a source's ticks to rounds for every node.
//!
//! ```text
//!  provider ──ticks──▶ price_publisher ──round──▶ cluster
//!  (simulation, replay,      ▲  one node, by lease
//!   upstream: vendors)       │
//!                         demand (what somebody watches, over all nodes)
//! ```
//!
//! Only `price_publisher` writes prices.

pub mod price_publisher;
pub mod provider;
pub mod replay;
pub mod scheduler;
pub mod simulation;
pub mod upstream;
pub mod validation;
pub mod vendors;
