//! albert.com's case study: up to 200 symbols a call, without times. Limits, errors and unknown symbols are not
//! documented, so that the parser is lenient.
//!
//! A symbol's value is a number (`{"AAPL":122.21}`) or an object (`{"AAPL":{"price":122.21,"last_close":124.12}}`);
//! both are accepted from either path.

use super::decimal::{InvalidNumber, optional_price, price};
use super::error::VendorError;
use super::http::{Deadlines, VendorHttp, parse};
use super::settings::{VendorSettings, require};
use super::us_securities;
use super::vendor::{Answer, Budget, Capabilities, Vendor, VendorQuote, streaming_unsupported};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use watchtape_shared::Symbol;
use watchtape_shared::quote::Mode;
use watchtape_shared::ticker::Ticker;

const MAX_BATCH: usize = 200;
/// A call every five seconds. The vendor documents no limit.
const BUDGET: Budget = Budget { per_second: None, per_minute: Some(12), per_day: None };

/// The vendor.
pub struct Albert {
    capabilities: Capabilities,
    http: VendorHttp,
    url: String,
    /// The path that has answered, once one has.
    path: OnceLock<&'static str>,
}

const V1: &str = "/prices/";
const V2: &str = "/v2/prices/";

#[derive(Deserialize)]
struct PriceAndClose<'a> {
    #[serde(borrow)]
    price: Option<&'a RawValue>,
    #[serde(borrow)]
    last_close: Option<&'a RawValue>,
}

impl Albert {
    /// The vendor with its key, or one line that names the missing setting.
    pub fn open(settings: &VendorSettings, deadlines: Deadlines) -> Result<Self, String> {
        let key = require(settings.albert_key.as_ref(), "WATCHTAPE_ALBERT_KEY")?;
        let capabilities = Capabilities {
            source: "albert",
            mode: Mode::Live,
            batch: MAX_BATCH,
            budget: settings.budget(BUDGET),
            streams: 0,
            stream_silence: Duration::ZERO,
            delay: Duration::ZERO,
        };
        let http = VendorHttp::new([("albert-case-study-api-key", key)], deadlines)?;
        Ok(Self { capabilities, http, url: settings.albert_url.clone(), path: OnceLock::new() })
    }

    async fn call(&self, tickers: &[Arc<Ticker>]) -> Result<Answer, VendorError> {
        let symbols = tickers.iter().map(|ticker| ticker.symbol.as_str()).collect::<Vec<_>>().join(",");
        let path = self.path.get().copied().unwrap_or(V2);
        let reply = self.http.find(&format!("{}{path}?tickers={symbols}", self.url)).await?;
        let Some(reply) = reply else {
            if self.path.get().is_some() {
                return Err(VendorError::Refused("status 404".to_owned()));
            }
            // The other path is tried by the next fetch: a fetch is one call.
            let path = self.path.get_or_init(|| V1);
            return Err(VendorError::Unavailable(format!("status 404; prices are asked for at {path}")));
        };
        self.path.get_or_init(|| path);
        let answer: HashMap<String, &RawValue> = parse(&reply.body)?;
        Answer::collect(tickers, |symbol| answer.get(symbol.as_str()).map_or(Ok(None), |raw| read(symbol, raw)))
    }
}

/// A number, or an object with one.
fn read(symbol: Symbol, raw: &RawValue) -> Result<Option<VendorQuote>, InvalidNumber> {
    if !raw.get().starts_with('{') {
        return Ok(price(Some(raw))?.map(|price| VendorQuote::of_price(symbol, price)));
    }
    let both: PriceAndClose<'_> = serde_json::from_str(raw.get()).map_err(|_| InvalidNumber)?;
    let previous_close = optional_price(both.last_close);
    Ok(price(both.price)?.map(|price| VendorQuote { previous_close, ..VendorQuote::of_price(symbol, price) }))
}

impl Vendor for Albert {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// US securities, and any symbol without a suffix: the vendor documents no list of symbols.
    fn covers(&self, ticker: &Ticker) -> bool {
        us_securities::is_traded(ticker) || !ticker.symbol.as_str().contains('.')
    }

    fn fetch<'a>(&'a self, tickers: &'a [Arc<Ticker>]) -> BoxFuture<'a, Result<Answer, VendorError>> {
        self.call(tickers).boxed()
    }

    fn run_stream(
        &self,
        _: watch::Receiver<Arc<Vec<Arc<Ticker>>>>,
        _: mpsc::Sender<VendorQuote>,
    ) -> BoxFuture<'_, Result<Infallible, VendorError>> {
        streaming_unsupported()
    }
}
