//! The price stream: one socket for the whole app, kept open for as long as somebody is signed in.
//!
//! ```text
//!   ticket (api) ─▶ socket ─▶ hello ─▶ watch, subscribe ─▶ watchlist, snapshot, ticks … ─▶ closed
//!      ▲                                   ▲                    │ deliver                    │
//!      │                             shown (what is             ▼                            ▼
//!      └──── pause (backoff, cut     on screen)           list, quotes, market          closing: renew,
//!            short when the network comes back), or rest ◀──────────────────────────── sign in or return
//!            while nobody sees the tab (presence)
//! ```
//!
//! Deliberately absent: a second socket, and a queue of messages. A message is delivered where it arrives; ticks wait
//! for the next animation frame folded by symbol (`state/quotes.rs`).

mod availability;
mod backoff;
mod close_codes;
pub(crate) mod connection;
mod dispatch;
mod heartbeat;
mod message;
mod socket;
mod subscriptions;
mod wait;

use crate::api::{Api, Failure};
use crate::state::account::session::{Farewell, Session};
use crate::state::clock::Clock;
use crate::state::lists::open_list::List;
use crate::state::lists::watchlists::Lists;
use crate::state::prices::quotes::Quotes;
use crate::state::prices::visible_symbols::Shown;
use availability::Rest;
use backoff::Backoff;
use close_codes::Next;
use connection::{Connection, Link};
use leptos::prelude::*;
use leptos::task::spawn_local;
use socket::Socket;
use subscriptions::Subscriptions;
use wait::Pause;
use watchtape_shared::WatchlistId;
use watchtape_shared::market::Market;
use watchtape_shared::stream::ClientMessage;

/// A connection that lasted this long was a good one: the next pause is short again.
const GOOD_MS: f64 = 10_000.0;
const OFFLINE_MS: u64 = 60_000;

/// The stream and what it delivers to.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    api: Api,
    session: Session,
    lists: Lists,
    list: List,
    quotes: Quotes,
    shown: Shown,
    connection: Connection,
    market: RwSignal<Option<Market>>,
    clock: Clock,
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
    pause: Pause,
    rest: Rest,
}

impl Live {
    #[expect(clippy::too_many_arguments, reason = "each is a part of the state that messages go to")]
    pub(crate) fn new(
        api: Api,
        session: Session,
        lists: Lists,
        list: List,
        quotes: Quotes,
        shown: Shown,
        connection: Connection,
        market: RwSignal<Option<Market>>,
        clock: Clock,
    ) -> Self {
        let inner = StoredValue::new_local(Inner::default());
        let live = Self { api, session, lists, list, quotes, shown, connection, market, clock, inner };
        live.follow_network();
        live.follow_visibility();
        live.follow_screen();
        live
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
            if let Some(rested) = self.rest() {
                rested.await;
                backoff = Backoff::default();
                continue;
            }
            self.connection.wait_until(None);
            let opened = js_sys::Date::now();
            let next = self.connect_once(run).await;
            if !self.is_run(run) {
                return;
            }
            if self.is_resting() {
                continue;
            }
            if js_sys::Date::now() - opened > GOOD_MS {
                backoff = Backoff::default();
            }
            match next {
                Next::SignIn => return self.session.end(Farewell::Expired),
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
                    self.connection.wait_until(Some(js_sys::Date::now() + pause_ms as f64));
                    let waited = self.inner.try_update_value(|inner| inner.pause.begin(pause_ms));
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
        if !self.is_run(run) || self.is_resting() {
            return Next::Return;
        }
        let Some((socket, closed)) = Socket::open(ClientMessage::Auth { ticket }, move |text| self.deliver(&text))
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

    fn is_run(self, run: u32) -> bool {
        self.inner.try_with_value(|inner| inner.run == run) == Some(true)
    }

    fn end_run(self) -> u32 {
        let ended = self.inner.try_update_value(|inner| {
            inner.run += 1;
            inner.greeted = false;
            inner.greetings = 0;
            inner.pause.end();
            (inner.run, inner.socket.take())
        });
        let Some((run, socket)) = ended else { return 0 };
        if let Some(socket) = socket {
            socket.close();
        }
        run
    }
}
