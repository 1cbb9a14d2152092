//! The WebSocket: a greeting, the key, then subscriptions and trades. Every frame is an array of messages.

use super::{Alpaca, STREAMS, time};
use crate::feed::vendors::decimal::price_if_any;
use crate::feed::vendors::error::AskError;
use crate::feed::vendors::http::parse;
use crate::feed::vendors::vendor::{VendorQuote, wanted_now};
use crate::feed::vendors::websocket::Socket;
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

/// Any message: which fields it has depends on its kind.
#[derive(Deserialize)]
struct Message<'a> {
    #[serde(rename = "T", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    msg: Option<Cow<'a, str>>,
    code: Option<u16>,
    /// Every symbol that is subscribed now.
    #[serde(borrow)]
    trades: Option<Vec<Cow<'a, str>>>,
    #[serde(rename = "S", borrow)]
    symbol: Option<Cow<'a, str>>,
    #[serde(borrow)]
    p: Option<&'a RawValue>,
    #[serde(borrow)]
    t: Option<Cow<'a, str>>,
}

impl Alpaca {
    pub(super) async fn stream(
        &self,
        mut wanted: watch::Receiver<Arc<Vec<Arc<Ticker>>>>,
        heard: mpsc::Sender<VendorQuote>,
    ) -> Result<Infallible, AskError> {
        let mut socket = Socket::connect(&self.stream_url, self.deadlines).await?;
        expect(&mut socket, "connected").await?;
        let (key, secret) = (self.key_id.reveal(), self.secret.reveal());
        socket.send(json!({ "action": "auth", "key": key, "secret": secret }).to_string()).await?;
        expect(&mut socket, "authenticated").await?;
        let mut held = BTreeSet::new();
        // A change is confirmed with the whole set that it leaves: one at a time, so that it is clear which.
        let mut unconfirmed: Option<Instant> = None;
        let mut is_changed = true;
        loop {
            if is_changed && unconfirmed.is_none() {
                is_changed = false;
                let now = wanted_now(&mut wanted, STREAMS);
                // The old ones first: the limit counts both.
                let steps = [("unsubscribe", &held - &now), ("subscribe", &now - &held)];
                if let Some((action, symbols)) = steps.into_iter().find(|(_, symbols)| !symbols.is_empty()) {
                    socket.send(json!({ "action": action, "trades": symbols }).to_string()).await?;
                    held = if action == "subscribe" { now } else { &held & &now };
                    unconfirmed = Some(Instant::now() + self.deadlines.total);
                    // There may be a second step to take.
                    is_changed = true;
                }
            }
            let text = tokio::select! {
                changed = wanted.changed() => match changed {
                    Ok(()) => {
                        is_changed = true;
                        continue;
                    }
                    Err(_) => return socket.close_unheard().await,
                },
                () = wait_until(unconfirmed) => {
                    return Err(AskError::Unavailable("a subscription was not confirmed".to_owned()));
                }
                text = socket.next() => text?,
            };
            let messages: Vec<Message<'_>> = parse(text.as_bytes())?;
            for message in &messages {
                match &*message.kind {
                    "t" => {
                        let Some(quote) = read(message, &held) else { continue };
                        if heard.send(quote).await.is_err() {
                            return socket.close_unheard().await;
                        }
                    }
                    "subscription" => {
                        unconfirmed = None;
                        confirm(message, &held)?;
                    }
                    "error" => return Err(meaning(message.code)),
                    _ => {}
                }
            }
        }
    }
}

/// Waits for the success of this name.
async fn expect(socket: &mut Socket, name: &str) -> Result<(), AskError> {
    let text = socket.answer().await?;
    let messages: Vec<Message<'_>> = parse(text.as_bytes())?;
    match messages.first() {
        Some(message) if message.kind == "error" => Err(meaning(message.code)),
        Some(message) if message.kind == "success" && message.msg.as_deref() == Some(name) => Ok(()),
        _ => Err(AskError::Malformed(format!("something else where {name:?} was due"))),
    }
}

async fn wait_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

fn read(trade: &Message<'_>, held: &BTreeSet<Symbol>) -> Option<VendorQuote> {
    let symbol = Symbol::parse(trade.symbol.as_deref()?).ok().filter(|symbol| held.contains(symbol))?;
    Some(VendorQuote { as_of: time(trade.t.as_deref()), ..VendorQuote::bare(symbol, price_if_any(trade.p)?) })
}

/// A symbol that was left out would be silent for ever: a new connection asks for it anew.
fn confirm(message: &Message<'_>, held: &BTreeSet<Symbol>) -> Result<(), AskError> {
    let confirmed: BTreeSet<Symbol> =
        message.trades.iter().flatten().filter_map(|symbol| Symbol::parse(symbol).ok()).collect();
    match held.difference(&confirmed).next() {
        None => Ok(()),
        Some(symbol) => Err(AskError::Unavailable(format!("{symbol} was not subscribed"))),
    }
}

/// The vendor's codes.
fn meaning(code: Option<u16>) -> AskError {
    let refused = |why: &str| AskError::Refused(why.to_owned());
    let unavailable = |why: &str| AskError::Unavailable(why.to_owned());
    match code {
        Some(401) => refused("401: not authenticated"),
        Some(402) => refused("402: the key is not taken"),
        Some(404) => unavailable("404: too late with the key"),
        Some(405) => refused("405: more symbols than the plan has"),
        // One connection a key: a half-dead one holds its place for about 90 seconds.
        Some(406) => unavailable("406: another connection is open"),
        Some(407) => unavailable("407: too slow"),
        Some(409) => refused("409: the plan does not have this stream"),
        Some(code) => AskError::Unavailable(format!("error {code}")),
        None => unavailable("an error without a code"),
    }
}
