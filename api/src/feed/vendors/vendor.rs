//! The [`Vendor`] trait: an upstream price source, called for symbols or streamed from.
//!
//! An adapter only speaks the vendor's protocol. Deliberately absent: scheduling and call counting (`feed::scheduler`,
//! `feed::upstream`) and validation (`feed::validation`).

use super::decimal::InvalidNumber;
use super::error::VendorError;
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use watchtape_shared::quote::{Mode, Reason};
use watchtape_shared::ticker::Ticker;
use watchtape_shared::{Price, Symbol};

/// A vendor's quote of one symbol, not validated yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VendorQuote {
    /// The symbol as the catalogue spells it.
    pub symbol: Symbol,
    /// The last price.
    pub price: Price,
    /// The time of the last trade; `None` where the vendor gives none.
    pub as_of: Option<DateTime<Utc>>,
    /// The previous close.
    pub previous_close: Option<Price>,
    /// The day's open.
    pub open: Option<Price>,
    /// The day's high.
    pub high: Option<Price>,
    /// The day's low.
    pub low: Option<Price>,
    /// The day's volume so far, in shares.
    pub volume: Option<u64>,
    /// Whether the trade counts for the last price alone, not for open, high, low and close.
    pub is_last_only: bool,
}

impl VendorQuote {
    /// A quote with a price alone.
    pub fn of_price(symbol: Symbol, price: Price) -> Self {
        let (previous_close, open, high, low) = (None, None, None, None);
        Self { symbol, price, as_of: None, previous_close, open, high, low, volume: None, is_last_only: false }
    }
}

/// The result of one call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Symbols with a price.
    pub quotes: Vec<VendorQuote>,
    /// The requested symbols without a price, with the reason.
    pub unpriced: Vec<(Symbol, Reason)>,
}

impl Answer {
    /// Collects the quote of each requested symbol. A missing or invalid one becomes `unpriced`; an answer with an
    /// invalid one and no valid one is `Malformed`.
    pub fn collect(
        tickers: &[Arc<Ticker>],
        read: impl Fn(Symbol) -> Result<Option<VendorQuote>, InvalidNumber>,
    ) -> Result<Self, VendorError> {
        let mut answer = Self::default();
        let mut invalid = None;
        for ticker in tickers {
            match read(ticker.symbol) {
                Ok(Some(quote)) => answer.quotes.push(quote),
                Ok(None) => answer.unpriced.push((ticker.symbol, Reason::NoData)),
                Err(InvalidNumber) => {
                    invalid = Some(ticker.symbol);
                    answer.unpriced.push((ticker.symbol, Reason::NoData));
                }
            }
        }
        match invalid {
            Some(symbol) if answer.quotes.is_empty() => {
                Err(VendorError::Malformed(format!("no price where that of {symbol} should be")))
            }
            _ => Ok(answer),
        }
    }
}

/// The most calls that a vendor allows; `None`: unlimited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// Per second, in any window of that length.
    pub per_second: Option<u32>,
    /// Per minute, in any window of that length.
    pub per_minute: Option<u32>,
    /// Per UTC day.
    pub per_day: Option<u32>,
}

/// A vendor's features and limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The source's name, as quotes give it.
    pub source: &'static str,
    /// Whether its prices are live or delayed.
    pub mode: Mode,
    /// The most symbols of one call; 1: the vendor takes one symbol a call.
    pub batch: usize,
    /// The most calls.
    pub budget: Budget,
    /// The most symbols that it streams over a WebSocket; 0: it has no stream.
    pub streams: usize,
    /// How long its stream may give no price in regular hours before it is opened anew.
    pub stream_silence: Duration,
    /// How far its prices lag behind the market.
    pub delay: Duration,
}

/// An upstream price source.
pub trait Vendor: Send + Sync {
    /// Its features and limits; constant.
    fn capabilities(&self) -> &Capabilities;

    /// Whether it may have a price of this security.
    fn covers(&self, ticker: &Ticker) -> bool;

    /// Makes exactly one call, for at most `batch` covered securities, within the adapter's deadline.
    fn fetch<'a>(&'a self, tickers: &'a [Arc<Ticker>]) -> BoxFuture<'a, Result<Answer, VendorError>>;

    /// Opens one streaming connection, follows `subscriptions` (at most `streams` securities) and sends each trade to
    /// `quotes` until the connection ends or falls silent, which is the error. Called only where `streams` is above 0.
    fn run_stream(
        &self,
        subscriptions: watch::Receiver<Arc<Vec<Arc<Ticker>>>>,
        quotes: mpsc::Sender<VendorQuote>,
    ) -> BoxFuture<'_, Result<Infallible, VendorError>>;
}

/// The first `streams` symbols of `subscriptions`, which are marked as seen.
pub(super) fn current_subscriptions(
    subscriptions: &mut watch::Receiver<Arc<Vec<Arc<Ticker>>>>,
    streams: usize,
) -> BTreeSet<Symbol> {
    subscriptions.borrow_and_update().iter().take(streams).map(|ticker| ticker.symbol).collect()
}

/// The `run_stream` of a vendor without a stream.
pub(super) fn streaming_unsupported<'a>() -> BoxFuture<'a, Result<Infallible, VendorError>> {
    async { Err(VendorError::Refused("this vendor does not stream".to_owned())) }.boxed()
}
