//! The connection's status, and since when.

use crate::view::pause::pause;
use crate::view::steady;
use futures::channel::oneshot;
use futures::future::select;
use leptos::prelude::*;
use std::rc::Rc;
use std::time::Duration;

/// Whether the stream is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectionStatus {
    /// The first connection is being made.
    Connecting,
    Connected,
    /// The connection was lost and is being made again.
    Reconnecting,
    /// The browser itself has no network.
    Offline,
}

/// The state of the stream's connection.
#[derive(Clone, Copy)]
pub(crate) struct Connection {
    status: RwSignal<ConnectionStatus>,
    /// The server's time in milliseconds.
    server_ms: StoredValue<Rc<dyn Fn() -> i64>, LocalStorage>,
    /// When prices last arrived, by the server's time.
    last_prices_ms: StoredValue<Option<i64>>,
    /// When the connection was lost, in milliseconds since the page's start.
    lost_ms: StoredValue<f64>,
    /// When the next attempt is made, by the same clock; `None` during one.
    retry_ms: RwSignal<Option<f64>>,
    /// Tasks that wait until the server is reachable.
    waiting: StoredValue<Vec<oneshot::Sender<()>>, LocalStorage>,
}

impl Connection {
    pub(crate) fn new(server_ms: impl Fn() -> i64 + 'static) -> Self {
        Self {
            status: RwSignal::new(ConnectionStatus::Connecting),
            server_ms: StoredValue::new_local(Rc::new(server_ms)),
            last_prices_ms: StoredValue::new(None),
            lost_ms: StoredValue::new(0.0),
            retry_ms: RwSignal::new(None),
            waiting: StoredValue::new_local(Vec::new()),
        }
    }

    pub(crate) fn status(self) -> ConnectionStatus {
        self.status.get()
    }

    /// Whether a connection was lost: what is shown has stopped moving.
    pub(crate) fn is_lost(self) -> bool {
        matches!(self.status.get(), ConnectionStatus::Reconnecting | ConnectionStatus::Offline)
    }

    pub(crate) fn set(self, status: ConnectionStatus) {
        let before = self.status.get_untracked();
        if before != status {
            if matches!(before, ConnectionStatus::Connecting | ConnectionStatus::Connected) {
                self.lost_ms.set_value(steady::now_ms());
            }
            self.status.set(status);
        }
        // Not before the server has been reached: a network that comes and goes would lose the changes held back.
        if matches!(status, ConnectionStatus::Connecting | ConnectionStatus::Connected) {
            // Dropping the senders wakes the tasks.
            self.waiting.update_value(Vec::clear);
        }
    }

    /// Notes that prices arrived now.
    pub(crate) fn note_prices(self) {
        let now_ms = (self.server_ms.get_value())();
        self.last_prices_ms.set_value(Some(now_ms));
    }

    /// When prices last arrived, by the server's time, if any have. Untracked: it is read only while the connection is lost.
    pub(crate) fn last_prices_ms(self) -> Option<i64> {
        self.last_prices_ms.get_value()
    }

    /// When the connection was lost.
    pub(crate) fn lost_ms(self) -> f64 {
        self.lost_ms.get_value()
    }

    /// Milliseconds until the next attempt; `None` during one.
    pub(crate) fn retry_in_ms(self, now_ms: f64) -> Option<f64> {
        self.retry_ms.get().map(|moment| (moment - now_ms).max(0.0))
    }

    pub(crate) fn set_retry(self, retry_ms: Option<f64>) {
        if self.retry_ms.get_untracked() != retry_ms {
            self.retry_ms.set(retry_ms);
        }
    }

    /// Whether a connection was lost; untracked.
    pub(crate) fn has_lost(self) -> bool {
        untrack(|| self.is_lost())
    }

    /// Waits until the server has been reached again, and no longer than this.
    pub(crate) async fn restored_within(self, time: Duration) {
        let (sender, receiver) = oneshot::channel::<()>();
        self.waiting.update_value(|waiting| {
            waiting.retain(|waiting| !waiting.is_canceled());
            waiting.push(sender);
        });
        select(receiver, Box::pin(pause(time))).await;
    }

    /// Waits while this device has no network, and until the server has been reached again.
    pub(crate) async fn reachable(self) {
        if self.status.get_untracked() != ConnectionStatus::Offline {
            return;
        }
        let (sender, receiver) = oneshot::channel();
        self.waiting.update_value(|waiting| waiting.push(sender));
        // The sender is dropped when the network is back: the error is the signal.
        let _ = receiver.await;
    }
}
