//! albert.com's case study: every symbol in one call, priced by the call. No times in its answers, and nothing said of
//! limits, errors or unknown symbols, so much is tolerated.
//!
//! There are two shapes, `{"AAPL":122.21}` and `{"AAPL":{"price":122.21,"last_close":124.12}}`; each symbol's is read
//! by what it looks like, whichever address it came from.

use super::decimal::{NotANumber, price, price_if_any};
use super::error::AskError;
use super::http::{Deadlines, Http, parse};
use super::settings::{VendorSettings, require};
use super::us_symbols;
use super::vendor::{Answer, Budget, Capabilities, Vendor, VendorQuote, never_streams};
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

const BATCH: usize = 200;
/// A call every five seconds: our own choice, as the vendor names no limit.
const BUDGET: Budget = Budget { per_second: None, per_minute: Some(12), per_day: None };

/// The vendor.
pub struct Albert {
    capabilities: Capabilities,
    http: Http,
    url: String,
    /// Where its prices are, once that is known.
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
            batch: BATCH,
            budget: settings.budget(BUDGET),
            streams: 0,
            delay: Duration::ZERO,
        };
        let http = Http::new([("albert-case-study-api-key", key)], deadlines)?;
        Ok(Self { capabilities, http, url: settings.albert_url.clone(), path: OnceLock::new() })
    }

    async fn call(&self, tickers: &[Arc<Ticker>]) -> Result<Answer, AskError> {
        let symbols = tickers.iter().map(|ticker| ticker.symbol.as_str()).collect::<Vec<_>>().join(",");
        let path = self.path.get().copied().unwrap_or(V2);
        let reply = self.http.find(&format!("{}{path}?tickers={symbols}", self.url)).await?;
        let Some(reply) = reply else {
            // An address that has answered once is still the one. And an ask is one call: the next is the next ask's.
            let path = self.path.get_or_init(|| V1);
            return Err(AskError::Unavailable(format!("status 404; prices are asked for at {path}")));
        };
        self.path.get_or_init(|| path);
        let answer: HashMap<String, &RawValue> = parse(&reply.body)?;
        Answer::sort(tickers, |symbol| answer.get(symbol.as_str()).map_or(Ok(None), |raw| read(symbol, raw)))
    }
}

/// A number, or an object with one.
fn read(symbol: Symbol, raw: &RawValue) -> Result<Option<VendorQuote>, NotANumber> {
    if !raw.get().starts_with('{') {
        return Ok(price(Some(raw))?.map(|price| VendorQuote::bare(symbol, price)));
    }
    let both: PriceAndClose<'_> = serde_json::from_str(raw.get()).map_err(|_| NotANumber)?;
    let previous_close = price_if_any(both.last_close);
    Ok(price(both.price)?.map(|price| VendorQuote { previous_close, ..VendorQuote::bare(symbol, price) }))
}

impl Vendor for Albert {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// Whatever has no exchange behind a dot: which symbols it has is told by its answers alone.
    fn covers(&self, ticker: &Ticker) -> bool {
        us_symbols::is_traded(ticker) || !ticker.symbol.as_str().contains('.')
    }

    fn ask<'a>(&'a self, tickers: &'a [Arc<Ticker>]) -> BoxFuture<'a, Result<Answer, AskError>> {
        self.call(tickers).boxed()
    }

    fn listen(
        &self,
        _: watch::Receiver<Arc<Vec<Arc<Ticker>>>>,
        _: mpsc::Sender<VendorQuote>,
    ) -> BoxFuture<'_, Result<Infallible, AskError>> {
        never_streams()
    }
}
