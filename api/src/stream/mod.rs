//! The price stream over WebSocket: from this node's last values to the frames of each connection.
//!
//! ```text
//!  cluster::last_values ──worker_bus──▶ worker ──▶ hub      symbol → connections, newest row of each symbol
//!                                         │
//!                                     connection            one socket: encodes dirty rows when it has room
//! ```
//!
//! Delivery is latest-value: a client that reads slowly gets fewer, newer values. `hub` never waits for a client, and no
//! queue holds prices.

pub mod state;

pub mod close_state;
pub mod followed_lists;
pub mod hub;
pub mod market_watch;
pub mod reconciliation;
mod ws_frame;

pub mod notices;
mod slow_clients;
pub mod worker;

pub mod connection;

pub use state::StreamState;

use crate::limits::connection_limits::TooManyConnections;
use actix_web_actors::ws;
use std::rc::Rc;
use worker::Worker;

/// Starts the stream's tasks of one worker thread. Must be called on that thread.
pub fn start_worker(state: &StreamState) -> Rc<Worker> {
    let worker = Worker::start(state);
    let evicting = worker.clone();
    state.tasks.supervise("worker_slow_clients", move || slow_clients::evict_slow_clients(evicting.clone()));
    worker
}

/// Why a handshake was refused.
#[derive(Debug, thiserror::Error)]
pub enum HandshakeError {
    /// A limit on open connections is reached.
    #[error(transparent)]
    TooManyConnections(#[from] TooManyConnections),
    /// The handshake is of another version than 13.
    #[error("another version of the WebSocket protocol")]
    OtherVersion,
    /// The handshake breaks RFC 6455, section 4.2.1.
    #[error("{0}")]
    Malformed(&'static str),
    /// The request is not a WebSocket handshake.
    #[error(transparent)]
    NotAWebSocket(#[from] ws::HandshakeError),
}
