//! The stream's state and tasks of one worker thread. Rounds from the bus go into the thread's hub; events of an account
//! go to its connections; the hub's demand goes to the node. Everything stays on its thread, so nothing is locked.

use super::close_state::CloseState;
use super::hub::{ConnectionKey, Hub};
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

/// An event for the actor of a connection.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub enum ConnectionMessage {
    /// A list of the account was changed or deleted.
    ListChanged(WatchlistId),
    /// A session or an API key of the account ended: check whether it is this connection's.
    AccessChanged,
    /// The state of the market has changed: the message, encoded once for all connections.
    Market(Bytes),
    /// Events of the account may have been missed: check the access and read the followed lists again.
    EventsMissed,
    /// A new epoch began: sequences and values start over.
    EpochChanged,
    /// The server stops, or this thread has missed events: the client is to reconnect.
    Stopping,
}

/// How often the thread reports its demand, unless a new subscription makes it do so sooner.
const DEMAND_INTERVAL: Duration = Duration::from_millis(500);

/// An authenticated connection: its account, and the address of its actor.
struct AccountConnection {
    user: UserId,
    actor: Recipient<ConnectionMessage>,
}

/// The stream's state of one worker thread.
pub struct Worker {
    /// The subscriptions of the thread's connections.
    pub hub: RefCell<Hub>,
    /// The node's metrics.
    pub metrics: Arc<Metrics>,
    id: usize,
    /// The epoch of the hub's sequences.
    epoch: RefCell<Arc<str>>,
    account_connections: RefCell<HashMap<ConnectionKey, AccountConnection>>,
    close_states: RefCell<HashMap<ConnectionKey, Rc<Cell<CloseState>>>>,
    by_user: RefCell<HashMap<UserId, Vec<ConnectionKey>>>,
    demand_changed: Notify,
}

impl Worker {
    /// Starts the thread's tasks. Must be called on that thread.
    pub(super) fn start(state: &StreamState) -> Rc<Self> {
        static WORKERS: AtomicUsize = AtomicUsize::new(0);
        let worker = Rc::new(Self {
            hub: RefCell::default(),
            epoch: RefCell::default(),
            id: WORKERS.fetch_add(1, Ordering::Relaxed),
            metrics: state.metrics.clone(),
            account_connections: RefCell::default(),
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

    /// Adds a connection, whose close state is read whenever its socket has room.
    pub fn add_connection(&self, key: ConnectionKey, close_state: Rc<Cell<CloseState>>) {
        self.metrics.connections.inc();
        self.close_states.borrow_mut().insert(key, close_state);
    }

    /// Sends the events of this account to this connection from now on.
    pub fn subscribe_to_account(&self, key: ConnectionKey, user: UserId, actor: Recipient<ConnectionMessage>) {
        self.by_user.borrow_mut().entry(user.clone()).or_default().push(key);
        self.account_connections.borrow_mut().insert(key, AccountConnection { user, actor });
    }

    /// Removes a connection and its subscriptions.
    pub fn remove_connection(&self, key: ConnectionKey) {
        self.hub.borrow_mut().remove_connection(key);
        self.metrics.connections.dec();
        self.close_states.borrow_mut().remove(&key);
        let Some(connection) = self.account_connections.borrow_mut().remove(&key) else { return };
        let mut by_user = self.by_user.borrow_mut();
        if let Some(keys) = by_user.get_mut(&connection.user) {
            keys.retain(|other| *other != key);
            if keys.is_empty() {
                by_user.remove(&connection.user);
            }
        }
    }

    /// Has the demand reported soon, as after a new subscription.
    pub fn report_demand_soon(&self) {
        self.demand_changed.notify_one();
    }

    async fn report_demand(self: Rc<Self>, node: Arc<Node>) {
        loop {
            let _ = tokio::time::timeout(DEMAND_INTERVAL, self.demand_changed.notified()).await;
            let demand = self.hub.borrow_mut().take_demand();
            if let Some(subscribers) = demand {
                node.demand.set_worker_demand(self.id, subscribers);
            }
            // So that subscriptions in quick succession make one report.
            tokio::time::sleep(DEMAND_INTERVAL / 10).await;
        }
    }

    /// Sets the close state of a connection, which takes effect once its socket has room.
    pub(super) fn set_close_state(&self, key: ConnectionKey, close_state: CloseState) {
        if let Some(current) = self.close_states.borrow().get(&key) {
            current.set(close_state);
        }
    }

    async fn read_rounds(self: Rc<Self>, node: Arc<Node>) {
        // Subscribed before the cache is read: a round may come twice, which `apply` ignores, but none is missed.
        let last_values = &node.last_values;
        let mut reader = last_values.bus.subscribe();
        self.catch_up(last_values);
        while let Some(message) = reader.next().await {
            match message {
                BusMessage::Round(round) => self.hub.borrow_mut().apply(&round),
                BusMessage::Lagged | BusMessage::Restarted => self.catch_up(last_values),
            }
        }
    }

    /// Applies the whole cache. If its epoch is a new one, resets the hub before and notifies the connections after.
    fn catch_up(&self, last_values: &LastValues) {
        let (epoch, round) = {
            let state = last_values.cache.read();
            (state.epoch.clone(), state.to_round())
        };
        let is_new = *self.epoch.borrow() != epoch;
        let is_first = self.epoch.replace(epoch).is_empty();
        if is_new {
            self.hub.borrow_mut().reset();
        }
        self.hub.borrow_mut().apply(&round);
        if is_new && !is_first {
            self.send_to_all(&ConnectionMessage::EpochChanged);
        }
    }

    async fn forward_events(self: Rc<Self>, node: Arc<Node>) {
        let mut receiver = node.events.subscribe();
        loop {
            match receiver.recv().await {
                Ok(Event::ListChanged(user, list)) => self.send_to_user(&user, &ConnectionMessage::ListChanged(list)),
                Ok(Event::AccessChanged(user)) => self.send_to_user(&user, &ConnectionMessage::AccessChanged),
                Ok(Event::Missed) => self.send_to_all(&ConnectionMessage::EventsMissed),
                Ok(Event::Stopping) => self.send_to_all(&ConnectionMessage::Stopping),
                // Which events were missed is unknown: every client reconnects, and reads the current state.
                Err(RecvError::Lagged(_)) => self.send_to_all(&ConnectionMessage::Stopping),
                Err(RecvError::Closed) => return,
            }
        }
    }

    async fn forward_market(self: Rc<Self>, mut market: watch::Receiver<Arc<Market>>) {
        while market.changed().await.is_ok() {
            let message = ws_frame::encode(&ServerMessage::Market(market.borrow_and_update().as_ref().clone()));
            self.send_to_all(&ConnectionMessage::Market(message));
        }
    }

    fn send_to_user(&self, user: &UserId, message: &ConnectionMessage) {
        let by_user = self.by_user.borrow();
        let connections = self.account_connections.borrow();
        for key in by_user.get(user).into_iter().flatten() {
            self.send_to(*key, connections.get(key), message);
        }
    }

    fn send_to_all(&self, message: &ConnectionMessage) {
        for (key, connection) in &*self.account_connections.borrow() {
            self.send_to(*key, Some(connection), message);
        }
    }

    fn send_to(&self, key: ConnectionKey, connection: Option<&AccountConnection>, message: &ConnectionMessage) {
        if connection.is_some_and(|connection| connection.actor.try_send(message.clone()).is_err()) {
            self.set_close_state(key, CloseState::EventLost);
        }
    }
}
