//! How the price stream fares.

use futures::channel::oneshot;
use leptos::prelude::*;

/// Whether prices arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// The first connection is being made.
    Connecting,
    /// Messages arrive.
    Connected,
    /// The connection was lost and is being made again.
    Reconnecting,
    /// The browser itself has no network.
    Offline,
}

/// The state of the stream's connection.
#[derive(Clone, Copy)]
pub(crate) struct Connection {
    link: RwSignal<Link>,
    /// How many changes the server has not answered; and how whoever waits for the network is told to go on.
    pub(super) unsent: RwSignal<usize>,
    waiting: StoredValue<Vec<oneshot::Sender<()>>, LocalStorage>,
}

impl Connection {
    pub(super) fn new() -> Self {
        Self {
            link: RwSignal::new(Link::Connecting),
            unsent: RwSignal::new(0),
            waiting: StoredValue::new_local(Vec::new()),
        }
    }

    pub(crate) fn link(self) -> Link {
        self.link.get()
    }

    /// Whether a connection was lost: what is shown has stopped moving.
    pub(crate) fn is_lost(self) -> bool {
        matches!(self.link.get(), Link::Reconnecting | Link::Offline)
    }

    pub(crate) fn set(self, link: Link) {
        if self.link.get_untracked() != link {
            self.link.set(link);
        }
        if link != Link::Offline {
            // Whoever waits no longer has been dropped with its page.
            self.waiting.update_value(Vec::clear);
        }
    }

    /// How many changes are held back until there is a network.
    pub(crate) fn held(self) -> usize {
        if self.is_offline() { self.unsent.get() } else { 0 }
    }

    /// How many changes the server has not answered: leaving now would lose them.
    pub(crate) fn unsent(self) -> usize {
        self.unsent.get()
    }

    /// Whether the browser itself has no network.
    pub(crate) fn is_offline(self) -> bool {
        self.link.get() == Link::Offline
    }

    /// Waits while this device has no network.
    pub(crate) async fn reachable(self) {
        if self.link.get_untracked() != Link::Offline {
            return;
        }
        let (told, waits) = oneshot::channel();
        self.waiting.update_value(|waiting| waiting.push(told));
        // The sender is dropped when the network is back: the error is the signal.
        let _ = waits.await;
    }
}
