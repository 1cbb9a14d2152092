//! One worker thread's end of the bus and of the events: it feeds the thread's hub, and passes on to the thread's
//! sockets what concerns their accounts. Everything here stays on its thread, so nothing is locked.

use super::bus::{Received, catch_up};
use super::feed::Feed;
use super::hub::{Hub, Key};
use crate::events::{Event, Events};
use crate::state::AppState;
use actix::prelude::{Message, Recipient};
use bytestring::ByteString;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use watchtape_shared::market::Market;
use watchtape_shared::stream::ServerMessage;
use watchtape_shared::{SessionId, UserId, WatchlistId};

/// What a socket is told.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub enum Notice {
    /// A list was changed or deleted.
    ListChanged(WatchlistId),
    /// A session of the account ended; all of them where none is named.
    SessionEnded(Option<SessionId>),
    /// The market has news: the message, encoded once for all.
    Market(ByteString),
    /// The server stops.
    Stopping,
}

struct Socket {
    user: UserId,
    inbox: Recipient<Notice>,
    /// Set where a notice could not be delivered: the socket then knows less than it should, and must start over.
    missed: Rc<Cell<bool>>,
}

/// One worker thread.
#[derive(Default)]
pub struct Worker {
    /// Who wants which prices.
    pub hub: RefCell<Hub>,
    sockets: RefCell<HashMap<Key, Socket>>,
    by_user: RefCell<HashMap<UserId, Vec<Key>>>,
}

impl Worker {
    /// Starts the thread's own tasks. Call it on the thread.
    pub fn start(state: &AppState) -> Rc<Self> {
        let worker = Rc::new(Self::default());
        actix_web::rt::spawn(worker.clone().read_rounds(state.feed.clone()));
        actix_web::rt::spawn(worker.clone().hear_events(state.events.clone()));
        actix_web::rt::spawn(worker.clone().hear_market(state.market.clone()));
        worker
    }

    /// Passes this account's news on to this socket.
    pub fn sign_in(&self, key: Key, user: UserId, inbox: Recipient<Notice>, missed: Rc<Cell<bool>>) {
        self.by_user.borrow_mut().entry(user.clone()).or_default().push(key);
        self.sockets.borrow_mut().insert(key, Socket { user, inbox, missed });
    }

    /// Forgets a socket and all that it subscribed.
    pub fn leave(&self, key: Key) {
        self.hub.borrow_mut().leave(key);
        let Some(socket) = self.sockets.borrow_mut().remove(&key) else { return };
        let mut by_user = self.by_user.borrow_mut();
        if let Some(keys) = by_user.get_mut(&socket.user) {
            keys.retain(|other| *other != key);
            if keys.is_empty() {
                by_user.remove(&socket.user);
            }
        }
    }

    async fn read_rounds(self: Rc<Self>, feed: Arc<Feed>) {
        // Subscribed before the cache is read: a round may come twice, and is passed over, but none is missed.
        let mut reader = feed.bus.subscribe();
        self.catch_up(&feed);
        while let Some(received) = reader.next().await {
            match received {
                Received::Round(round) => self.hub.borrow_mut().apply(&round),
                Received::Lagged => self.catch_up(&feed),
            }
        }
    }

    fn catch_up(&self, feed: &Feed) {
        let round = catch_up(&feed.cache.read());
        self.hub.borrow_mut().apply(&round);
    }

    async fn hear_events(self: Rc<Self>, events: Arc<Events>) {
        let mut receiver = events.subscribe();
        loop {
            match receiver.recv().await {
                Ok(Event::ListChanged(user, list)) => self.tell_user(&user, &Notice::ListChanged(list)),
                Ok(Event::SessionEnded(user, session)) => self.tell_user(&user, &Notice::SessionEnded(Some(session))),
                Ok(Event::SignedOut(user)) => self.tell_user(&user, &Notice::SessionEnded(None)),
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
        for socket in by_user.get(user).into_iter().flatten().filter_map(|key| sockets.get(key)) {
            socket.tell(notice);
        }
    }

    fn tell_all(&self, notice: &Notice) {
        for socket in self.sockets.borrow().values() {
            socket.tell(notice);
        }
    }
}

impl Socket {
    fn tell(&self, notice: &Notice) {
        if self.inbox.try_send(notice.clone()).is_err() {
            self.missed.set(true);
        }
    }
}

/// The `market` message.
pub fn encode_market(market: &Market) -> ByteString {
    super::session::encode(&ServerMessage::Market(market.clone()))
}
