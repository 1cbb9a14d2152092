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
mod close_codes;
pub(crate) mod connection;
mod dispatch;
mod epoch;
pub(crate) mod event;
mod heartbeat;
mod message;
mod reconnect_delay;
mod reconnect_loop;
mod socket;
mod subscriptions;
mod wait;

use crate::api::Api;
use availability::Suspension;
use connection::{Connection, ConnectionStatus};
use epoch::Epoch;
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
    /// Counts starts and stops: a loop whose number is not the current one ends.
    run: u32,
    socket: Option<Socket>,
    watched: Option<WatchlistId>,
    subscriptions: Subscriptions,
    greeted: bool,
    /// Whether this connection has told of the set of lists.
    has_told_lists: bool,
    epoch: Epoch,
    /// How many `hello` messages this run received: changes between two of them were missed.
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
        self.connection.set(ConnectionStatus::Connecting);
        spawn_local(self.keep_connected(run));
    }

    /// Closes the socket and forgets the watched list.
    pub(crate) fn stop(self) {
        self.end_run();
        self.inner.update_value(|inner| inner.watched = None);
    }

    /// Watches the items of this list and no other. Prices are subscribed by symbol.
    pub(crate) fn watch(self, id: Option<WatchlistId>) {
        self.inner.update_value(|inner| {
            if inner.watched == id {
                return;
            }
            let before = std::mem::replace(&mut inner.watched, id.clone());
            if let Some(socket) = inner.socket.as_ref().filter(|_| inner.greeted) {
                if let Some(watchlist) = before {
                    socket.send(&ClientMessage::Unwatch { watchlist: Some(watchlist), watchlists: false });
                }
                if let Some(watchlist) = id {
                    socket.send(&watch(watchlist));
                }
            }
        });
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

/// Follows a list: its changes alone, and not its prices, which are subscribed by symbol.
fn watch(watchlist: WatchlistId) -> ClientMessage {
    ClientMessage::Watch { watchlist: Some(watchlist), prices: false, deltas: true, watchlists: false }
}

/// Follows the set of the account's lists.
fn watch_lists() -> ClientMessage {
    ClientMessage::Watch { watchlist: None, prices: true, deltas: false, watchlists: true }
}
