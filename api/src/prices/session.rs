//! One socket of the price stream. The only file that knows actix-web-actors.
//!
//! A connection has two halves that are merged into one response body. The actor keeps control: authentication,
//! subscriptions, heartbeat; it is polled only when it was woken itself. Prices never pass through it: [`Prices`]
//! computes a frame from what is dirty at the moment the socket asks for more, so that a slow socket gets fewer, newer
//! values and nothing is queued for it.

mod control;
pub(super) mod frame;
mod prices;

use super::connections::Slot;
use super::hub::Key;
use super::worker::Worker;
use crate::auth::Caller;
use crate::client::Client;
use crate::error::{Code, Error};
use crate::state::AppState;
use actix::prelude::*;
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws::{self, WebsocketContext};
use futures_util::Stream;
use prices::Prices;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};
use watchtape_shared::stream::{SUBPROTOCOL, close};
use watchtape_shared::{Symbol, WatchlistId};

/// The most bytes of one message, over all its fragments.
const MAX_MESSAGE_BYTES: usize = 64 * 1024;
/// The most symbols of one connection, watched lists included.
const MAX_SYMBOLS: usize = 5_000;
/// The most messages of a client in a second.
const MAX_MESSAGES_A_SECOND: u32 = 50;
/// The most bytes that are handed to the connection at once.
const MAX_PIECE: usize = 2048;
/// From how many bytes on a connection writes before it asks for more. An answer's head is less, so that it goes out with
/// its body; with a piece it makes less than a page, so that the rest of the connection's buffer takes no memory.
pub const WRITE_BUFFER: usize = 1024;
/// Over how many milliseconds the sockets of a node spread their questions after it was cut off.
const LOOK_AGAIN_MS: u64 = 3_000;
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
    user: Option<Caller>,
    /// The client's own least time between two `ticks` messages.
    interval: Rc<Cell<Duration>>,
    outbox: Outbox,
    /// The run of rounds that the client was told of.
    epoch: Arc<str>,
    /// Its place among the account's connections.
    slot: Option<Slot>,
    /// Its place among those that have not said whose they are.
    unknown: Option<Slot>,
    /// What it subscribed by name, sorted; a slice, since a set takes twice the memory of every connection.
    own: Box<[Symbol]>,
    /// The lists it follows, as they were when last read.
    lists: BTreeMap<WatchlistId, Followed>,
    fragments: Option<Vec<u8>>,
    heard_at: Instant,
    messages: (Instant, u32),
    expiry: Option<SpawnHandle>,
}

#[derive(Default)]
struct Followed {
    version: u64,
    /// Whether its symbols are to be subscribed.
    has_prices: bool,
    /// Those that are subscribed because of it.
    symbols: Vec<Symbol>,
    is_reading: bool,
    /// It has changed, or was asked for, since the read that is under way began.
    is_outdated: bool,
}

impl Followed {
    /// Whether it adds to the set of symbols, or did when it was last read.
    fn concerns_set(&self) -> bool {
        self.has_prices || !self.symbols.is_empty()
    }
}

/// Answers the handshake. `user` is known where a program sent its token with it.
pub fn open(
    request: &HttpRequest,
    payload: web::Payload,
    state: web::Data<AppState>,
    worker: &web::Data<Rc<Worker>>,
    user: Option<Caller>,
) -> Result<HttpResponse, Error> {
    let address = state.connections.enter_address(&Client::of(request, &state.proxies))?;
    let unknown = user.is_none().then(|| state.connections.enter_unknown()).transpose()?;
    let slot = user.as_ref().map(|user| state.connections.enter_account(&user.id)).transpose()?;
    let refused =
        |error: ws::HandshakeError| Error::new(Code::BadRequest, format!("Not a WebSocket handshake: {error}."));
    let mut response = ws::handshake_with_protocols(request, &[SUBPROTOCOL]).map_err(refused)?;
    let worker: Rc<Worker> = Rc::clone(worker);
    let key = worker.hub.borrow_mut().join();
    let interval = Rc::new(Cell::new(Duration::ZERO));
    let fate = Rc::new(Cell::new(Fate::Open));
    let outbox = Outbox::default();
    worker.watch_over(key, fate.clone());
    let prices = Prices::new(worker.clone(), key, interval.clone());
    let session = Session {
        state,
        worker,
        key,
        user,
        interval,
        outbox: outbox.clone(),
        epoch: Arc::default(),
        slot,
        unknown,
        own: Box::default(),
        lists: BTreeMap::new(),
        fragments: None,
        heard_at: Instant::now(),
        messages: (Instant::now(), 0),
        expiry: None,
    };
    let control = WebsocketContext::create(session, payload);
    let waker = Arc::new(ControlWaker { woken: AtomicBool::new(true), task: Mutex::new(Waker::noop().clone()) });
    let merged = Merged {
        control: Box::pin(control),
        own_waker: waker.clone().into(),
        task: Waker::noop().clone(),
        waker,
        outbox,
        said: None,
        has_ended: false,
        prices,
        fate,
        rest: web::Bytes::new(),
        address,
    };
    Ok(response.streaming(merged))
}

