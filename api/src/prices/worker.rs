//! One worker thread's end of the bus and of the events: it feeds the thread's hub, and passes on to the thread's
//! sockets what concerns their accounts. Everything here stays on its thread, so nothing is locked.

use super::board::Board;
use super::bus::News;
use super::demand::Demand;
use super::hub::{Hub, Key};
use super::session::{Fate, frame};
use crate::events::{Event, Events};
use crate::metrics::Metrics;
use crate::state::AppState;
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
use tokio::time::MissedTickBehavior;
use watchtape_shared::market::Market;
use watchtape_shared::stream::ServerMessage;
use watchtape_shared::{UserId, WatchlistId};

/// What a socket is told.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub enum Notice {
    /// A list was changed or deleted.
    ListChanged(WatchlistId),
    /// A session or an API key of the account ended: look whether it was this socket's.
    AccessChanged,
    /// The market has news: the message, encoded once for all.
    Market(Bytes),
    /// News of the account may have been missed: look.
    Missed,
    /// A new epoch of rounds began: numbers and values start anew.
    Restarted,
    /// The server stops.
    Stopping,
}

/// How often the thread looks for clients that do not read, and after how many looks one is given up. The kernel ends
/// such a connection a moment later (see `startup`), whatever state it is in.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);
const SWEEPS: u8 = 5;
/// How often the thread tells what its sockets watch, where nothing new made it tell sooner.
const DEMAND_INTERVAL: Duration = Duration::from_millis(500);

struct Socket {
    user: UserId,
    inbox: Recipient<Notice>,
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
    fates: RefCell<HashMap<Key, Rc<Cell<Fate>>>>,
    by_user: RefCell<HashMap<UserId, Vec<Key>>>,
    demand_hurries: Notify,
}

impl Worker {
    /// Starts the thread's own tasks. Call it on the thread.
    pub fn start(state: &AppState) -> Rc<Self> {
        static WORKERS: AtomicUsize = AtomicUsize::new(0);
        let worker = Rc::new(Self {
            hub: RefCell::default(),
            epoch: RefCell::default(),
            id: WORKERS.fetch_add(1, Ordering::Relaxed),
            metrics: state.metrics.clone(),
            sockets: RefCell::default(),
            fates: RefCell::default(),
            by_user: RefCell::default(),
            demand_hurries: Notify::new(),
        });
        actix_web::rt::spawn(worker.clone().read_rounds(state.board.clone()));
        actix_web::rt::spawn(worker.clone().hear_events(state.events.clone()));
        actix_web::rt::spawn(worker.clone().hear_market(state.market.clone()));
        actix_web::rt::spawn(worker.clone().report_demand(state.demand.clone()));
        actix_web::rt::spawn(worker.clone().reap());
        worker
    }

    /// Keeps an eye on a new connection. Its fate is read whenever its socket has room.
    pub fn watch_over(&self, key: Key, fate: Rc<Cell<Fate>>) {
        self.metrics.connections.inc();
        self.fates.borrow_mut().insert(key, fate);
    }

    /// Passes this account's news on to this socket.
    pub fn sign_in(&self, key: Key, user: UserId, inbox: Recipient<Notice>) {
        self.by_user.borrow_mut().entry(user.clone()).or_default().push(key);
        self.sockets.borrow_mut().insert(key, Socket { user, inbox });
    }

    /// Forgets a socket and all that it subscribed.
    pub fn leave(&self, key: Key) {
        self.hub.borrow_mut().leave(key);
        self.metrics.connections.dec();
        self.fates.borrow_mut().remove(&key);
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
    pub fn tell_demand(&self) {
        self.demand_hurries.notify_one();
    }

    async fn report_demand(self: Rc<Self>, demand: Arc<Demand>) {
        loop {
            let _ = tokio::time::timeout(DEMAND_INTERVAL, self.demand_hurries.notified()).await;
            let news = self.hub.borrow_mut().take_demand();
            if let Some(watchers) = news {
                demand.report(self.id, watchers);
            }
            // Clients that come one by one are told of together.
            tokio::time::sleep(DEMAND_INTERVAL / 10).await;
        }
    }

    /// Gives up clients that do not read: they are told when their socket has room again, and cost nothing until then.
    async fn reap(self: Rc<Self>) {
        let mut looks = tokio::time::interval(SWEEP_INTERVAL);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            let overdue = self.hub.borrow_mut().sweep(SWEEPS);
            for key in overdue {
                self.hub.borrow_mut().clear(key);
                self.seal(key, Fate::TooSlow);
                self.metrics.too_slow.inc();
            }
        }
    }

    fn seal(&self, key: Key, fate: Fate) {
        if let Some(held) = self.fates.borrow().get(&key) {
            held.set(fate);
        }
    }

    async fn read_rounds(self: Rc<Self>, board: Arc<Board>) {
        // Subscribed before the cache is read: a round may come twice, and is passed over, but none is missed.
        let mut reader = board.bus.subscribe();
        self.catch_up(&board);
        while let Some(news) = reader.next().await {
            match news {
                News::Round(round) => self.hub.borrow_mut().apply(&round),
                News::Lagged | News::Restarted => self.catch_up(&board),
            }
        }
    }

    /// Takes in what the cache holds, from the beginning where that is of another epoch.
    fn catch_up(&self, board: &Board) {
        let (epoch, round) = {
            let state = board.cache.read();
            (state.epoch.clone(), state.to_round())
        };
        let is_new = *self.epoch.borrow() != epoch;
        let is_first = self.epoch.replace(epoch).is_empty();
        if is_new {
            self.hub.borrow_mut().restart();
        }
        self.hub.borrow_mut().apply(&round);
        if is_new && !is_first {
            self.tell_all(&Notice::Restarted);
        }
    }

    async fn hear_events(self: Rc<Self>, events: Arc<Events>) {
        let mut receiver = events.subscribe();
        loop {
            match receiver.recv().await {
                Ok(Event::ListChanged(user, list)) => self.tell_user(&user, &Notice::ListChanged(list)),
                Ok(Event::AccessChanged(user)) => self.tell_user(&user, &Notice::AccessChanged),
                Ok(Event::Missed) => self.tell_all(&Notice::Missed),
                Ok(Event::Stopping) => self.tell_all(&Notice::Stopping),
                // What was missed is not known: let every client come back and see the present.
                Err(RecvError::Lagged(_)) => self.tell_all(&Notice::Stopping),
                Err(RecvError::Closed) => return,
            }
        }
    }

    async fn hear_market(self: Rc<Self>, mut market: watch::Receiver<Arc<Market>>) {
        while market.changed().await.is_ok() {
            let message = encode_market(&market.borrow_and_update());
            self.tell_all(&Notice::Market(message));
        }
    }

    fn tell_user(&self, user: &UserId, notice: &Notice) {
        let by_user = self.by_user.borrow();
        let sockets = self.sockets.borrow();
        for key in by_user.get(user).into_iter().flatten() {
            self.tell(*key, sockets.get(key), notice);
        }
    }

    fn tell_all(&self, notice: &Notice) {
        for (key, socket) in &*self.sockets.borrow() {
            self.tell(*key, Some(socket), notice);
        }
    }

    fn tell(&self, key: Key, socket: Option<&Socket>, notice: &Notice) {
        if socket.is_some_and(|socket| socket.inbox.try_send(notice.clone()).is_err()) {
            self.seal(key, Fate::OutOfStep);
        }
    }
}

/// The `market` message, as a frame.
pub fn encode_market(market: &Market) -> Bytes {
    frame::of(&ServerMessage::Market(market.clone()))
}
