//! Upstream: providers of ticks (simulation, replay, vendors) and the price publisher, which sends them to every node
//! as rounds.
//!
//! ```text
//!  provider ──ticks──▶ price_publisher ──round──▶ cluster
//!  (simulation, replay,        on the node with the lease
//!   upstream: vendors)
//!      ▲
//!    demand (watched symbols of all nodes)
//! ```
//!
//! Only `price_publisher` writes prices.

pub mod price_publisher;
pub mod provider;
pub mod replay;
mod round_builder;
pub mod scheduler;
pub mod simulation;
pub mod upstream;
pub mod validation;
pub mod vendors;
