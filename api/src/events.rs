//! What handlers tell the open sockets of an account: a list has changed, a session has ended, the server stops.
//! One message each to every worker thread; a worker that falls behind is told so, and has its sockets start over.

use tokio::sync::broadcast;
use watchtape_shared::{SessionId, UserId, WatchlistId};

const DEPTH: usize = 1024;

/// News for open sockets.
#[derive(Clone, Debug)]
pub enum Event {
    /// A list of this user was changed or deleted.
    ListChanged(UserId, WatchlistId),
    /// A session of this user ended.
    SessionEnded(UserId, SessionId),
    /// Every session of this user ended.
    SignedOut(UserId),
    /// The server stops.
    Stopping,
}

/// Carries events within the process.
pub struct Events {
    sender: broadcast::Sender<Event>,
}

impl Default for Events {
    fn default() -> Self {
        Self { sender: broadcast::channel(DEPTH).0 }
    }
}

impl Events {
    /// Tells every worker. Never waits.
    pub fn send(&self, event: Event) {
        // An error says that no worker has started yet.
        let _ = self.sender.send(event);
    }

    /// Hears events from here on.
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.sender.subscribe()
    }
}
