//! The control half of a connection: an actor that takes the client's messages and the worker's. What each does is in the
//! files beside this one.

use super::followed_list::FollowedList;
use super::merged_body::Outbox;
use super::{AUTH_DEADLINE, PING_INTERVAL, PONG_TIMEOUT, REFRESH_SPREAD_MS};
use crate::auth::Caller;
use crate::limits::connection_limits::Slot;
use crate::stream::hub::Key;
use crate::stream::state::StreamState;
use crate::stream::worker::{ConnectionMessage, Worker};
use crate::stream::ws_frame;
use actix::prelude::*;
use actix_http::ws::{CloseCode, CloseReason, Message, ProtocolError};
use actix_web_actors::ws::WebsocketContext;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use watchtape_shared::stream::{ServerMessage, close};
use watchtape_shared::{Symbol, WatchlistId};

pub(super) type Ctx = WebsocketContext<Connection>;

/// The control half of a connection.
pub(super) struct Connection {
    pub(super) state: Arc<StreamState>,
    pub(super) worker: Rc<Worker>,
    pub(super) key: Key,
    /// The authenticated caller, once that is known.
    pub(super) user: Option<Caller>,
    /// The client's own least time between two `ticks` messages.
    pub(super) interval: Rc<Cell<Duration>>,
    pub(super) outbox: Outbox,
    /// The epoch of rounds that the client was told of.
    pub(super) epoch: Arc<str>,
    /// Its slot among the account's connections.
    pub(super) account_slot: Option<Slot>,
    /// Its slot among those that have not authenticated.
    pub(super) unauthenticated_slot: Option<Slot>,
    /// The symbols subscribed by name, sorted; a slice, since a set takes twice the memory of every connection.
    pub(super) subscribed: Box<[Symbol]>,
    /// The lists it follows, as they were when last read.
    pub(super) followed: BTreeMap<WatchlistId, FollowedList>,
    /// The fragments of a message that is not complete.
    pub(super) fragments: Option<Vec<u8>>,
    pub(super) heard_at: Instant,
    /// When the current second of the message limit began, and how many messages came in it.
    pub(super) messages: (Instant, u32),
    pub(super) expiry: Option<SpawnHandle>,
}

impl Actor for Connection {
    type Context = Ctx;

    fn started(&mut self, ctx: &mut Ctx) {
        if let Some(user) = self.user.take() {
            self.welcome(user, ctx);
        } else {
            ctx.run_later(AUTH_DEADLINE, |connection, ctx| {
                if connection.user.is_none() {
                    end(ctx, close::DEADLINE, "no ticket in time");
                }
            });
        }
        ctx.run_interval(PING_INTERVAL, |_, ctx| {
            let asked_at = Instant::now();
            ctx.ping(b"");
            ctx.run_later(PONG_TIMEOUT, move |connection, ctx| {
                if connection.heard_at < asked_at {
                    end(ctx, close::DEADLINE, "no pong in time");
                }
            });
        });
    }
}

impl StreamHandler<Result<Message, ProtocolError>> for Connection {
    fn handle(&mut self, message: Result<Message, ProtocolError>, ctx: &mut Ctx) {
        self.heard_at = Instant::now();
        match message {
            Ok(Message::Text(text)) => self.receive(text.as_bytes(), ctx),
            Ok(Message::Continuation(item)) => self.reassemble(item, ctx),
            Ok(Message::Ping(payload)) => ctx.pong(&payload),
            Ok(Message::Pong(_) | Message::Nop) => {}
            Ok(Message::Close(_)) => end(ctx, close::NORMAL, ""),
            Ok(Message::Binary(_)) => end(ctx, close::BAD_MESSAGE, "messages are JSON in text frames"),
            Err(ProtocolError::Overflow) => end(ctx, close::TOO_LARGE, "the message is too large"),
            Err(_) => end(ctx, close::BAD_MESSAGE, "not a WebSocket frame"),
        }
    }
}

impl Handler<ConnectionMessage> for Connection {
    type Result = ();

    fn handle(&mut self, message: ConnectionMessage, ctx: &mut Ctx) {
        match message {
            ConnectionMessage::ListChanged(id) if self.followed.contains_key(&id) => self.read_list(id, ctx),
            ConnectionMessage::ListChanged(_) => {}
            ConnectionMessage::AccessChanged => self.check_access(ctx),
            ConnectionMessage::Market(message) => self.outbox.borrow_mut().push_back(message),
            ConnectionMessage::Missed => {
                // Spread, so that a node's sockets do not all ask the database at once.
                let pause = Duration::from_millis(rand::random_range(0..REFRESH_SPREAD_MS));
                ctx.run_later(pause, Self::refresh);
            }
            ConnectionMessage::Restarted => self.restart(),
            ConnectionMessage::Stopping => {
                // Spread, so that a node's clients do not all come to the next one at once.
                let retry_after_ms = rand::random_range(500..5_000);
                self.send(&ServerMessage::Bye { reason: "restart".to_owned(), retry_after_ms });
                end(ctx, close::RESTART, "the server restarts");
            }
        }
    }
}

/// Closes the connection with a reason.
pub(super) fn end(ctx: &mut Ctx, code: u16, description: &str) {
    let description = Some(description.to_owned()).filter(|text| !text.is_empty());
    ctx.close(Some(CloseReason { code: CloseCode::from(code), description }));
    ctx.stop();
}

impl Connection {
    pub(super) fn send(&self, message: &ServerMessage) {
        self.outbox.borrow_mut().push_back(ws_frame::of(message));
    }

    /// Sends an `error` message; the connection stays open.
    pub(super) fn send_error(&self, code: &str, message: &str) {
        self.send(&ServerMessage::Error { code: code.to_owned(), message: message.to_owned() });
    }
}

/// Runs work as a task of its own. Work that waits for the database within the connection would not go on while the client
/// does not read, and would keep a database connection from everybody else. None where the task was lost.
pub(super) async fn run_apart<T: 'static>(work: impl Future<Output = T> + 'static) -> Option<T> {
    actix_web::rt::spawn(work).await.ok()
}
