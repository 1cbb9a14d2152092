//! The bus from the last values to every worker thread of this node: one message a round. A worker that falls behind
//! loses rounds and reads the cache again.

use super::round::Round;
use std::sync::Arc;
use tokio::sync::broadcast;

/// Rounds that a worker may be behind.
const CHANNEL_CAPACITY: usize = 64;

/// Broadcasts rounds within the process.
pub struct WorkerBus {
    sender: broadcast::Sender<BusMessage>,
}

impl Default for WorkerBus {
    fn default() -> Self {
        Self { sender: broadcast::channel(CHANNEL_CAPACITY).0 }
    }
}

/// A message of the bus.
#[derive(Clone, Debug)]
pub enum BusMessage {
    /// The next round.
    Round(Arc<Round>),
    /// A new epoch has begun: reload everything from the cache.
    Restarted,
    /// This worker has missed rounds: reload everything from the cache.
    Lagged,
}

impl WorkerBus {
    /// Sends to every subscription. Never blocks.
    pub fn send(&self, message: BusMessage) {
        // An error means that nobody has subscribed yet.
        let _ = self.sender.send(message);
    }

    /// Receives all messages from now on.
    pub fn subscribe(&self) -> Subscription {
        Subscription { receiver: self.sender.subscribe() }
    }
}

/// A worker's subscription to the bus.
pub struct Subscription {
    receiver: broadcast::Receiver<BusMessage>,
}

impl Subscription {
    /// The next message; `None` once the bus is dropped.
    pub async fn next(&mut self) -> Option<BusMessage> {
        match self.receiver.recv().await {
            Ok(message) => Some(message),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(BusMessage::Lagged),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
