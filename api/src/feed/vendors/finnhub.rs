//! finnhub.io: a quote for one symbol a call, and trades over a WebSocket, which know no previous close.

use super::decimal::{price, price_if_any, whole};
use super::error::AskError;
use super::http::{Deadlines, Http, Reply, parse};
use super::settings::{ApiKey, VendorSettings, require};
use super::us_symbols;
use super::vendor::{Answer, Budget, Capabilities, Vendor, VendorQuote, wanted_now};
use super::websocket::Socket;
use chrono::DateTime;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::Url;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use watchtape_shared::Symbol;
use watchtape_shared::quote::Mode;
use watchtape_shared::ticker::Ticker;

/// What the free plan allows.
const BUDGET: Budget = Budget { per_second: Some(30), per_minute: Some(60), per_day: None };
const STREAMS: usize = 50;

/// The vendor.
pub struct Finnhub {
    capabilities: Capabilities,
    http: Http,
    url: String,
    stream_url: String,
    key: ApiKey,
    deadlines: Deadlines,
}

/// `GET /quote`, or the error that comes with status 200.
#[derive(Deserialize)]
struct Quote<'a> {
    #[serde(borrow)]
    c: Option<&'a RawValue>,
    #[serde(borrow)]
    pc: Option<&'a RawValue>,
    #[serde(borrow)]
    o: Option<&'a RawValue>,
    #[serde(borrow)]
    h: Option<&'a RawValue>,
    #[serde(borrow)]
    l: Option<&'a RawValue>,
    #[serde(borrow)]
    t: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

/// What comes over the socket.
#[derive(Deserialize)]
struct Message<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    data: Option<Vec<Trade<'a>>>,
    #[serde(borrow)]
    msg: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Trade<'a> {
    #[serde(borrow)]
    s: Cow<'a, str>,
    #[serde(borrow)]
    p: Option<&'a RawValue>,
    #[serde(borrow)]
    t: Option<&'a RawValue>,
}

impl Finnhub {
    /// The vendor with its key, or one line that names the missing setting.
    pub fn open(settings: &VendorSettings, deadlines: Deadlines) -> Result<Self, String> {
        let key = require(settings.finnhub_key.as_ref(), "WATCHTAPE_FINNHUB_KEY")?;
        let capabilities = Capabilities {
            source: "finnhub",
            mode: Mode::Live,
            batch: 1,
            budget: settings.budget(BUDGET),
            streams: STREAMS,
            delay: Duration::ZERO,
        };
        Ok(Self {
            capabilities,
            http: Http::new([("x-finnhub-token", key)], deadlines)?,
            url: settings.finnhub_url.clone(),
            stream_url: settings.finnhub_stream_url.clone(),
            key: key.clone(),
            deadlines,
        })
    }

    async fn call(&self, tickers: &[Arc<Ticker>]) -> Result<Answer, AskError> {
        let Some(ticker) = tickers.first() else { return Ok(Answer::default()) };
        let reply = self.http.get(&format!("{}/quote?symbol={}", self.url, ticker.symbol)).await?;
        let quote: Quote<'_> = parse(&reply.body)?;
        if let (None, Some(error)) = (quote.c, quote.error) {
            return Err(refusal(error.get(), &reply));
        }
        Answer::sort(&tickers[..1], |symbol| {
            // An unknown symbol answers zeros: no price.
            Ok(price(quote.c)?.map(|price| VendorQuote {
                as_of: whole(quote.t).filter(|at| *at > 0).and_then(|at| DateTime::from_timestamp_secs(at as i64)),
                previous_close: price_if_any(quote.pc),
                open: price_if_any(quote.o),
                high: price_if_any(quote.h),
                low: price_if_any(quote.l),
                ..VendorQuote::bare(symbol, price)
            }))
        })
    }

    async fn stream(
        &self,
        mut wanted: watch::Receiver<Arc<Vec<Arc<Ticker>>>>,
        heard: mpsc::Sender<VendorQuote>,
    ) -> Result<Infallible, AskError> {
        // The only way it takes the key here is in the address.
        let url = Url::parse_with_params(&self.stream_url, [("token", self.key.reveal())]);
        let url = url.map_err(|_| AskError::Unavailable("the address is not usable".to_owned()))?;
        let mut socket = Socket::connect(url.as_str(), self.deadlines).await?;
        let mut held = BTreeSet::new();
        loop {
            let now = wanted_now(&mut wanted, STREAMS);
            // The old ones first: the limit counts both.
            for (kind, symbols) in [("unsubscribe", &held - &now), ("subscribe", &now - &held)] {
                for symbol in symbols {
                    socket.send(json!({ "type": kind, "symbol": symbol }).to_string()).await?;
                }
            }
            held = now;
            loop {
                let text = tokio::select! {
                    changed = wanted.changed() => match changed {
                        Ok(()) => break,
                        Err(_) => return socket.close_unheard().await,
                    },
                    text = socket.next() => text?,
                };
                for quote in read(&text, &held)? {
                    if heard.send(quote).await.is_err() {
                        return socket.close_unheard().await;
                    }
                }
            }
        }
    }
}

/// The trades of a message, of what was subscribed, in its order.
fn read(text: &str, held: &BTreeSet<Symbol>) -> Result<Vec<VendorQuote>, AskError> {
    let message: Message<'_> = parse(text.as_bytes())?;
    if message.kind == "error" {
        let said = message.msg.map_or("", RawValue::get).to_ascii_lowercase();
        // One symbol that it does not know is no reason to lose the others.
        return if said.contains("invalid symbol") { Ok(Vec::new()) } else { Err(meaning(&said, None)) };
    }
    let quote = |trade: Trade<'_>| {
        let symbol = Symbol::parse(&trade.s).ok().filter(|symbol| held.contains(symbol))?;
        let as_of = whole(trade.t).and_then(|at| DateTime::from_timestamp_millis(i64::try_from(at).ok()?));
        Some(VendorQuote { as_of, ..VendorQuote::bare(symbol, price_if_any(trade.p)?) })
    };
    Ok(message.data.into_iter().flatten().filter_map(quote).collect())
}

fn refusal(error: &str, reply: &Reply) -> AskError {
    meaning(&error.to_ascii_lowercase(), reply.wait)
}

/// What an error in the vendor's own words, in lower case, amounts to.
fn meaning(said: &str, wait: Option<Duration>) -> AskError {
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if has(&["limit", "too many"]) {
        AskError::Limited(wait)
    } else if has(&["api key", "token", "access", "auth"]) {
        AskError::Refused("the key is not taken".to_owned())
    } else {
        AskError::Unavailable("an error in place of an answer".to_owned())
    }
}

impl Vendor for Finnhub {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn covers(&self, ticker: &Ticker) -> bool {
        us_symbols::is_traded(ticker) && us_symbols::is_plain(ticker)
    }

    fn ask<'a>(&'a self, tickers: &'a [Arc<Ticker>]) -> BoxFuture<'a, Result<Answer, AskError>> {
        self.call(tickers).boxed()
    }

    fn listen(
        &self,
        wanted: watch::Receiver<Arc<Vec<Arc<Ticker>>>>,
        heard: mpsc::Sender<VendorQuote>,
    ) -> BoxFuture<'_, Result<Infallible, AskError>> {
        self.stream(wanted, heard).boxed()
    }
}
