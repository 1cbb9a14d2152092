//! How the price stream fares.

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
}

impl Connection {
    pub(super) fn new() -> Self {
        Self { link: RwSignal::new(Link::Connecting) }
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
    }
}
