//! alpaca.markets, free plan: snapshots of up to 100 symbols a call, and trades of up to 30 symbols over a WebSocket.
//! Both are from the exchange IEX alone, and so are volumes, highs and lows.

mod stream;

use super::decimal::{InvalidNumber, integer, optional_price, price};
use super::error::VendorError;
use super::http::{Deadlines, VendorHttp, parse};
use super::settings::{ApiKey, VendorSettings, require};
use super::trade_conditions::{TradeEffect, tape_effect};
use super::us_securities;
use super::vendor::{Answer, Budget, Capabilities, Vendor, VendorQuote};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::America::New_York;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use watchtape_shared::quote::Mode;
use watchtape_shared::ticker::Ticker;
use watchtape_shared::{Price, Symbol};

/// The limits of the free plan.
const BUDGET: Budget = Budget { per_second: None, per_minute: Some(200), per_day: None };
const MAX_STREAMS: usize = 30;
/// One exchange of many: its trades are rarer than the market's.
const STREAM_SILENCE: Duration = Duration::from_secs(90);
/// The end of regular hours in New York; on a short day no price is dated after the trade that follows it either.
const REGULAR_CLOSE: NaiveTime = NaiveTime::from_hms_opt(16, 0, 0).expect("a time");
/// The vendor documents no limit; the length of a URL is limited.
const MAX_BATCH: usize = 100;

/// The vendor.
pub struct Alpaca {
    capabilities: Capabilities,
    http: VendorHttp,
    url: String,
    stream_url: String,
    key_id: ApiKey,
    secret: ApiKey,
    deadlines: Deadlines,
}

/// One symbol of `GET /stocks/snapshots`.
#[derive(Deserialize)]
struct Snapshot<'a> {
    #[serde(rename = "latestTrade", borrow)]
    trade: Option<Trade<'a>>,
    #[serde(rename = "dailyBar", borrow)]
    today: Option<Bar<'a>>,
    #[serde(rename = "prevDailyBar", borrow)]
    yesterday: Option<Bar<'a>>,
}

#[derive(Deserialize)]
struct Trade<'a> {
    #[serde(borrow)]
    p: Option<&'a RawValue>,
    #[serde(borrow)]
    t: Option<Cow<'a, str>>,
    #[serde(borrow)]
    c: Option<&'a RawValue>,
    #[serde(borrow)]
    z: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Bar<'a> {
    #[serde(borrow)]
    o: Option<&'a RawValue>,
    #[serde(borrow)]
    h: Option<&'a RawValue>,
    #[serde(borrow)]
    l: Option<&'a RawValue>,
    #[serde(borrow)]
    c: Option<&'a RawValue>,
    #[serde(borrow)]
    v: Option<&'a RawValue>,
    #[serde(borrow)]
    t: Option<Cow<'a, str>>,
}

impl Alpaca {
    /// The vendor with its key, or one line that names the missing setting.
    pub fn open(settings: &VendorSettings, deadlines: Deadlines) -> Result<Self, String> {
        let key_id = require(settings.alpaca_key_id.as_ref(), "WATCHTAPE_ALPACA_KEY_ID")?;
        let secret = require(settings.alpaca_secret.as_ref(), "WATCHTAPE_ALPACA_SECRET")?;
        let capabilities = Capabilities {
            source: "alpaca",
            mode: Mode::Live,
            batch: MAX_BATCH,
            budget: settings.budget(BUDGET),
            streams: MAX_STREAMS,
            stream_silence: STREAM_SILENCE,
            delay: Duration::ZERO,
        };
        Ok(Self {
            capabilities,
            http: VendorHttp::new([("apca-api-key-id", key_id), ("apca-api-secret-key", secret)], deadlines)?,
            url: settings.alpaca_url.clone(),
            stream_url: settings.alpaca_stream_url.clone(),
            key_id: key_id.clone(),
            secret: secret.clone(),
            deadlines,
        })
    }

