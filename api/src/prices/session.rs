//! One socket of the price stream. The only file that knows actix-web-actors.
//!
//! A connection has two halves that are merged into one response body. The actor keeps control: authentication,
//! subscriptions, heartbeat. Prices never pass through it: [`Prices`] computes a frame from what is dirty at the moment
//! the socket asks for more, so that a slow socket gets fewer, newer values and nothing is queued for it.

mod control;
mod prices;

use super::hub::Key;
use super::worker::Worker;
use crate::auth::CurrentUser;
use crate::error::{Code, Error};
use crate::state::AppState;
use actix::prelude::*;
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws::{self, WebsocketContext};
use bytestring::ByteString;
use futures_util::Stream;
use prices::Prices;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use watchtape_shared::stream::{SUBPROTOCOL, ServerMessage};
use watchtape_shared::{Symbol, WatchlistId};

/// The most bytes of one message, over all its fragments.
const MAX_MESSAGE_BYTES: usize = 64 * 1024;
/// The most symbols of one connection, watched lists included.
const MAX_SYMBOLS: usize = 5_000;
/// The most messages of a client in a second.
const MAX_MESSAGES_A_SECOND: u32 = 50;
/// How long a browser may take to present its ticket.
const AUTH_DEADLINE: Duration = Duration::from_secs(5);
const PING_INTERVAL: Duration = Duration::from_secs(25);
const PONG_TIMEOUT: Duration = Duration::from_secs(10);

/// The control half of a connection.
struct Session {
    state: web::Data<AppState>,
    worker: Rc<Worker>,
    key: Key,
    /// Whom it speaks for, once that is known.
    user: Option<CurrentUser>,
    /// The client's own least time between two `ticks` messages.
    interval: Rc<Cell<Duration>>,
    missed_notice: Rc<Cell<bool>>,
    /// What it subscribed by name.
    own: BTreeSet<Symbol>,
    /// The lists it follows, with the version and the symbols they had when last read.
    lists: BTreeMap<WatchlistId, Followed>,
    fragments: Option<Vec<u8>>,
    heard_at: Instant,
    messages: (Instant, u32),
    expiry: Option<SpawnHandle>,
}

#[derive(Default)]
struct Followed {
    version: u64,
    symbols: Vec<Symbol>,
}

/// Answers the handshake. `user` is known where a program sent its token with it.
pub fn open(
    request: &HttpRequest,
    payload: web::Payload,
    state: web::Data<AppState>,
    worker: &web::Data<Rc<Worker>>,
    user: Option<CurrentUser>,
) -> Result<HttpResponse, Error> {
    let refused =
        |error: ws::HandshakeError| Error::new(Code::BadRequest, format!("Not a WebSocket handshake: {error}."));
    let mut response = ws::handshake_with_protocols(request, &[SUBPROTOCOL]).map_err(refused)?;
    let worker: Rc<Worker> = Rc::clone(worker);
    let key = worker.hub.borrow_mut().join();
    let interval = Rc::new(Cell::new(Duration::ZERO));
    let missed_notice = Rc::new(Cell::new(false));
    let prices = Prices::new(worker.clone(), key, interval.clone());
    let session = Session {
        state,
        worker,
        key,
        user,
        interval,
        missed_notice: missed_notice.clone(),
        own: BTreeSet::new(),
        lists: BTreeMap::new(),
        fragments: None,
        heard_at: Instant::now(),
        messages: (Instant::now(), 0),
        expiry: None,
    };
    let control = WebsocketContext::create(session, payload);
    Ok(response.streaming(Merged { control: Box::pin(control), prices, missed_notice }))
}

/// A server's message as text.
pub fn encode(message: &ServerMessage) -> ByteString {
    serde_json::to_string(message).expect("messages are plain data").into()
}

/// The two halves as one body: control first, so that a snapshot is out before the ticks that follow it.
struct Merged<S> {
    control: Pin<Box<S>>,
    prices: Prices,
    missed_notice: Rc<Cell<bool>>,
}

impl<S: Stream<Item = Result<web::Bytes, actix_web::Error>>> Stream for Merged<S> {
    type Item = Result<web::Bytes, actix_web::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.missed_notice.get() {
            return Poll::Ready(None);
        }
        match self.control.as_mut().poll_next(context) {
            Poll::Pending => self.prices.poll_frame(context).map(|frame| Some(Ok(frame))),
            ready => ready,
        }
    }
}
