//! What handlers tell the open sockets of an account: a list has changed, somebody may have lost access, the server stops.
//! One message each to every worker thread; a worker that falls behind is told so, and has its sockets start over.
//! Other nodes hear what is said here through the cluster.

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use watchtape_shared::{UserId, WatchlistId};

const DEPTH: usize = 1024;

/// News for open sockets.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A list of this user was changed or deleted.
    ListChanged(UserId, WatchlistId),
    /// A session or an API key of this user ended, or the account did: each socket is to look whether it may stay.
    AccessChanged(UserId),
    /// This node was cut off from the others: what they told meanwhile is not known.
    Missed,
    /// The server stops.
    Stopping,
}

/// Carries events.
pub struct Events {
    to_workers: broadcast::Sender<Event>,
    to_nodes: broadcast::Sender<Event>,
}

impl Default for Events {
    fn default() -> Self {
        Self { to_workers: broadcast::channel(DEPTH).0, to_nodes: broadcast::channel(DEPTH).0 }
    }
}

impl Events {
    /// Tells every worker of this node, and the other nodes. Never waits.
    pub fn publish(&self, event: Event) {
        // An error says that this node is alone.
        let _ = self.to_nodes.send(event.clone());
        self.publish_local(event);
    }

    /// Tells every worker of this node.
    pub fn publish_local(&self, event: Event) {
        // An error says that no worker has started yet.
        let _ = self.to_workers.send(event);
    }

    /// Hears events from here on.
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.to_workers.subscribe()
    }

    /// Hears what this node itself has to tell, from here on.
    pub fn subscribe_outgoing(&self) -> broadcast::Receiver<Event> {
        self.to_nodes.subscribe()
    }
}
