//! Events for an account's open connections: a changed watchlist, changed access, the server's stop. Broadcast to every
//! worker thread; one that falls behind is notified and restarts its connections. The cluster forwards events to other
//! nodes.

use crate::telemetry::traces::TraceContext;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::broadcast;
use watchtape_shared::alert::AlertEvent;
use watchtape_shared::{UserId, WatchlistId};

/// Events that a worker may be behind.
const CHANNEL_CAPACITY: usize = 1024;

/// An event for open connections.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A watchlist of this user was made, changed or deleted, and so the set of them was.
    ListChanged(UserId, WatchlistId),
    /// The set of this user's watchlists is another than connections of this node know. Never sent to other nodes.
    ListSetChanged(UserId),
    /// A session or API key of this user, or the account, has ended: each connection checks its access again.
    AccessChanged(UserId),
    /// An alert of this user has triggered.
    AlertTriggered(UserId, Arc<AlertEvent>),
    /// Events of any account may have been missed.
    Missed,
    /// This node was disconnected from the others, and hears them again.
    Rejoined,
    /// The server is stopping.
    Stopping,
}

/// An event with the span that it came of.
#[derive(Clone, Debug)]
pub struct Published {
    /// What happened.
    pub event: Event,
    /// The request that made it happen, where it is traced.
    pub trace: TraceContext,
}

/// Broadcasts events within the process and to other nodes.
pub struct Events {
    to_workers: broadcast::Sender<Published>,
    to_nodes: broadcast::Sender<Published>,
}

impl Default for Events {
    fn default() -> Self {
        Self { to_workers: broadcast::channel(CHANNEL_CAPACITY).0, to_nodes: broadcast::channel(CHANNEL_CAPACITY).0 }
    }
}

impl Events {
    /// Publishes to every worker of this node and to the other nodes. Never blocks.
    pub fn publish(&self, event: Event) {
        let published = Published { event, trace: TraceContext::current() };
        // An error means that there are no other nodes.
        let _ = self.to_nodes.send(published.clone());
        self.forward(published);
    }

    /// Publishes to every worker of this node.
    pub fn publish_local(&self, event: Event) {
        self.forward(Published { event, trace: TraceContext::current() });
    }

    /// Publishes to every worker of this node what another node has published.
    pub fn forward(&self, published: Published) {
        // An error means that no worker has started yet.
        let _ = self.to_workers.send(published);
    }

    /// Receives all events from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Published> {
        self.to_workers.subscribe()
    }

    /// Receives this node's own events from now on, to forward them.
    pub fn subscribe_outgoing(&self) -> broadcast::Receiver<Published> {
        self.to_nodes.subscribe()
    }
}