/// How a connection is to end, where that is not for its actor to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is open.
    Open,
    /// Its client does not read.
    TooSlow,
    /// A notice could not be delivered: it knows less than it should, and must start over.
    OutOfStep,
    /// Its close frame is out.
    Closed,
}

/// The messages of the control half, as frames on their way to the socket. The actor's own context would keep the buffer
/// that it once needed for a snapshot. Bounded by what one step of the actor has to say: it takes none before all are out.
type Outbox = Rc<RefCell<VecDeque<web::Bytes>>>;

/// The two halves as one body: control first, so that a snapshot is out before the ticks that follow it.
struct Merged<S> {
    control: Pin<Box<S>>,
    waker: Arc<ControlWaker>,
    own_waker: Waker,
    /// The connection's waker, as `waker` has it.
    task: Waker,
    outbox: Outbox,
    /// What the actor's context said while there were messages: it is for after them.
    said: Option<Result<web::Bytes, actix_web::Error>>,
    /// The actor has stopped.
    has_ended: bool,
    prices: Prices,
    fate: Rc<Cell<Fate>>,
    /// What of a message is left to hand on.
    rest: web::Bytes,
    /// Its place among the connections of its address, given back when the connection ends.
    #[expect(dead_code, reason = "held for its drop")]
    address: Slot,
}

/// Wakes the connection, and remembers that it was the control half that asked for it: on a price alone that half has
/// nothing to say, and polling it would cost more than the price.
struct ControlWaker {
    woken: AtomicBool,
    task: Mutex<Waker>,
}

impl Wake for ControlWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.task.lock().unwrap_or_else(PoisonError::into_inner).wake_by_ref();
    }
}

impl<S: Stream<Item = Result<web::Bytes, actix_web::Error>>> Merged<S> {
    fn poll_message(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<web::Bytes, actix_web::Error>>> {
        let (code, reason) = match self.fate.get() {
            Fate::Open => (None, ""),
            Fate::TooSlow => (Some(close::TOO_SLOW), "the client does not read"),
            Fate::OutOfStep => (Some(close::TRY_AGAIN_LATER), "the connection fell out of step"),
            Fate::Closed => return Poll::Ready(None),
        };
        if let Some(code) = code {
            self.fate.set(Fate::Closed);
            return Poll::Ready(Some(Ok(frame::close(code, reason))));
        }
        // It stays the same for as long as the connection's task does: a glance, and no lock.
        if !self.task.will_wake(context.waker()) {
            self.task.clone_from(context.waker());
            self.task.clone_into(&mut self.waker.task.lock().unwrap_or_else(PoisonError::into_inner));
            self.waker.woken.store(true, Ordering::Release);
        }
        if self.outbox.borrow().is_empty()
            && self.said.is_none()
            && self.waker.woken.load(Ordering::Relaxed)
            && self.waker.woken.swap(false, Ordering::Acquire)
        {
            match self.control.as_mut().poll_next(&mut Context::from_waker(&self.own_waker)) {
                Poll::Pending => {}
                Poll::Ready(None) => self.has_ended = true,
                Poll::Ready(Some(said)) => self.said = Some(said),
            }
            // It may have more to say.
            if self.said.is_some() || !self.outbox.borrow().is_empty() {
                self.waker.woken.store(true, Ordering::Release);
            }
        }
        let message = {
            let mut outbox = self.outbox.borrow_mut();
            let message = outbox.pop_front();
            if outbox.is_empty() {
                *outbox = VecDeque::new();
            }
            message
        };
        if let Some(message) = message {
            return Poll::Ready(Some(Ok(message)));
        }
        if let Some(said) = self.said.take() {
            return Poll::Ready(Some(said));
        }
        if self.has_ended {
            return Poll::Ready(None);
        }
        self.prices.poll_frame(context).map(|frame| Some(Ok(frame)))
    }
}

impl<S: Stream<Item = Result<web::Bytes, actix_web::Error>>> Stream for Merged<S> {
    type Item = Result<web::Bytes, actix_web::Error>;

    /// Messages in pieces: the connection's buffer grows with what it is given at once, and never shrinks again.
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.rest.is_empty() {
            match std::task::ready!(self.poll_message(context)) {
                Some(Ok(message)) if message.len() > MAX_PIECE => self.rest = message,
                other => return Poll::Ready(other),
            }
        }
        let len = self.rest.len().min(MAX_PIECE);
        Poll::Ready(Some(Ok(self.rest.split_to(len))))
    }
}
