//! Alpaca's WebSocket: `connected`, authentication, then subscriptions and trades. Every frame is an array of messages.

use super::{Alpaca, MAX_STREAMS, time};
use crate::feed::vendors::decimal::optional_price;
use crate::feed::vendors::error::VendorError;
use crate::feed::vendors::http::parse;
use crate::feed::vendors::trade_conditions::{TradeEffect, tape_effect};
use crate::feed::vendors::vendor::{VendorQuote, current_subscriptions};
use crate::feed::vendors::websocket::VendorSocket;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use watchtape_shared::Symbol;
use watchtape_shared::ticker::Ticker;

/// A message of any kind (`T`), with the fields of all of them.
#[derive(Deserialize)]
struct Message<'a> {
    #[serde(rename = "T", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    msg: Option<Cow<'a, str>>,
    code: Option<u16>,
    /// Every subscribed symbol.
    #[serde(borrow)]
    trades: Option<Vec<Cow<'a, str>>>,
    #[serde(rename = "S", borrow)]
    symbol: Option<Cow<'a, str>>,
    #[serde(borrow)]
    p: Option<&'a RawValue>,
    #[serde(borrow)]
    t: Option<Cow<'a, str>>,
    /// A trade's conditions and its tape.
    #[serde(borrow)]
    c: Option<&'a RawValue>,
    #[serde(borrow)]
    z: Option<Cow<'a, str>>,
}

impl Alpaca {
    pub(super) async fn stream(
        &self,
        mut subscriptions: watch::Receiver<Arc<Vec<Arc<Ticker>>>>,
        quotes: mpsc::Sender<VendorQuote>,
    ) -> Result<Infallible, VendorError> {
        let mut socket = VendorSocket::connect(&self.stream_url, self.deadlines).await?;
        expect(&mut socket, "connected").await?;
        let (key, secret) = (self.key_id.reveal(), self.secret.reveal());
        socket.send(json!({ "action": "auth", "key": key, "secret": secret }).to_string()).await?;
        expect(&mut socket, "authenticated").await?;
        let mut subscribed = BTreeSet::new();
        // A confirmation lists the resulting set, not the change: one change at a time, so that it is clear which it
        // confirms.
        let mut unconfirmed: Option<Instant> = None;
        let mut is_changed = true;
        loop {
            if is_changed && unconfirmed.is_none() {
                is_changed = false;
                let now = current_subscriptions(&mut subscriptions, MAX_STREAMS);
                // Unsubscribed first: the limit counts both.
                let steps = [("unsubscribe", &subscribed - &now), ("subscribe", &now - &subscribed)];
                if let Some((action, symbols)) = steps.into_iter().find(|(_, symbols)| !symbols.is_empty()) {
                    socket.send(json!({ "action": action, "trades": symbols }).to_string()).await?;
                    subscribed = if action == "subscribe" { now } else { &subscribed & &now };
                    unconfirmed = Some(Instant::now() + self.deadlines.total);
                    // There may be a second step.
                    is_changed = true;
                }
            }
            let text = tokio::select! {
                changed = subscriptions.changed() => match changed {
                    Ok(()) => {
                        is_changed = true;
                        continue;
                    }
                    Err(_) => return socket.close_unused().await,
                },
                () = wait_until(unconfirmed) => {
                    return Err(VendorError::Unavailable("a subscription was not confirmed".to_owned()));
                }
                text = socket.next() => text?,
            };
            let messages: Vec<Message<'_>> = parse(text.as_bytes())?;
            for message in &messages {
                match &*message.kind {
                    "t" => {
                        let Some(quote) = read(message, &subscribed) else { continue };
                        if quotes.send(quote).await.is_err() {
                            return socket.close_unused().await;
                        }
                    }
                    "subscription" => {
                        unconfirmed = None;
                        report_missing(message, &subscribed);
                    }
                    "error" => return Err(classify_error(message.code)),
                    _ => {}
                }
            }
        }
    }
}

/// Waits for the `success` message with this text.
async fn expect(socket: &mut VendorSocket, name: &str) -> Result<(), VendorError> {
    let text = socket.next_answer().await?;
    let messages: Vec<Message<'_>> = parse(text.as_bytes())?;
    match messages.first() {
        Some(message) if message.kind == "error" => Err(classify_error(message.code)),
        Some(message) if message.kind == "success" && message.msg.as_deref() == Some(name) => Ok(()),
        _ => Err(VendorError::Malformed(format!("something else where {name:?} was due"))),
    }
}

async fn wait_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

fn read(trade: &Message<'_>, subscribed: &BTreeSet<Symbol>) -> Option<VendorQuote> {
    let symbol = Symbol::parse(trade.symbol.as_deref()?).ok().filter(|symbol| subscribed.contains(symbol))?;
    let effect = tape_effect(trade.c, trade.z.as_deref());
    if effect == TradeEffect::Volume {
        return None;
    }
    let (as_of, is_last_only) = (time(trade.t.as_deref()), effect == TradeEffect::Last);
    Some(VendorQuote { as_of, is_last_only, ..VendorQuote::of_price(symbol, optional_price(trade.p)?) })
}

/// A symbol that is missing in a confirmation is not streamed, and keeps nobody else's from being so: it is requested by calls.
fn report_missing(message: &Message<'_>, subscribed: &BTreeSet<Symbol>) {
    let confirmed: BTreeSet<Symbol> =
        message.trades.iter().flatten().filter_map(|symbol| Symbol::parse(symbol).ok()).collect();
    for symbol in subscribed.difference(&confirmed) {
        tracing::debug!(%symbol, "the vendor does not stream a symbol");
    }
}

/// The error that a code stands for (Alpaca, "WebSocket Stream").
fn classify_error(code: Option<u16>) -> VendorError {
    let refused = |why: &str| VendorError::Refused(why.to_owned());
    let unavailable = |why: &str| VendorError::Unavailable(why.to_owned());
    match code {
        Some(401) => refused("401: not authenticated"),
        Some(402) => refused("402: the key is not taken"),
        Some(404) => unavailable("404: too late with the key"),
        Some(405) => refused("405: more symbols than the plan has"),
        // One connection a key: a dropped one counts for about 90 s.
        Some(406) => unavailable("406: another connection is open"),
        Some(407) => unavailable("407: too slow"),
        Some(409) => refused("409: the plan does not have this stream"),
        Some(code) => VendorError::Unavailable(format!("error {code}")),
        None => unavailable("an error without a code"),
    }
}
