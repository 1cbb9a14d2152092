//! The live half: from a source's ticks to a socket's frames.
//!
//! ```text
//!  provider ──ticks──▶ feed ──round──▶ cache   last values, in every node's memory
//!  (sim, replay,        │                │
//!   upstream)           │                │
//!                       └────round──▶   bus    one message a round
//!                                        │
//!                     worker thread ▶ worker ▶ hub      symbol → sessions, newest row of each symbol
//!                                        │
//!                                     session           one socket: what is dirty, when it has room
//! ```
//!
//! Only `feed` writes prices. `round` encodes each symbol once. `hub` never waits for a client: a session that is slow
//! finds fewer, newer values when it comes back. Delivery is latest-value throughout, so nothing here queues prices.

pub mod bus;
pub mod cache;
pub mod calendar;
pub mod demand;
pub mod feed;
pub mod hub;
pub mod market;
pub mod provider;
pub mod round;
pub mod scheduler;
pub mod session;
pub mod worker;
