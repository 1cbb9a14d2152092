//! The control half of a connection: an actor that handles messages of the client and events of the worker. The other files
//! of this folder implement them.

use super::followed_list::FollowedList;
use super::followed_list_set::FollowedListSet;
use super::merged_body::Outbox;
use super::{AUTH_DEADLINE, PING_INTERVAL, PONG_TIMEOUT, REFRESH_JITTER_MS};
use crate::auth::Caller;
use crate::limits::connection_limits::Slot;
use crate::limits::stream_budget::StreamPayer;
use crate::stream::hub::ConnectionKey;
use crate::stream::notices::{Notices, NoticesPending};
use crate::stream::state::StreamState;
use crate::stream::worker::Worker;
use crate::stream::ws_frame;
use crate::{clock, random};
use actix::prelude::*;
use actix_http::ws::{CloseCode, CloseReason, Message, ProtocolError};
use actix_web_actors::ws::WebsocketContext;
use std::cell::{Cell, RefCell};
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
    pub(super) key: ConnectionKey,
    /// The authenticated caller; `None` before authentication.
    pub(super) user: Option<Caller>,
    /// The minimum time between two `ticks` messages that the client has asked for.
    pub(super) interval: Rc<Cell<Duration>>,
    pub(super) outbox: Outbox,
    /// What it has been notified of and has not looked at yet.
    pub(super) notices: Rc<RefCell<Notices>>,
    /// Its budgets, and those of its account and address.
    pub(super) payer: Rc<RefCell<StreamPayer>>,
    /// Its slot among the account's connections.
    pub(super) account_slot: Option<Slot>,
    /// Its slot among the unauthenticated connections, until it has authenticated.
    pub(super) unauthenticated_slot: Option<Slot>,
    /// The symbols subscribed by name, sorted. A slice, as a set would take twice the memory for every connection.
    pub(super) subscribed: Box<[Symbol]>,
    /// The lists it follows, as they were when last read.
    pub(super) followed: BTreeMap<WatchlistId, FollowedList>,
    /// The set of the account's lists, if it follows that.
    pub(super) followed_set: Option<Box<FollowedListSet>>,
    /// The fragments of an incomplete message.
    pub(super) fragments: Option<Vec<u8>>,
    /// When the client last sent any frame, pongs included.
    pub(super) last_received_at: Instant,
    /// The rate limit of messages: when the current second began, and the number of messages in it.
    pub(super) message_count: (Instant, u32),
    /// Closes the connection when its credential expires.
    pub(super) expiry_timer: Option<SpawnHandle>,
}

impl Actor for Connection {
    type Context = Ctx;

    fn started(&mut self, ctx: &mut Ctx) {
        if let Some(user) = self.user.take() {
            self.on_authenticated(user, ctx);
        } else {
            ctx.run_later(AUTH_DEADLINE, |connection, ctx| {
                if connection.user.is_none() {
                    close_with(ctx, close::DEADLINE, "no ticket in time");
                }
            });
        }
        ctx.run_interval(PING_INTERVAL, |_, ctx| {
            let pinged_at = clock::monotonic();
            ctx.ping(b"");
            ctx.run_later(PONG_TIMEOUT, move |connection, ctx| {
                if connection.last_received_at < pinged_at {
                    close_with(ctx, close::DEADLINE, "no pong in time");
                }
            });
        });
    }
}

impl StreamHandler<Result<Message, ProtocolError>> for Connection {
    fn handle(&mut self, message: Result<Message, ProtocolError>, ctx: &mut Ctx) {
        self.last_received_at = clock::monotonic();
        match message {
            Ok(Message::Text(text)) => self.receive(text.as_bytes(), ctx),
            Ok(Message::Continuation(item)) => self.reassemble(item, ctx),
            Ok(Message::Ping(payload)) => ctx.pong(&payload),
            Ok(Message::Pong(_) | Message::Nop) => {}
            Ok(Message::Close(_)) => close_with(ctx, close::NORMAL, ""),
            Ok(Message::Binary(_)) => close_with(ctx, close::BAD_MESSAGE, "messages are JSON in text frames"),
            Err(ProtocolError::Overflow) => close_with(ctx, close::TOO_LARGE, "the message is too large"),
            Err(_) => close_with(ctx, close::BAD_MESSAGE, "not a WebSocket frame"),
        }
    }
}

impl Handler<NoticesPending> for Connection {
    type Result = ();

    fn handle(&mut self, _: NoticesPending, ctx: &mut Ctx) {
        let notices = self.notices.take();
        if let Some(reason) = notices.epoch_begun {
            self.on_epoch_begun(reason);
        }
        if let Some(market) = notices.market {
            self.outbox.borrow_mut().push_back(market);
        }
        for event in notices.alerts.into_values() {
            self.send(&ServerMessage::Alert { event: Arc::unwrap_or_clone(event) });
        }
        if notices.access_changed {
            self.check_access(ctx);
        }
        if notices.events_missed {
            let delay = Duration::from_millis(random::within(0..REFRESH_JITTER_MS));
            ctx.run_later(delay, Self::refresh);
        }
        if notices.list_set_changed || !notices.lists.is_empty() {
            self.read_list_set(ctx);
        }
        for (list, trace) in notices.lists {
            if let Some(followed) = self.followed.get_mut(&list) {
                followed.trace.replace_by(trace);
                self.read_list(list, ctx);
            }
        }
        if notices.stopping {
            // Jitter, so that a node's clients do not all reconnect at once.
            let retry_after_ms = random::within(500..5_000);
            self.send(&ServerMessage::Bye { reason: "restart".to_owned(), retry_after_ms });
            close_with(ctx, close::RESTART, "the server restarts");
        }
    }
}

/// Sends a close frame and stops the actor.
pub(super) fn close_with(ctx: &mut Ctx, code: u16, description: &str) {
    let description = Some(description.to_owned()).filter(|text| !text.is_empty());
    ctx.close(Some(CloseReason { code: CloseCode::from(code), description }));
    ctx.stop();
}

impl Connection {
    /// Sends a message, at the cost of the account.
    pub(super) fn send(&self, message: &ServerMessage) {
        let frame = ws_frame::encode(message);
        self.payer.borrow().charge_answer(frame.len(), 0);
        self.outbox.borrow_mut().push_back(frame);
    }

    /// Sends an `error` message; the connection stays open.
    pub(super) fn send_error(&self, code: &str, message: &str) {
        self.send(&ServerMessage::Error { code: code.to_owned(), message: message.to_owned() });
    }
}

/// Runs database work as a separate task. Inside the actor it would not be polled while the client does not read, and would
/// hold its database connection meanwhile. `None` if the task panicked or was cancelled.
pub(super) async fn run_detached<T: 'static>(work: impl Future<Output = T> + 'static) -> Option<T> {
    actix_web::rt::spawn(work).await.ok()
}
