//! One WebSocket connection of the price stream. Only this folder uses actix-web-actors.
//!
//! A connection has two halves, merged into one response body (`merged_body`). The actor does authentication,
//! subscriptions and the heartbeat; it is polled only when it was woken itself. Prices never pass through it: `ticks`
//! encodes a frame of the dirty rows when the socket asks for more, so no prices are queued for a slow socket.

mod actor;
mod authentication;
mod followed_list;
mod followed_list_set;
mod frame_gate;
mod handshake;
mod incoming;
mod list_set_updates;
mod list_updates;
mod merged_body;
mod reads;
mod subscriptions;
mod ticks;

use super::HandshakeError;
use super::close_state::CloseState;
use super::state::StreamState;
use super::worker::Worker;
use crate::auth::Caller;
use crate::limits::Client;
use crate::limits::stream_budget::StreamPayer;
use crate::{clock, random};
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws::WebsocketContext;
use actor::Connection;
use frame_gate::FrameGate;
use merged_body::{MergedBody, Outbox};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use ticks::Ticks;

/// Bytes of one client message, over all its fragments.
const MAX_MESSAGE_BYTES: usize = 64 * 1024;
/// Symbols of one connection, those of followed lists included.
const MAX_SYMBOLS: usize = 5_000;
const MAX_MESSAGES_PER_SECOND: u32 = 50;
/// The size at which a connection's buffer is written to the socket before more of the body is asked for. A response's
/// head is smaller, so it is sent together with its body; with one chunk it is less than a page, so the rest of the
/// buffer never becomes resident.
pub const WRITE_BUFFER_BYTES: usize = 1024;
/// The jitter of database reads after missed events, so that a node's connections do not all read at once.
const REFRESH_JITTER_MS: u64 = 3_000;
/// How long a read of a followed list waits for the account's others.
const READ_TURN_TIMEOUT: Duration = Duration::from_secs(30);
/// The bounds of the delay before a read that failed is tried again, in milliseconds.
const READ_RETRY_MS: std::ops::Range<u64> = 500..2_000;
/// How long reads of what is followed may fail before the connection is closed.
const READ_DEADLINE: Duration = Duration::from_secs(60);
/// Why it is closed then.
const UNREADABLE: &str = "a watched list cannot be read";
/// For a browser's ticket, from the handshake.
const AUTH_DEADLINE: Duration = Duration::from_secs(5);
const PING_INTERVAL: Duration = Duration::from_secs(25);
const PONG_TIMEOUT: Duration = Duration::from_secs(10);

/// Answers the handshake of `client`. `user` is the caller if the handshake had a token (programs), or `None` (browsers,
/// which send a ticket).
pub fn open(
    request: &HttpRequest,
    payload: web::Payload,
    state: &Arc<StreamState>,
    worker: &Rc<Worker>,
    client: &Client,
    user: Option<Caller>,
) -> Result<HttpResponse, HandshakeError> {
    let mut response = handshake::answer(request)?;
    let limits = &state.connection_limits;
    let address_slot = limits.enter_address(client)?;
    let unauthenticated_slot = user.is_none().then(|| limits.enter_unauthenticated()).transpose()?;
    let account_slot = user.as_ref().map(|user| limits.enter_account(&user.id)).transpose()?;
    let key = worker.hub.borrow_mut().add_connection();
    let interval = Rc::new(Cell::new(Duration::ZERO));
    let close_state = Rc::new(Cell::new(CloseState::Open));
    let outbox = Outbox::default();
    worker.add_connection(key, close_state.clone());
    let payer = StreamPayer::new(&state.budgets, random::number(), client.bucket_key());
    let payer = Rc::new(RefCell::new(payer));
    let payload = FrameGate::new(payload, payer.clone(), close_state.clone());
    let ticks = Ticks::new(worker.clone(), key, interval.clone());
    let connection = Connection {
        state: state.clone(),
        worker: worker.clone(),
        key,
        user,
        interval,
        outbox: outbox.clone(),
        notices: Rc::default(),
        payer,
        account_slot,
        unauthenticated_slot,
        subscribed: Box::default(),
        followed: BTreeMap::new(),
        followed_set: None,
        fragments: None,
        last_received_at: clock::monotonic(),
        message_count: (clock::monotonic(), 0),
        expiry_timer: None,
    };
    let control = WebsocketContext::create(connection, payload);
    Ok(response.streaming(MergedBody::new(control, outbox, ticks, close_state, address_slot)))
}
