//! The live half: from a source's ticks to a socket's frames.
//!
//! ```text
//!  provider ──ticks──▶ feed ──round──▶ cluster         last values and one message a round, in one write
//!  (sim, replay,        ▲ │ one node      │             (in process, or Redis for many nodes)
//!   vendors)            │ └─tick─▶ bars   ▼             minutes and days, on their way to the database
//!                       │               board           each node: last values, each symbol encoded once
//!                    demand               │ bus
//!                       ▲                 ▼
//!                       └─── worker thread: worker ▶ hub      symbol → sessions, newest row of each symbol
//!                                         │
//!                                      session          one socket: what is dirty, when it has room
//! ```
//!
//! Only `feed` writes prices. `hub` never waits for a client: a session that is slow finds fewer, newer values when it
//! comes back. Delivery is latest-value throughout, so nothing here queues prices.

pub mod bars;
pub mod board;
pub mod bus;
pub mod cache;
pub mod calendar;
pub mod cluster;
pub mod connections;
pub mod demand;
pub mod feed;
pub mod history;
pub mod hub;
pub mod market;
pub mod provider;
pub mod recorder;
pub mod round;
pub mod scheduler;
pub mod session;
pub mod sparkline;
pub mod worker;
