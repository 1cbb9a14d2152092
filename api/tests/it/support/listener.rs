//! A client of the stream that reads all the while, as one must: who answers no ping is closed, and a test waits for other
//! things too.

use super::socket::Socket;
use super::within;
use actix_web::rt::task::JoinHandle;
use serde_json::Value;
use tokio::sync::watch;

/// An open connection, and what its messages have come to so far.
pub(crate) struct Listener<T> {
    seen: watch::Receiver<T>,
    reading: JoinHandle<()>,
}

impl<T: Clone + 'static> Listener<T> {
    /// Goes on from `seen` with each message that comes.
    pub(crate) fn start(mut socket: Socket, seen: T, see: impl Fn(&mut T, &Value) + 'static) -> Self {
        let (sender, seen) = watch::channel(seen);
        let reading = actix_web::rt::spawn(async move {
            loop {
                let message = socket.next().await;
                sender.send_modify(|seen| see(seen, &message));
            }
        });
        Self { seen, reading }
    }

    /// What it has seen so far.
    pub(crate) fn seen(&self) -> T {
        self.seen.borrow().clone()
    }

    /// Waits until something holds of what it has seen, which a message makes so.
    pub(crate) async fn until(&mut self, holds: impl Fn(&T) -> bool) -> T {
        loop {
            let seen = self.seen.borrow_and_update().clone();
            if holds(&seen) {
                return seen;
            }
            within(self.seen.changed()).await.expect("it goes on reading");
        }
    }
}

impl<T> Drop for Listener<T> {
    fn drop(&mut self) {
        self.reading.abort();
    }
}
