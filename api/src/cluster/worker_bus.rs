//! From the board to every worker thread of this node: one message a round. A worker that falls behind loses rounds,
//! never the newest values: it reads the cache again.

use super::round::Round;
use std::sync::Arc;
use tokio::sync::broadcast;

/// How many rounds a worker may be behind.
const DEPTH: usize = 64;

/// Carries rounds within the process.
pub struct WorkerBus {
    sender: broadcast::Sender<BusMessage>,
}

impl Default for WorkerBus {
    fn default() -> Self {
        Self { sender: broadcast::channel(DEPTH).0 }
    }
}

/// What the bus carries.
#[derive(Clone, Debug)]
pub enum BusMessage {
    /// The next round.
    Round(Arc<Round>),
    /// A new epoch began: numbers and values start anew from the cache.
    Restarted,
    /// Rounds were lost on the way to this worker: start again from the cache.
    Lagged,
}

impl WorkerBus {
    /// Sends to every reader. Never waits.
    pub fn send(&self, news: BusMessage) {
        // An error says that nobody reads yet.
        let _ = self.sender.send(news);
    }

    /// Reads from here on.
    pub fn subscribe(&self) -> Reader {
        Reader { receiver: self.sender.subscribe() }
    }
}

/// One reader of the bus.
pub struct Reader {
    receiver: broadcast::Receiver<BusMessage>,
}

impl Reader {
    /// Waits for what comes next. None once the board has gone for good.
    pub async fn next(&mut self) -> Option<BusMessage> {
        match self.receiver.recv().await {
            Ok(news) => Some(news),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(BusMessage::Lagged),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
