//! One worker thread's end of the bus and of the events: it feeds the thread's hub, and passes on to the thread's
//! sockets what concerns their accounts. Everything here stays on its thread, so nothing is locked.

use super::close_state::CloseState;
use super::hub::{Hub, Key};
use super::state::StreamState;
use super::ws_frame;
use crate::cluster::Node;
use crate::cluster::events::Event;
use crate::cluster::last_values::LastValues;
use crate::cluster::worker_bus::BusMessage;
use crate::telemetry::metrics::Metrics;
use actix::prelude::{Message, Recipient};
use bytes::Bytes;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Notify, watch};
use watchtape_shared::market::Market;
use watchtape_shared::stream::ServerMessage;
use watchtape_shared::{UserId, WatchlistId};

/// What a socket is told.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub enum ConnectionMessage {
    /// A list was changed or deleted.
    ListChanged(WatchlistId),
    /// A session or an API key of the account ended: look whether it was this socket's.
    AccessChanged,
    /// The market has news: the message, encoded once for all.
    Market(Bytes),
    /// BusMessage of the account may have been missed: look.
    Missed,
    /// A new epoch of rounds began: numbers and values start anew.
    Restarted,
    /// The server stops.
    Stopping,
}

/// How often the thread tells what its sockets watch, where nothing new made it send_to sooner.
const DEMAND_INTERVAL: Duration = Duration::from_millis(500);

struct Socket {
    user: UserId,
    inbox: Recipient<ConnectionMessage>,
}

/// One worker thread.
pub struct Worker {
    /// Who wants which prices.
    pub hub: RefCell<Hub>,
    /// What the node counts.
    pub metrics: Arc<Metrics>,
    id: usize,
    /// The run of rounds that the hub's numbers belong to.
    epoch: RefCell<Arc<str>>,
    sockets: RefCell<HashMap<Key, Socket>>,
    close_states: RefCell<HashMap<Key, Rc<Cell<CloseState>>>>,
    by_user: RefCell<HashMap<UserId, Vec<Key>>>,
    demand_changed: Notify,
}

impl Worker {
    /// Starts the thread's own tasks. Call it on the thread.
    pub(super) fn start(state: &StreamState) -> Rc<Self> {
        static WORKERS: AtomicUsize = AtomicUsize::new(0);
        let worker = Rc::new(Self {
            hub: RefCell::default(),
            epoch: RefCell::default(),
            id: WORKERS.fetch_add(1, Ordering::Relaxed),
            metrics: state.metrics.clone(),
            sockets: RefCell::default(),
            close_states: RefCell::default(),
            by_user: RefCell::default(),
            demand_changed: Notify::new(),
        });
        actix_web::rt::spawn(worker.clone().read_rounds(state.node.clone()));
        actix_web::rt::spawn(worker.clone().forward_events(state.node.clone()));
        actix_web::rt::spawn(worker.clone().forward_market(state.market.clone()));
        actix_web::rt::spawn(worker.clone().report_demand(state.node.clone()));
        worker
    }

    /// Keeps an eye on a new connection. Its close_state is read whenever its socket has room.
    pub fn watch_connection(&self, key: Key, close_state: Rc<Cell<CloseState>>) {
        self.metrics.connections.inc();
        self.close_states.borrow_mut().insert(key, close_state);
    }

    /// Passes this account's news on to this socket.
    pub fn sign_in(&self, key: Key, user: UserId, inbox: Recipient<ConnectionMessage>) {
        self.by_user.borrow_mut().entry(user.clone()).or_default().push(key);
        self.sockets.borrow_mut().insert(key, Socket { user, inbox });
    }

    /// Forgets a socket and all that it subscribed.
    pub fn leave(&self, key: Key) {
        self.hub.borrow_mut().leave(key);
        self.metrics.connections.dec();
        self.close_states.borrow_mut().remove(&key);
        let Some(socket) = self.sockets.borrow_mut().remove(&key) else { return };
        let mut by_user = self.by_user.borrow_mut();
        if let Some(keys) = by_user.get_mut(&socket.user) {
            keys.retain(|other| *other != key);
            if keys.is_empty() {
                by_user.remove(&socket.user);
            }
        }
    }

