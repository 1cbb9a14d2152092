//! The price stream: one WebSocket for the whole app, kept open for as long as somebody is signed in.
//!
//! ```text
//!   ticket (api) ─▶ socket ─▶ hello ─▶ watch, subscribe ─▶ watchlist, snapshot, ticks … ─▶ closed
//!      ▲                                  ▲                     │ dispatch                   │
//!      │                            wanted symbols              ▼                            ▼
//!      │                       (read from the state)       StreamEvent            close_codes: renew the
//!      └── wait (backoff, cut short when the network ◀──────────────────────── token, sign in, or reconnect
//!          returns), or suspended while the tab is hidden (availability)
//! ```
//!
//! Deliberately absent: the app's state, which handles each [`StreamEvent`]; a second socket; a queue of messages. A
//! message is dispatched when it arrives.

mod availability;
mod backoff;
mod close_codes;
pub(crate) mod connection;
mod dispatch;
pub(crate) mod event;
mod heartbeat;
mod message;
mod socket;
mod subscriptions;
mod wait;

use crate::api::{Api, Failure};
use availability::Suspension;
use backoff::Backoff;
use close_codes::Next;
use connection::{Connection, Link};
use event::StreamEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use socket::Socket;
use std::collections::HashSet;
use std::rc::Rc;
use subscriptions::Subscriptions;
use wait::Wait;
use watchtape_shared::stream::ClientMessage;
use watchtape_shared::{Symbol, WatchlistId};

/// A connection that lasted this long was a good one: the next pause is short again.
const GOOD_MS: f64 = 10_000.0;
const OFFLINE_MS: u64 = 60_000;

type OnEvent = Rc<dyn Fn(StreamEvent)>;
type WantedSymbols = Rc<dyn Fn() -> HashSet<Symbol>>;

/// The stream.
#[derive(Clone, Copy)]
pub(crate) struct PriceStream {
    api: Api,
    connection: Connection,
    on_event: StoredValue<OnEvent, LocalStorage>,
    wanted_symbols: StoredValue<WantedSymbols, LocalStorage>,
    inner: StoredValue<Inner, LocalStorage>,
}

#[derive(Default)]
struct Inner {
    /// Counts starts and stops: a loop that finds another number than its own ends.
    run: u32,
    socket: Option<Socket>,
    watched: Option<WatchlistId>,
    subscriptions: Subscriptions,
    greeted: bool,
    /// How often this run was greeted: what changed elsewhere between two greetings was missed.
    greetings: u32,
    retry_after_ms: u64,
    wait: Wait,
    suspension: Suspension,
}

impl PriceStream {
    /// A stream that is not started yet. `wanted_symbols` is read in an effect: prices are subscribed as it changes.
    pub(crate) fn new(
        api: Api,
        connection: Connection,
        wanted_symbols: impl Fn() -> HashSet<Symbol> + 'static,
        on_event: impl Fn(StreamEvent) + 'static,
    ) -> Self {
        let stream = Self {
            api,
            connection,
            on_event: StoredValue::new_local(Rc::new(on_event)),
            wanted_symbols: StoredValue::new_local(Rc::new(wanted_symbols)),
            inner: StoredValue::new_local(Inner::default()),
        };
        stream.follow_network();
        stream.follow_visibility();
        stream.follow_wanted_symbols();
        stream
    }

    /// Connects, and stays connected until stopped.
    pub(crate) fn start(self) {
        let run = self.end_run();
        self.connection.set(Link::Connecting);
        spawn_local(self.keep_connected(run));
    }

    /// Closes the socket and forgets what was watched.
    pub(crate) fn stop(self) {
        self.end_run();
        self.inner.update_value(|inner| inner.watched = None);
    }

    /// Follows this list and no other: what is on it. Prices come by what is on screen.
    pub(crate) fn watch(self, id: Option<WatchlistId>) {
        self.inner.update_value(|inner| {
            if inner.watched == id {
                return;
            }
            let before = std::mem::replace(&mut inner.watched, id.clone());
            if let Some(socket) = inner.socket.as_ref().filter(|_| inner.greeted) {
                if let Some(watchlist) = before {
                    socket.send(&ClientMessage::Unwatch { watchlist });
                }
                if let Some(watchlist) = id {
                    socket.send(&ClientMessage::Watch { watchlist, prices: false });
                }
            }
        });
    }

    async fn keep_connected(self, run: u32) {
        let mut backoff = Backoff::default();
        while self.is_run(run) {
            if let Some(resumed) = self.suspension() {
                resumed.await;
                backoff = Backoff::default();
                continue;
            }
            self.connection.set_retry(None);
            let opened = js_sys::Date::now();
            let next = self.connect_once(run).await;
            if !self.is_run(run) {
                return;
            }
            if self.is_suspended() {
                continue;
            }
            if js_sys::Date::now() - opened > GOOD_MS {
                backoff = Backoff::default();
            }
            match next {
                Next::SignIn => return self.report(StreamEvent::SessionEnded),
                // At once, but only the first time in a row: a token that is refused while fresh must not spin.
                Next::Renew if backoff.is_fresh() => {
                    backoff.count();
                    if self.api.renew().await == Err(Failure::SignedOut) {
                        return;
                    }
                }
                Next::Renew | Next::Return => {
                    let has_network = availability::has_network();
                    self.connection.set(if has_network { Link::Reconnecting } else { Link::Offline });
                    let floor_ms = self.inner.try_update_value(|inner| std::mem::take(&mut inner.retry_after_ms));
                    let pause_ms = match has_network {
                        true => backoff.next(js_sys::Math::random(), floor_ms.unwrap_or(0)),
                        // The browser says when there is one; what it believes is tested now and then.
                        false => OFFLINE_MS,
                    };
                    self.connection.set_retry(Some(js_sys::Date::now() + pause_ms as f64));
                    let waited = self.inner.try_update_value(|inner| inner.wait.begin(pause_ms));
                    if let Some(waited) = waited {
                        waited.await;
                    }
                }
            }
        }
    }

    /// One connection, from its ticket to its end.
    async fn connect_once(self, run: u32) -> Next {
        let ticket = match self.api.issue_stream_ticket().await {
            Ok(ticket) => ticket.ticket,
            Err(Failure::SignedOut) => return Next::SignIn,
            Err(_) => return Next::Return,
        };
        if !self.is_run(run) || self.is_suspended() {
            return Next::Return;
        }
        let Some((socket, closed)) = Socket::open(ClientMessage::Auth { ticket }, move |text| self.dispatch(&text))
        else {
            return Next::Return;
        };
        self.inner.update_value(|inner| {
            inner.socket = Some(socket);
            inner.greeted = false;
        });
        let code = closed.await;
        if !self.is_run(run) {
            return Next::Return;
        }
        let greeted = self.inner.try_update_value(|inner| {
            inner.socket = None;
            std::mem::take(&mut inner.greeted)
        });
        close_codes::after(code, greeted == Some(true))
    }

    fn report(self, event: StreamEvent) {
        let on_event = self.on_event.get_value();
        on_event(event);
    }

    fn is_run(self, run: u32) -> bool {
        self.inner.try_with_value(|inner| inner.run == run) == Some(true)
    }

    fn end_run(self) -> u32 {
        let ended = self.inner.try_update_value(|inner| {
            inner.run += 1;
            inner.greeted = false;
            inner.greetings = 0;
            inner.wait.end();
            (inner.run, inner.socket.take())
        });
        let Some((run, socket)) = ended else { return 0 };
        if let Some(socket) = socket {
            socket.close();
        }
        run
    }
}
