//! The client's messages: put together from fragments, counted, parsed, and passed on.

use super::actor::{Connection, Ctx, end};
use super::{MAX_MESSAGE_BYTES, MAX_MESSAGES_PER_SECOND};
use crate::json::is_object;
use actix_http::ws::Item;
use std::collections::HashSet;
use std::time::{Duration, Instant};
use watchtape_shared::Symbol;
use watchtape_shared::stream::{ClientMessage, SUBPROTOCOL, ServerMessage, close};

impl Connection {
    /// Puts a fragmented message together.
    pub(super) fn reassemble(&mut self, item: Item, ctx: &mut Ctx) {
        let (part, last) = match item {
            Item::FirstText(part) => {
                self.fragments = Some(Vec::new());
                (part, false)
            }
            Item::FirstBinary(_) => return end(ctx, close::BAD_MESSAGE, "messages are JSON in text frames"),
            Item::Continue(part) => (part, false),
            Item::Last(part) => (part, true),
        };
        let Some(fragments) = &mut self.fragments else {
            return end(ctx, close::BAD_MESSAGE, "a continuation of nothing");
        };
        if fragments.len() + part.len() > MAX_MESSAGE_BYTES {
            return end(ctx, close::TOO_LARGE, "the message is too large");
        }
        fragments.extend_from_slice(&part);
        if last {
            let message = self.fragments.take().unwrap_or_default();
            self.receive(&message, ctx);
        }
    }

    pub(super) fn receive(&mut self, text: &[u8], ctx: &mut Ctx) {
        if self.messages.0.elapsed() >= Duration::from_secs(1) {
            self.messages = (Instant::now(), 0);
        }
        self.messages.1 += 1;
        if self.messages.1 > MAX_MESSAGES_PER_SECOND {
            return end(ctx, close::TOO_MANY, "too many messages");
        }
        // An array of an operation and its fields would parse too, and is no part of the protocol.
        let message = match serde_json::from_slice::<ClientMessage>(text) {
            Ok(message) if is_object(text) => message,
            outcome => {
                // A close reason has room for 123 bytes: the whole cause goes into a message before it.
                let cause = outcome.err().map_or_else(|| "not an object".to_owned(), |error| error.to_string());
                let message = format!("not a message of {SUBPROTOCOL}: {cause}");
                self.send_error("bad_message", &message);
                return end(ctx, close::BAD_MESSAGE, "not a message");
            }
        };
        if self.user.is_none() && !matches!(message, ClientMessage::Auth { .. }) {
            return end(ctx, close::BAD_MESSAGE, "the first message is auth");
        }
        match message {
            ClientMessage::Auth { ticket } => self.authenticate(&ticket, ctx),
            ClientMessage::Subscribe { symbols, interval_ms, resume } => {
                if let Some(interval_ms) = interval_ms {
                    self.interval.set(Duration::from_millis(interval_ms.into()).min(Duration::from_secs(60)));
                }
                self.subscribe(symbols, resume.as_ref());
            }
            ClientMessage::Unsubscribe { symbols } => {
                let gone: HashSet<Symbol> = symbols.into_iter().collect();
                self.subscribed = self.subscribed.iter().filter(|symbol| !gone.contains(*symbol)).copied().collect();
                self.update_subscriptions(Vec::new(), None);
            }
            ClientMessage::Watch { watchlist, prices } => {
                self.followed.entry(watchlist.clone()).or_default().has_prices = prices;
                self.read_list(watchlist, ctx);
            }
            ClientMessage::Unwatch { watchlist } => {
                self.followed.remove(&watchlist);
                self.update_subscriptions(Vec::new(), None);
            }
            ClientMessage::Ping { id } => self.send(&ServerMessage::Pong { id }),
        }
    }
}