    /// Something new is watched: the feed is to know soon.
    pub fn hurry_demand(&self) {
        self.demand_changed.notify_one();
    }

    async fn report_demand(self: Rc<Self>, node: Arc<Node>) {
        loop {
            let _ = tokio::time::timeout(DEMAND_INTERVAL, self.demand_changed.notified()).await;
            let news = self.hub.borrow_mut().take_demand();
            if let Some(watchers) = news {
                node.demand.set_worker_demand(self.id, watchers);
            }
            // Clients that come one by one are told of together.
            tokio::time::sleep(DEMAND_INTERVAL / 10).await;
        }
    }

    /// Has a connection closed as soon as its socket has room.
    pub(super) fn set_close_state(&self, key: Key, close_state: CloseState) {
        if let Some(held) = self.close_states.borrow().get(&key) {
            held.set(close_state);
        }
    }

    async fn read_rounds(self: Rc<Self>, node: Arc<Node>) {
        // Subscribed before the cache is read: a round may come twice, and is passed over, but none is missed.
        let last_values = &node.last_values;
        let mut reader = last_values.bus.subscribe();
        self.catch_up(last_values);
        while let Some(news) = reader.next().await {
            match news {
                BusMessage::Round(round) => self.hub.borrow_mut().apply(&round),
                BusMessage::Lagged | BusMessage::Restarted => self.catch_up(last_values),
            }
        }
    }

    /// Takes in what the cache holds, from the beginning where that is of another epoch.
    fn catch_up(&self, last_values: &LastValues) {
        let (epoch, round) = {
            let state = last_values.cache.read();
            (state.epoch.clone(), state.to_round())
        };
        let is_new = *self.epoch.borrow() != epoch;
        let is_first = self.epoch.replace(epoch).is_empty();
        if is_new {
            self.hub.borrow_mut().restart();
        }
        self.hub.borrow_mut().apply(&round);
        if is_new && !is_first {
            self.send_to_all(&ConnectionMessage::Restarted);
        }
    }

    async fn forward_events(self: Rc<Self>, node: Arc<Node>) {
        let mut receiver = node.events.subscribe();
        loop {
            match receiver.recv().await {
                Ok(Event::ListChanged(user, list)) => self.send_to_user(&user, &ConnectionMessage::ListChanged(list)),
                Ok(Event::AccessChanged(user)) => self.send_to_user(&user, &ConnectionMessage::AccessChanged),
                Ok(Event::Missed) => self.send_to_all(&ConnectionMessage::Missed),
                Ok(Event::Stopping) => self.send_to_all(&ConnectionMessage::Stopping),
                // What was missed is not known: let every client come back and see the present.
                Err(RecvError::Lagged(_)) => self.send_to_all(&ConnectionMessage::Stopping),
                Err(RecvError::Closed) => return,
            }
        }
    }

    async fn forward_market(self: Rc<Self>, mut market: watch::Receiver<Arc<Market>>) {
        while market.changed().await.is_ok() {
            let message = ws_frame::of(&ServerMessage::Market(market.borrow_and_update().as_ref().clone()));
            self.send_to_all(&ConnectionMessage::Market(message));
        }
    }

    fn send_to_user(&self, user: &UserId, message: &ConnectionMessage) {
        let by_user = self.by_user.borrow();
        let sockets = self.sockets.borrow();
        for key in by_user.get(user).into_iter().flatten() {
            self.send_to(*key, sockets.get(key), message);
        }
    }

    fn send_to_all(&self, message: &ConnectionMessage) {
        for (key, socket) in &*self.sockets.borrow() {
            self.send_to(*key, Some(socket), message);
        }
    }

    fn send_to(&self, key: Key, socket: Option<&Socket>, message: &ConnectionMessage) {
        if socket.is_some_and(|socket| socket.inbox.try_send(message.clone()).is_err()) {
            self.set_close_state(key, CloseState::OutOfStep);
        }
    }
}
