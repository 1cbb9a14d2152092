//! Where each message of the stream goes.

use crate::stream::Live;
use crate::stream::connection::Link;
use crate::stream::message::Message;
use crate::view::service_worker;
use leptos::prelude::*;
use watchtape_shared::stream::ClientMessage;

impl Live {
    pub(super) fn deliver(self, text: &str) {
        match Message::read(text) {
            Message::Hello(hello) => {
                self.clock.set_by(hello.server_time);
                self.greet();
            }
            Message::Snapshot(snapshot) => {
                self.connection.hear();
                self.quotes.put(snapshot.quotes);
            }
            Message::Ticks(ticks) => {
                self.connection.hear();
                self.quotes.tick(ticks.rows);
            }
            Message::Watchlist(told) => self.list.told(&told.id, told.name, told.version, told.items),
            Message::Market(market) => self.market.set(Some(market)),
            Message::Bye(bye) => self.inner.update_value(|inner| inner.retry_after_ms = bye.retry_after_ms),
            Message::Other => {}
        }
    }

    /// The server knows who this is: ask for the list that is open, the prices on screen, and the market once.
    fn greet(self) {
        self.connection.set(Link::Connected);
        self.inner.update_value(|inner| {
            inner.greeted = true;
            inner.greetings += 1;
            if let (Some(socket), Some(watchlist)) = (&inner.socket, inner.watched.clone()) {
                socket.send(&ClientMessage::Watch { watchlist, prices: false });
            }
        });
        self.subscribe_anew();
        if self.inner.with_value(|inner| inner.greetings > 1) {
            self.lists.load();
            // A server that was away may have come back as another version.
            service_worker::tell(service_worker::CHECK);
        }
        leptos::task::spawn_local(async move {
            if let Ok(market) = self.api.get_market().await {
                self.market.set(Some(market));
            }
        });
    }
}
