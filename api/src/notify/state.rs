//! What handlers need of notifications.

use super::delivery::Senders;
use super::mail_links::MailLinks;
use std::sync::{Arc, OnceLock};
use tokio::sync::Notify;

/// The ways out, and what wakes the delivery.
pub struct NotifyState {
    /// The ways out.
    pub senders: Arc<Senders>,
    /// The links in mails to destinations.
    pub links: Arc<MailLinks>,
    /// Wakes the delivery: called after a transaction that queued something was committed.
    pub queued: Arc<Notify>,
}

/// The app's origin, for links: known once the server is bound to its address.
#[derive(Clone, Debug, Default)]
pub struct LinkOrigin(Arc<OnceLock<String>>);

impl LinkOrigin {
    /// Sets it. Set again, it stays what it was.
    pub fn set(&self, origin: String) {
        let _already_set = self.0.set(origin);
    }

    /// The origin; empty before it is set.
    pub fn get(&self) -> &str {
        self.0.get().map_or("", String::as_str)
    }
}
