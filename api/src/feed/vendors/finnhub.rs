//! finnhub.io, free plan: a quote of one symbol a call, and trades of up to 50 symbols over a WebSocket, without a
//! previous close.

use super::decimal::{integer, optional_price, price};
use super::error::VendorError;
use super::http::{Deadlines, Reply, VendorHttp, parse};
use super::settings::{ApiKey, VendorSettings, require};
use super::trade_conditions::{TradeEffect, finnhub_effect};
use super::us_securities;
use super::vendor::{Answer, Budget, Capabilities, Vendor, VendorQuote, current_subscriptions};
use super::websocket::VendorSocket;
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
use watchtape_shared::quote::{Mode, Reason};
use watchtape_shared::ticker::Ticker;

/// The limits of the free plan.
const BUDGET: Budget = Budget { per_second: Some(30), per_minute: Some(60), per_day: None };
const MAX_STREAMS: usize = 50;
const STREAM_SILENCE: Duration = Duration::from_secs(60);

/// The vendor.
pub struct Finnhub {
    capabilities: Capabilities,
    http: VendorHttp,
    url: String,
    stream_url: String,
    key: ApiKey,
    deadlines: Deadlines,
}

/// The answer of `GET /quote`, or the error that comes with status 200.
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

/// A message of the WebSocket.
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
    #[serde(borrow)]
    c: Option<&'a RawValue>,
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
            streams: MAX_STREAMS,
            stream_silence: STREAM_SILENCE,
            delay: Duration::ZERO,
        };
        Ok(Self {
            capabilities,
            http: VendorHttp::new([("x-finnhub-token", key)], deadlines)?,
            url: settings.finnhub_url.clone(),
            stream_url: settings.finnhub_stream_url.clone(),
            key: key.clone(),
            deadlines,
        })
    }

    async fn call(&self, tickers: &[Arc<Ticker>]) -> Result<Answer, VendorError> {
        let Some(ticker) = tickers.first() else { return Ok(Answer::default()) };
        let reply = self.http.get(&format!("{}/quote?symbol={}", self.url, ticker.symbol)).await?;
        let Some(quote) = parse::<Option<Quote<'_>>>(&reply.body)? else {
            return Ok(Answer { unpriced: vec![(ticker.symbol, Reason::NoData)], ..Answer::default() });
        };
        if let (None, Some(error)) = (quote.c, quote.error) {
            return Err(refusal(error.get(), &reply));
        }
        Answer::collect(&tickers[..1], |symbol| {
            // An unknown symbol has zeros: no price.
            Ok(price(quote.c)?.map(|price| VendorQuote {
                as_of: integer(quote.t).filter(|at| *at > 0).and_then(|at| DateTime::from_timestamp_secs(at as i64)),
                previous_close: optional_price(quote.pc),
                open: optional_price(quote.o),
                high: optional_price(quote.h),
                low: optional_price(quote.l),
                ..VendorQuote::of_price(symbol, price)
            }))
        })
    }

    async fn stream(
        &self,
        mut subscriptions: watch::Receiver<Arc<Vec<Arc<Ticker>>>>,
        quotes: mpsc::Sender<VendorQuote>,
    ) -> Result<Infallible, VendorError> {
        // The stream takes the key only in the URL.
        let url = Url::parse_with_params(&self.stream_url, [("token", self.key.reveal())]);
        let url = url.map_err(|_| VendorError::Unavailable("the address is not usable".to_owned()))?;
        let mut socket = VendorSocket::connect(url.as_str(), self.deadlines).await?;
        let mut subscribed = BTreeSet::new();
        loop {
            let now = current_subscriptions(&mut subscriptions, MAX_STREAMS);
            // Unsubscribed first: the limit counts both.
            for (kind, symbols) in [("unsubscribe", &subscribed - &now), ("subscribe", &now - &subscribed)] {
                for symbol in symbols {
                    socket.send(json!({ "type": kind, "symbol": symbol }).to_string()).await?;
                }
            }
            subscribed = now;
            loop {
                let text = tokio::select! {
                    changed = subscriptions.changed() => match changed {
                        Ok(()) => break,
                        Err(_) => return socket.close_unused().await,
                    },
                    text = socket.next() => text?,
                };
                for quote in read(&text, &subscribed)? {
                    if quotes.send(quote).await.is_err() {
                        return socket.close_unused().await;
                    }
                }
            }
        }
    }
}

/// The trades of a message that are of subscribed symbols and have a price of their own, in its order.
fn read(text: &str, subscribed: &BTreeSet<Symbol>) -> Result<Vec<VendorQuote>, VendorError> {
    let message: Message<'_> = parse(text.as_bytes())?;
    if message.kind == "error" {
        let text_lower = message.msg.map_or("", RawValue::get).to_ascii_lowercase();
        // One symbol that is unknown, or not in the plan, does not end the stream of the others.
        let is_of_symbol = ["symbol", "access", "subscri"].iter().any(|word| text_lower.contains(word));
        return match classify_error(&text_lower, None) {
            VendorError::Limited(wait) => Err(VendorError::Limited(wait)),
            _ if is_of_symbol && !text_lower.contains("api key") && !text_lower.contains("token") => Ok(Vec::new()),
            error => Err(error),
        };
    }
    let quote = |trade: Trade<'_>| {
        let symbol = Symbol::parse(&trade.s).ok().filter(|symbol| subscribed.contains(symbol))?;
        let effect = finnhub_effect(trade.c);
        if effect == TradeEffect::Volume {
            return None;
        }
        let as_of = integer(trade.t).and_then(|at| DateTime::from_timestamp_millis(i64::try_from(at).ok()?));
        let is_last_only = effect == TradeEffect::Last;
        Some(VendorQuote { as_of, is_last_only, ..VendorQuote::of_price(symbol, optional_price(trade.p)?) })
    };
    Ok(message.data.into_iter().flatten().filter_map(quote).collect())
}

/// An answer for one symbol: what is not known to be the vendor's failure is its refusal.
fn refusal(error: &str, reply: &Reply) -> VendorError {
    match classify_error(&error.to_ascii_lowercase(), reply.retry_after) {
        VendorError::Unavailable(detail) => VendorError::Refused(detail),
        error => error,
    }
}

/// The error that a message of the vendor, in lower case, stands for. The vendor documents no codes.
fn classify_error(text_lower: &str, wait: Option<Duration>) -> VendorError {
    let has = |words: &[&str]| words.iter().any(|word| text_lower.contains(word));
    if has(&["limit", "too many"]) {
        VendorError::Limited(wait)
    } else if has(&["api key", "token", "access", "auth"]) {
        VendorError::Refused("no access with this key".to_owned())
    } else {
        VendorError::Unavailable("an error in place of an answer".to_owned())
    }
}

impl Vendor for Finnhub {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn covers(&self, ticker: &Ticker) -> bool {
        us_securities::is_traded(ticker) && us_securities::has_common_symbol(ticker)
    }

    fn fetch<'a>(&'a self, tickers: &'a [Arc<Ticker>]) -> BoxFuture<'a, Result<Answer, VendorError>> {
        self.call(tickers).boxed()
    }

    fn run_stream(
        &self,
        subscriptions: watch::Receiver<Arc<Vec<Arc<Ticker>>>>,
        quotes: mpsc::Sender<VendorQuote>,
    ) -> BoxFuture<'_, Result<Infallible, VendorError>> {
        self.stream(subscriptions, quotes).boxed()
    }
}
