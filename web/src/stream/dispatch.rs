//! Dispatches the messages of the server.

use super::connection::ConnectionStatus;
use super::event::StreamEvent;
use super::message::{Message, StreamError, Watchlist, WatchlistChanged};
use super::{PriceStream, watch};
use crate::view::service_worker;
use leptos::prelude::*;

impl PriceStream {
    pub(super) fn dispatch(self, text: &str) {
        match Message::read(text) {
            Message::Hello(hello) => {
                self.report(StreamEvent::ServerTime(hello.server_time));
                self.on_hello();
            }
            Message::Snapshot(snapshot) => {
                self.connection.note_prices();
                self.report(StreamEvent::Snapshot(snapshot.quotes));
            }
            Message::Ticks(ticks) => {
                self.connection.note_prices();
                self.report(StreamEvent::Ticks(ticks.rows));
            }
            Message::Watchlist(Watchlist { id, name, version, items }) => {
                self.report(StreamEvent::Watchlist { id, name, version, items });
            }
            Message::WatchlistChanged(WatchlistChanged { id, version, from_version, changes }) => {
                self.report(StreamEvent::WatchlistChanged { id, version, from_version, changes });
            }
            Message::Market(market) => self.report(StreamEvent::Market(market)),
            Message::Bye(bye) => self.inner.update_value(|inner| inner.retry_after_ms = bye.retry_after_ms),
            Message::Error(StreamError { code, message }) => self.report(StreamEvent::Refused { code, message }),
            Message::Other => {}
        }
    }

    /// After the server's greeting: watches the open list, subscribes the wanted symbols and reads the market once.
    fn on_hello(self) {
        self.connection.set(ConnectionStatus::Connected);
        self.inner.update_value(|inner| {
            inner.greeted = true;
            inner.greetings += 1;
            if let (Some(socket), Some(watchlist)) = (&inner.socket, inner.watched.clone()) {
                socket.send(&watch(watchlist));
            }
        });
        self.resubscribe();
        if self.inner.with_value(|inner| inner.greetings > 1) {
            self.report(StreamEvent::Reconnected);
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
