//! Dispatches the messages of the server.

use super::connection::ConnectionStatus;
use super::epoch::Place;
use super::event::StreamEvent;
use super::message::{Message, StreamError, Watchlist, WatchlistChanged, Watchlists};
use super::{PriceStream, watch, watch_lists};
use crate::view::service_worker;
use leptos::prelude::*;
use watchtape_shared::stream::WATCHLISTS;

impl PriceStream {
    pub(super) fn dispatch(self, text: &str) {
        match Message::read(text) {
            Message::Hello(hello) => {
                let greeted = self.inner.try_update_value(|inner| inner.epoch.greet(&hello.epoch, hello.term));
                if greeted == Some(Place::Begins) {
                    self.report(StreamEvent::EpochBegun);
                }
                self.report(StreamEvent::ServerTime(hello.server_time));
                self.on_hello(hello.features.iter().any(|feature| feature == WATCHLISTS));
            }
            Message::Gap(gap) => {
                let _told = self.is_current(&gap.epoch, gap.term);
            }
            Message::Snapshot(snapshot) => {
                if self.is_current(&snapshot.epoch, snapshot.term) {
                    self.connection.note_prices();
                    self.report(StreamEvent::Snapshot(snapshot.quotes));
                }
            }
            Message::Ticks(ticks) => {
                if self.is_current(&ticks.epoch, ticks.term) {
                    self.connection.note_prices();
                    self.report(StreamEvent::Ticks { published_ms: ticks.ts / 1000, rows: ticks.rows });
                }
            }
            Message::Watchlist(Watchlist { id, name, version, items }) => {
                self.report(StreamEvent::Watchlist { id, name, version, items });
            }
            Message::WatchlistChanged(WatchlistChanged { id, version, from_version, changes }) => {
                self.report(StreamEvent::WatchlistChanged { id, version, from_version, changes });
            }
            Message::Watchlists(Watchlists { items }) => {
                let told = self.inner.try_update_value(|inner| std::mem::replace(&mut inner.has_told_lists, true));
                self.report(StreamEvent::Watchlists { items, is_first: told == Some(false) });
            }
            Message::Alert(alert) => self.report(StreamEvent::AlertTriggered(alert.event)),
            Message::Market(market) => self.report(StreamEvent::Market(market)),
            Message::Bye(bye) => self.inner.update_value(|inner| inner.retry_after_ms = bye.retry_after_ms),
            Message::Error(StreamError { code, message }) => self.report(StreamEvent::Refused { code, message }),
            Message::Other => {}
        }
    }

    /// Whether a message is not of an earlier epoch. Tells of an epoch that begins with it.
    fn is_current(self, epoch: &str, term: u64) -> bool {
        let place = self.inner.try_update_value(|inner| inner.epoch.place(epoch, term)).unwrap_or(Place::Before);
        if place == Place::Begins {
            self.report(StreamEvent::EpochBegun);
        }
        place != Place::Before
    }

    /// After the server's greeting: follows the set of lists and the open one, subscribes the wanted symbols and reads the market once.
    fn on_hello(self, tells_of_lists: bool) {
        self.connection.set(ConnectionStatus::Connected);
        self.inner.update_value(|inner| {
            inner.greeted = true;
            inner.greetings += 1;
            inner.has_told_lists = false;
            if let Some(socket) = inner.socket.as_ref().filter(|_| tells_of_lists) {
                socket.send(&watch_lists());
            }
            if let (Some(socket), Some(watchlist)) = (&inner.socket, inner.watched.clone()) {
                socket.send(&watch(watchlist));
            }
        });
        self.resubscribe();
        self.report(StreamEvent::Connected);
        if self.inner.with_value(|inner| inner.greetings > 1) {
            if !tells_of_lists {
                self.report(StreamEvent::ReconnectedWithoutLists);
            }
            // The server may have been restarted with another version.
            service_worker::notify(service_worker::CHECK);
        }
        leptos::task::spawn_local(async move {
            if let Ok(market) = self.api.get_market().await {
                self.report(StreamEvent::Market(market));
            }
        });
    }
}
