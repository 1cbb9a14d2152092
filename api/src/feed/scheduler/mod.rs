//! The schedule of one upstream source: which symbols the next call requests, and when it is made. Deterministic;
//! deliberately absent: a clock, I/O and randomness.
//!
//! [`call_pacer`] sets the earliest time of each call. Symbols without an answer come first, then those with the
//! largest `w * age²`, where `w` is watchers × recent variance. For a source with one symbol a call that minimises the
//! mean age weighted by `w` (periods proportional to `1 / sqrt(w)`; Azar et al., PNAS 2018). A source with batches
//! refreshes all watched symbols every 5 s while they fit into one call; beyond that calls are closer together, each a
//! full batch.

mod call_pacer;
mod next_call;
#[cfg(any(test, feature = "bench"))]
pub mod optimality;
#[cfg(test)]
mod property_tests;
mod suspects;
mod symbol_demand;
mod symbol_rank;

pub use next_call::{Decision, Scheduler};
pub use suspects::Failure;
pub use symbol_demand::{REFRESH_INTERVAL, SymbolDemand};