    async fn call(&self, tickers: &[Arc<Ticker>]) -> Result<Answer, VendorError> {
        let symbols = tickers.iter().map(|ticker| ticker.symbol.as_str()).collect::<Vec<_>>().join(",");
        let reply = self.http.get(&format!("{}/stocks/snapshots?symbols={symbols}&feed=iex", self.url)).await?;
        // Parsed one by one, so that a malformed snapshot does not fail the others.
        let answer: HashMap<String, Option<&RawValue>> = parse(&reply.body)?;
        Answer::collect(tickers, |symbol| match answer.get(symbol.as_str()) {
            Some(Some(raw)) => read(symbol, raw),
            _ => Ok(None),
        })
    }
}

fn read(symbol: Symbol, raw: &RawValue) -> Result<Option<VendorQuote>, InvalidNumber> {
    let snapshot: Snapshot<'_> = serde_json::from_str(raw.get()).map_err(|_| InvalidNumber)?;
    let Some(trade) = snapshot.trade else { return Ok(None) };
    let Some(price) = price(trade.p)? else { return Ok(None) };
    let effect = tape_effect(trade.c, trade.z.as_deref());
    let as_of = time(trade.t.as_deref());
    let quote = VendorQuote { as_of, ..VendorQuote::of_price(symbol, price) };
    let quote = match effect {
        TradeEffect::LastAndRange => quote,
        // Of a price that is asked for now and then, one beyond the day's range alone changes the last price alone.
        TradeEffect::Last => VendorQuote { is_last_only: !is_in_range(price, snapshot.today.as_ref()), ..quote },
        // The last price is the close of the day's bar so far, and of its session.
        TradeEffect::Volume => match last_of(snapshot.today.as_ref(), as_of) {
            Some((price, as_of)) => VendorQuote { price, as_of: Some(as_of), ..quote },
            None => return Ok(None),
        },
    };
    let day = |at: Option<DateTime<Utc>>| -> Option<NaiveDate> { Some(at?.with_timezone(&New_York).date_naive()) };
    let close = |bar: Option<Bar<'_>>| bar.and_then(|bar| optional_price(bar.c));
    Ok(Some(match snapshot.today {
        // Before the day's first regular trade the daily bar is still that of the previous session.
        Some(bar) if day(time(bar.t.as_deref())).zip(day(quote.as_of)).is_some_and(|(bar, trade)| bar < trade) => {
            VendorQuote { previous_close: close(Some(bar)), ..quote }
        }
        Some(bar) => VendorQuote {
            previous_close: close(snapshot.yesterday),
            open: optional_price(bar.o),
            high: optional_price(bar.h),
            low: optional_price(bar.l),
            volume: integer(bar.v),
            ..quote
        },
        None => VendorQuote { previous_close: close(snapshot.yesterday), ..quote },
    }))
}

fn is_in_range(price: Price, bar: Option<&Bar<'_>>) -> bool {
    let range = bar.and_then(|bar| optional_price(bar.l).zip(optional_price(bar.h)));
    range.is_some_and(|(low, high)| (low..=high).contains(&price))
}

/// The close of a day's bar, and its time: that of the trade after it, within the regular hours of the bar's day.
fn last_of(bar: Option<&Bar<'_>>, traded_at: Option<DateTime<Utc>>) -> Option<(Price, DateTime<Utc>)> {
    let bar = bar?;
    let day = time(bar.t.as_deref())?.with_timezone(&New_York).date_naive();
    let close = day.and_time(REGULAR_CLOSE).and_local_timezone(New_York).single()?.to_utc();
    Some((optional_price(bar.c)?, close.min(traded_at?)))
}

/// A time in RFC 3339 with nanoseconds.
fn time(text: Option<&str>) -> Option<DateTime<Utc>> {
    Some(DateTime::parse_from_rfc3339(text?).ok()?.to_utc())
}

impl Vendor for Alpaca {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn covers(&self, ticker: &Ticker) -> bool {
        us_securities::is_exchange_listed(ticker) && us_securities::has_common_symbol(ticker)
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
