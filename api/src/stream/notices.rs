//! What a connection is to be notified of: a set, not a queue. However many events of an account there are, and however late
//! its connection is polled, there is one notice of each kind, and one of each list.

use actix::prelude::{Message, Recipient};
use bytes::Bytes;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use watchtape_shared::WatchlistId;
use watchtape_shared::stream::GapReason;

/// Wakes the actor of a connection to take its notices.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct NoticesPending;

/// The notices that the actor has not taken yet.
#[derive(Debug, Default)]
pub struct Notices {
    /// These lists of the account were changed or deleted.
    pub lists: BTreeSet<WatchlistId>,
    /// A session or an API key of the account ended: check whether it is this connection's.
    pub access_changed: bool,
    /// The state of the market, encoded once for all connections.
    pub market: Option<Bytes>,
    /// Events of the account may have been missed: check the access and read the followed lists again.
    pub events_missed: bool,
    /// A new epoch began, for this reason: sequences and values start over.
    pub epoch_begun: Option<GapReason>,
    /// The server stops, or this thread has missed events: the client is to reconnect.
    pub stopping: bool,
}

/// The notices of a connection, and its actor.
pub(super) struct Mailbox {
    notices: Rc<RefCell<Notices>>,
    actor: Recipient<NoticesPending>,
}

impl Mailbox {
    pub(super) fn new(notices: Rc<RefCell<Notices>>, actor: Recipient<NoticesPending>) -> Self {
        Self { notices, actor }
    }

    /// Adds a notice, and wakes the actor. No if the actor cannot be woken.
    pub(super) fn notify(&self, add: impl FnOnce(&mut Notices)) -> bool {
        let mut notices = self.notices.borrow_mut();
        let is_first = notices.is_empty();
        add(&mut notices);
        // An actor that was woken and has not taken its notices yet takes this one with them.
        !is_first || self.actor.try_send(NoticesPending).is_ok()
    }
}

impl Notices {
    /// A new epoch began. Of several the reason is kept by which values may be replaced by older ones.
    pub(super) fn add_epoch(&mut self, reason: GapReason) {
        let is_incomparable = |reason| matches!(reason, GapReason::ClockSet | GapReason::SourceChanged);
        self.epoch_begun = Some(self.epoch_begun.filter(|before| is_incomparable(*before)).unwrap_or(reason));
    }

    fn is_empty(&self) -> bool {
        let Self { lists, access_changed, market, events_missed, epoch_begun, stopping } = self;
        let is_told = *access_changed || *events_missed || *stopping;
        lists.is_empty() && market.is_none() && epoch_begun.is_none() && !is_told
    }
}
