//! From the feed to every worker thread: one message a round. A worker that falls behind loses rounds, never the newest
//! values: it reads the cache again.

use super::cache::State;
use super::round::Round;
use std::sync::Arc;
use tokio::sync::broadcast;

/// How many rounds a worker may be behind.
const DEPTH: usize = 64;

/// Carries rounds within the process.
pub struct Bus {
    sender: broadcast::Sender<Arc<Round>>,
}

impl Default for Bus {
    fn default() -> Self {
        Self { sender: broadcast::channel(DEPTH).0 }
    }
}

/// What a reader of the bus finds.
pub enum Received {
    /// The next round.
    Round(Arc<Round>),
    /// Rounds were lost: start again from the cache.
    Lagged,
}

impl Bus {
    /// Sends a round to every reader. Never waits.
    pub fn publish(&self, round: Arc<Round>) {
        // An error says that nobody reads yet.
        let _ = self.sender.send(round);
    }

    /// Reads from here on.
    pub fn subscribe(&self) -> Reader {
        Reader { receiver: self.sender.subscribe() }
    }
}

/// One reader of the bus.
pub struct Reader {
    receiver: broadcast::Receiver<Arc<Round>>,
}

impl Reader {
    /// Waits for the next round. None once the feed has gone for good.
    pub async fn next(&mut self) -> Option<Received> {
        match self.receiver.recv().await {
            Ok(round) => Some(Received::Round(round)),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Received::Lagged),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

/// The cache's contents as one round: what a reader that lost some catches up with.
pub fn catch_up(state: &State) -> Round {
    Round { seq: state.seq, published_at: chrono::Utc::now(), updates: state.updates.values().cloned().collect() }
}
