//! The stream's state and tasks of one worker thread. Rounds from the bus go into the thread's hub; events of an account
//! go to its connections; the hub's demand goes to the node. Everything stays on its thread, so nothing is locked.

use super::close_state::CloseState;
use super::hub::{ConnectionKey, Hub};
use super::notices::{Mailbox, Notices, NoticesPending};
use super::state::StreamState;
use super::ws_frame;
use crate::cluster::Node;
use crate::cluster::events::{Event, Published};
use crate::cluster::last_values::LastValues;
use crate::cluster::worker_bus::BusMessage;
use crate::telemetry::metrics::Metrics;
use crate::telemetry::traces::trace_span;
use actix::prelude::Recipient;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Notify, watch};
use watchtape_shared::UserId;
use watchtape_shared::market::Market;
use watchtape_shared::stream::ServerMessage;

/// How often the thread reports its demand, unless a new subscription makes it do so sooner.
const DEMAND_INTERVAL: Duration = Duration::from_millis(500);

/// An authenticated connection: its account, and its notices.
struct AccountConnection {
    user: UserId,
    mailbox: Mailbox,
}

/// The stream's state of one worker thread.
pub struct Worker {
    /// The subscriptions of the thread's connections.
    pub hub: RefCell<Hub>,
    /// The node's metrics.
    pub metrics: Arc<Metrics>,
    id: usize,
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
            id: WORKERS.fetch_add(1, Ordering::Relaxed),
            metrics: state.metrics.clone(),
            account_connections: RefCell::default(),
            close_states: RefCell::default(),
            by_user: RefCell::default(),
            demand_changed: Notify::new(),
        });
        let (rounds, events, market, demand) = (worker.clone(), worker.clone(), worker.clone(), worker.clone());
        let (node, tasks) = (&state.node, &state.tasks);
        let reader = node.clone();
        tasks.supervise("worker_rounds", move || rounds.clone().read_rounds(reader.clone()));
        let source = node.clone();
        tasks.supervise("worker_events", move || events.clone().forward_events(source.clone()));
        let states = state.market.clone();
        tasks.supervise("worker_market", move || market.clone().forward_market(states.clone()));
        let reported = node.clone();
        tasks.supervise("worker_demand", move || demand.clone().report_demand(reported.clone()));
        worker
    }

    /// Adds a connection, whose close state is read whenever its socket has room.
    pub fn add_connection(&self, key: ConnectionKey, close_state: Rc<Cell<CloseState>>) {
        self.metrics.stream.record_open();
        self.close_states.borrow_mut().insert(key, close_state);
    }

    /// Sends the events of this account to this connection from now on.
    pub fn subscribe_to_account(
        &self,
        key: ConnectionKey,
        user: UserId,
        notices: Rc<RefCell<Notices>>,
        actor: Recipient<NoticesPending>,
    ) {
        self.metrics.stream.record_authentication();
        self.by_user.borrow_mut().entry(user.clone()).or_default().push(key);
        self.account_connections
            .borrow_mut()
            .insert(key, AccountConnection { user, mailbox: Mailbox::new(notices, actor) });
    }

    /// Removes a connection and its subscriptions.
    pub fn remove_connection(&self, key: ConnectionKey) {
        self.hub.borrow_mut().remove_connection(key);
        self.close_states.borrow_mut().remove(&key);
        let connection = self.account_connections.borrow_mut().remove(&key);
        self.metrics.stream.record_end(connection.is_some());
        let Some(connection) = connection else { return };
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
            let (demand, counted) = {
                let mut hub = self.hub.borrow_mut();
                (hub.take_demand(), hub.take_counts())
            };
            self.metrics.stream.subscriptions.inc_by(counted.subscriptions);
            self.metrics.stream.conflated_values.inc_by(counted.conflated);
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
                BusMessage::Round(round) => {
                    let (worker, symbols) = (self.id as i64, round.updates.len() as i64);
                    let span =
                        trace_span!("fan out round", watchtape.worker = worker, watchtape.round.symbols = symbols);
                    let _span = round.trace.continue_in(span).entered();
                    self.hub.borrow_mut().apply(&round);
                }
                BusMessage::Lagged | BusMessage::Restarted => self.catch_up(last_values),
            }
        }
    }

    /// Applies the whole cache. If its epoch is a new one, resets the hub before and notifies the connections after.
    fn catch_up(&self, last_values: &LastValues) {
        let (round, reason) = {
            let state = last_values.cache.read();
            (state.to_round(), state.reason)
        };
        let (is_new, is_first) = {
            let mut hub = self.hub.borrow_mut();
            let (is_new, is_first) = (*hub.epoch() != round.epoch, hub.epoch().is_empty());
            if is_new {
                hub.begin_epoch(round.epoch.clone(), reason);
            }
            hub.apply(&round);
            (is_new, is_first)
        };
        if is_new && !is_first {
            self.notify_all(|notices| notices.add_epoch(reason));
        }
    }

    async fn forward_events(self: Rc<Self>, node: Arc<Node>) {
        let mut receiver = node.events.subscribe();
        loop {
            let Published { event, trace } = match receiver.recv().await {
                Ok(published) => published,
                // It is unknown which events were missed: every client reconnects, and reads the current state.
                Err(RecvError::Lagged(_)) => {
                    self.notify_all(|notices| notices.stopping = true);
                    continue;
                }
                Err(RecvError::Closed) => return,
            };
            match event {
                Event::ListChanged(user, list) => self.notify_user(&user, |notices| {
                    notices.lists.entry(list.clone()).or_default().replace_by(trace);
                }),
                Event::ListSetChanged(user) => self.notify_user(&user, |notices| notices.list_set_changed = true),
                Event::AccessChanged(user) => self.notify_user(&user, |notices| notices.access_changed = true),
                Event::AlertTriggered(user, event) => {
                    self.notify_user(&user, |notices| notices.add_alert(event.clone()));
                }
                // Each list and account that has changed is told by itself, once it is known which.
                Event::Rejoined => {}
                Event::Missed => self.notify_all(|notices| notices.events_missed = true),
                Event::Stopping => self.notify_all(|notices| notices.stopping = true),
            }
        }
    }

    async fn forward_market(self: Rc<Self>, mut market: watch::Receiver<Arc<Market>>) {
        while market.changed().await.is_ok() {
            let message = ws_frame::encode(&ServerMessage::Market(market.borrow_and_update().as_ref().clone()));
            self.notify_all(|notices| notices.market = Some(message.clone()));
        }
    }

    fn notify_user(&self, user: &UserId, add: impl Fn(&mut Notices)) {
        let by_user = self.by_user.borrow();
        let connections = self.account_connections.borrow();
        for key in by_user.get(user).into_iter().flatten() {
            if let Some(connection) = connections.get(key) {
                self.notify(*key, connection, &add);
            }
        }
    }

    fn notify_all(&self, add: impl Fn(&mut Notices)) {
        for (key, connection) in &*self.account_connections.borrow() {
            self.notify(*key, connection, &add);
        }
    }

    fn notify(&self, key: ConnectionKey, connection: &AccountConnection, add: impl FnOnce(&mut Notices)) {
        if !connection.mailbox.notify(add) {
            self.set_close_state(key, CloseState::EventLost);
        }
    }
}
