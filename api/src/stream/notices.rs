//! What a connection is to be notified of: a set, not a queue. However many events of an account there are, and however late
//! its connection is polled, there is one notice of each kind, and one of each list.

use crate::telemetry::traces::TraceContext;
use actix::prelude::{Message, Recipient};
use bytes::Bytes;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use watchtape_shared::alert::AlertEvent;
use watchtape_shared::stream::GapReason;
use watchtape_shared::{AlertEventId, WatchlistId};

/// Triggers of alerts that wait for a connection's actor.
const MAX_ALERTS_WAITING: usize = 500;

/// Wakes the actor of a connection to take its notices.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct NoticesPending;

/// The notices that the actor has not taken yet.
#[derive(Debug, Default)]
pub struct Notices {
    /// These lists of the account were made, changed or deleted, last by these requests.
    pub lists: BTreeMap<WatchlistId, TraceContext>,
    /// The set of the account's lists was found to be another than is known.
    pub list_set_changed: bool,
    /// A session or an API key of the account ended: check whether it is this connection's.
    pub access_changed: bool,
    /// Triggers of the account's alerts, the newest of those that wait.
    pub alerts: BTreeMap<AlertEventId, Arc<AlertEvent>>,
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
        self.epoch_begun = Some(self.epoch_begun.filter(|before| before.takes_back()).unwrap_or(reason));
    }

    /// An alert has triggered. Of too many that wait the oldest is passed over: the history has it.
    pub(super) fn add_alert(&mut self, event: Arc<AlertEvent>) {
        self.alerts.insert(event.id.clone(), event);
        if self.alerts.len() > MAX_ALERTS_WAITING {
            self.alerts.pop_first();
        }
    }

    fn is_empty(&self) -> bool {
        let Self { lists, alerts, list_set_changed, access_changed, market, events_missed, epoch_begun, stopping } =
            self;
        let is_told = *list_set_changed || *access_changed || *events_missed || *stopping;
        lists.is_empty() && alerts.is_empty() && market.is_none() && epoch_begun.is_none() && !is_told
    }
}
