//! The downstream half: from this node's last values to the frames of each socket.
//!
//! ```text
//!  cluster::last_values ──worker_bus──▶ worker ──▶ hub      symbol → connections, newest row of each symbol
//!                                         │
//!                                     connection            one socket: what is dirty, when it has room
//! ```
//!
//! `hub` never waits for a client: a slow connection finds fewer, newer values when it comes back. Delivery is
//! latest-value throughout, so nothing here queues prices.

pub mod state;

pub mod close_state;
pub mod hub;
pub mod market_watch;
mod ws_frame;

mod slow_clients;
pub mod worker;

pub mod connection;

pub use state::StreamState;

use crate::limits::connection_limits::TooManyConnections;
use actix_web_actors::ws;
use std::rc::Rc;
use worker::Worker;

/// Starts what a worker thread does for its sockets. Call it on the thread.
pub fn start_worker(state: &StreamState) -> Rc<Worker> {
    let worker = Worker::start(state);
    actix_web::rt::spawn(slow_clients::evict_slow_clients(worker.clone()));
    worker
}

/// Why a handshake was refused.
#[derive(Debug, thiserror::Error)]
pub enum HandshakeError {
    /// A limit on open connections is reached.
    #[error(transparent)]
    TooManyConnections(#[from] TooManyConnections),
    /// The request is no WebSocket handshake.
    #[error(transparent)]
    NotAWebSocket(#[from] ws::HandshakeError),
}
