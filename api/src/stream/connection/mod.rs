//! One socket of the price stream. This folder alone knows actix-web-actors.
//!
//! A connection has two halves that are merged into one response body (`merged_body`). The actor keeps control:
//! authentication, subscriptions, heartbeat; it is polled only when it was woken itself. Prices never pass through it:
//! `ticks` computes a frame from what is dirty at the moment the socket asks for more, so that a slow socket gets fewer,
//! newer values and nothing is queued for it.

mod actor;
mod authentication;
mod followed_list;
mod incoming;
mod list_updates;
mod merged_body;
mod subscriptions;
mod ticks;

use super::HandshakeError;
use super::close_state::CloseState;
use super::state::StreamState;
use super::worker::Worker;
use crate::auth::Caller;
use crate::limits::Client;
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws::{self, WebsocketContext};
use actor::Connection;
use merged_body::{MergedBody, Outbox};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use ticks::Ticks;
use watchtape_shared::stream::SUBPROTOCOL;

/// The most bytes of one message, over all its fragments.
const MAX_MESSAGE_BYTES: usize = 64 * 1024;
/// The most symbols of one connection, followed lists included.
const MAX_SYMBOLS: usize = 5_000;
const MAX_MESSAGES_PER_SECOND: u32 = 50;
/// From how many bytes on a connection writes before it asks for more. A response's head is less, so that it goes out with
/// its body; with a piece it makes less than a page, so that the rest of the connection's buffer takes no memory.
pub const WRITE_BUFFER: usize = 1024;
/// Over how many milliseconds the connections of a node spread their reads after it was cut off.
const REFRESH_SPREAD_MS: u64 = 3_000;
/// How long a browser may take to present its ticket.
const AUTH_DEADLINE: Duration = Duration::from_secs(5);
const PING_INTERVAL: Duration = Duration::from_secs(25);
const PONG_TIMEOUT: Duration = Duration::from_secs(10);

/// Answers the handshake of `client`. `user` is known where a program sent its token with it.
pub fn open(
    request: &HttpRequest,
    payload: web::Payload,
    state: &Arc<StreamState>,
    worker: &Rc<Worker>,
    client: &Client,
    user: Option<Caller>,
) -> Result<HttpResponse, HandshakeError> {
    let limits = &state.connection_limits;
    let address_slot = limits.enter_address(client)?;
    let unauthenticated_slot = user.is_none().then(|| limits.enter_unauthenticated()).transpose()?;
    let account_slot = user.as_ref().map(|user| limits.enter_account(&user.id)).transpose()?;
    let mut response = ws::handshake_with_protocols(request, &[SUBPROTOCOL])?;
    let key = worker.hub.borrow_mut().join();
    let interval = Rc::new(Cell::new(Duration::ZERO));
    let close_state = Rc::new(Cell::new(CloseState::Open));
    let outbox = Outbox::default();
    worker.watch_connection(key, close_state.clone());
    let ticks = Ticks::new(worker.clone(), key, interval.clone());
    let connection = Connection {
        state: state.clone(),
        worker: worker.clone(),
        key,
        user,
        interval,
        outbox: outbox.clone(),
        epoch: Arc::default(),
        account_slot,
        unauthenticated_slot,
        subscribed: Box::default(),
        followed: BTreeMap::new(),
        fragments: None,
        heard_at: Instant::now(),
        messages: (Instant::now(), 0),
        expiry: None,
    };
    let control = WebsocketContext::create(connection, payload);
    Ok(response.streaming(MergedBody::new(control, outbox, ticks, close_state, address_slot)))
}
