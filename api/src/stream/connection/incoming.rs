//! Messages of the client: reassembly of fragments, the message rate limit, parsing and dispatch.

use super::actor::{Connection, Ctx, close_with};
use super::subscriptions::Answer;
use super::{MAX_MESSAGE_BYTES, MAX_MESSAGES_PER_SECOND};
use crate::clock;
use crate::json::is_object;
use actix_http::ws::Item;
use std::collections::HashSet;
use std::time::Duration;
use watchtape_shared::Symbol;
use watchtape_shared::stream::{ClientMessage, SUBPROTOCOL, ServerMessage, close};

impl Connection {
    /// Collects the fragments of a text message, and receives it when it is complete.
    pub(super) fn reassemble(&mut self, item: Item, ctx: &mut Ctx) {
        let (part, last) = match item {
            Item::FirstText(part) => {
                self.fragments = Some(Vec::new());
                (part, false)
            }
            Item::FirstBinary(_) => return close_with(ctx, close::BAD_MESSAGE, "messages are JSON in text frames"),
            Item::Continue(part) => (part, false),
            Item::Last(part) => (part, true),
        };
        let Some(fragments) = &mut self.fragments else {
            return close_with(ctx, close::BAD_MESSAGE, "a continuation of nothing");
        };
        if fragments.len() + part.len() > MAX_MESSAGE_BYTES {
            return close_with(ctx, close::TOO_LARGE, "the message is too large");
        }
        fragments.extend_from_slice(&part);
        if last {
            let message = self.fragments.take().unwrap_or_default();
            self.receive(&message, ctx);
        }
    }

    /// Parses and handles one message. More than 50 in a second, anything but JSON of the protocol, and anything but `auth`
    /// before authentication close the connection.
    pub(super) fn receive(&mut self, text: &[u8], ctx: &mut Ctx) {
        if self.message_count.0.elapsed() >= Duration::from_secs(1) {
            self.message_count = (clock::monotonic(), 0);
        }
        self.message_count.1 += 1;
        if self.message_count.1 > MAX_MESSAGES_PER_SECOND {
            return close_with(ctx, close::TOO_MANY, "too many messages");
        }
        // serde also accepts an array of the tag and the fields, which is not in the protocol.
        let message = match serde_json::from_slice::<ClientMessage>(text) {
            Ok(message) if is_object(text) && !message.names_nothing() => message,
            outcome => {
                // A close reason is limited to 123 bytes, so the cause is sent in a message before it.
                let cause = match outcome {
                    Err(error) => error.to_string(),
                    Ok(_) if is_object(text) => "missing field `watchlist`".to_owned(),
                    Ok(_) => "not an object".to_owned(),
                };
                let message = format!("not a message of {SUBPROTOCOL}: {cause}");
                self.send_error("bad_message", &message);
                return close_with(ctx, close::BAD_MESSAGE, "not a message");
            }
        };
        if self.user.is_none() && !matches!(message, ClientMessage::Auth { .. }) {
            return close_with(ctx, close::BAD_MESSAGE, "the first message is auth");
        }
        let symbols = match &message {
            ClientMessage::Subscribe { symbols, .. } => symbols.len(),
            ClientMessage::Unsubscribe { symbols } => symbols.len(),
            _ => 0,
        };
        if !self.payer.borrow().take_message(symbols) {
            return close_with(ctx, close::TOO_MANY, "too much work for this account");
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
                let removed: HashSet<Symbol> = symbols.into_iter().collect();
                self.subscribed = self.subscribed.iter().filter(|symbol| !removed.contains(*symbol)).copied().collect();
                self.update_subscriptions(Answer::OnChange, Vec::new(), None);
            }
            ClientMessage::Watch { watchlist, prices, deltas, watchlists } => {
                if watchlists {
                    self.follow_list_set(ctx);
                }
                if let Some(watchlist) = watchlist {
                    self.follow_list(watchlist, prices, deltas, ctx);
                }
            }
            ClientMessage::Unwatch { watchlist, watchlists } => {
                if watchlists {
                    self.followed_set = None;
                }
                if watchlist.is_some_and(|watchlist| self.followed.remove(&watchlist).is_some()) {
                    self.update_subscriptions(Answer::OnChange, Vec::new(), None);
                }
            }
            ClientMessage::Ping { id } => self.send(&ServerMessage::Pong { id }),
        }
    }
}
