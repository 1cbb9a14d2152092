//! What an upstream price source has to offer: a vendor is asked for symbols, within a budget, or listened to.
//!
//! A vendor speaks its own protocol and nothing more: it keeps no schedule, counts no calls and believes nothing. Which
//! symbols to ask for and when is the scheduler's; whether an answer is to be believed is [`super::checks`]'.

use super::decimal::NotANumber;
use super::error::AskError;
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

/// What a vendor says of one symbol. Its figures are its own: not yet checked against anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VendorQuote {
    /// Which security, in our spelling.
    pub symbol: Symbol,
    /// Its last price.
    pub price: Price,
    /// When that price was made; none where the vendor does not say: the time of receipt stands in.
    pub as_of: Option<DateTime<Utc>>,
    /// The last price of the session before.
    pub previous_close: Option<Price>,
    /// The first price of the session.
    pub open: Option<Price>,
    /// The highest price of the session.
    pub high: Option<Price>,
    /// The lowest price of the session.
    pub low: Option<Price>,
    /// Shares traded in the session so far.
    pub volume: Option<u64>,
}

impl VendorQuote {
    /// A price and nothing else.
    pub fn bare(symbol: Symbol, price: Price) -> Self {
        let (previous_close, open, high, low) = (None, None, None, None);
        Self { symbol, price, as_of: None, previous_close, open, high, low, volume: None }
    }
}

/// What one call gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Symbols with a price.
    pub quotes: Vec<VendorQuote>,
    /// Symbols that were asked for and have none, with the reason.
    pub absent: Vec<(Symbol, Reason)>,
}

impl Answer {
    /// Sorts what was asked for into prices and gaps. What is not usable is a gap like what is missing; but an answer
    /// that has nothing usable, and something that is not, is of another shape.
    pub fn sort(
        tickers: &[Arc<Ticker>],
        read: impl Fn(Symbol) -> Result<Option<VendorQuote>, NotANumber>,
    ) -> Result<Self, AskError> {
        let mut answer = Self::default();
        let mut odd = None;
        for ticker in tickers {
            match read(ticker.symbol) {
                Ok(Some(quote)) => answer.quotes.push(quote),
                Ok(None) => answer.absent.push((ticker.symbol, Reason::NoData)),
                Err(NotANumber) => {
                    odd = Some(ticker.symbol);
                    answer.absent.push((ticker.symbol, Reason::NoData));
                }
            }
        }
        match odd {
            Some(symbol) if answer.quotes.is_empty() => {
                Err(AskError::Malformed(format!("no price where that of {symbol} should be")))
            }
            _ => Ok(answer),
        }
    }
}

/// How many calls a vendor allows. Hard limits; none: not limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// In any second.
    pub per_second: Option<u32>,
    /// In any minute.
    pub per_minute: Option<u32>,
    /// In a day, UTC.
    pub per_day: Option<u32>,
}

/// What a vendor can do, and what it costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The source's name, as quotes give it.
    pub source: &'static str,
    /// How it comes to its prices.
    pub mode: Mode,
    /// The most symbols of one call. A vendor with 1 is priced by the symbol, any other by the call.
    pub batch: usize,
    /// How many calls it allows.
    pub budget: Budget,
    /// The most symbols that it streams over a WebSocket; 0: it does not.
    pub streams: usize,
    /// How late its prices are.
    pub delay: Duration,
}

/// An upstream price source.
pub trait Vendor: Send + Sync {
    /// What it can do. Does not change while it runs.
    fn capabilities(&self) -> &Capabilities;

    /// Whether it may have prices of this security.
    fn covers(&self, ticker: &Ticker) -> bool;

    /// Makes exactly one call, for at most `batch` securities that it covers, within a deadline of its own.
    fn ask<'a>(&'a self, tickers: &'a [Arc<Ticker>]) -> BoxFuture<'a, Result<Answer, AskError>>;

    /// Opens one streaming connection, keeps its subscriptions at what is wanted (at most `streams` securities), and
    /// passes on what it hears, until the connection ends or falls silent: that is the error. A vendor that does not
    /// stream is never asked to.
    fn listen(
        &self,
        wanted: watch::Receiver<Arc<Vec<Arc<Ticker>>>>,
        heard: mpsc::Sender<VendorQuote>,
    ) -> BoxFuture<'_, Result<Infallible, AskError>>;
}

/// What to subscribe: the first so many of what is wanted, which counts as seen from here on.
pub(super) fn wanted_now(wanted: &mut watch::Receiver<Arc<Vec<Arc<Ticker>>>>, streams: usize) -> BTreeSet<Symbol> {
    wanted.borrow_and_update().iter().take(streams).map(|ticker| ticker.symbol).collect()
}

/// The end of a stream that there never was.
pub(super) fn never_streams<'a>() -> BoxFuture<'a, Result<Infallible, AskError>> {
    async { Err(AskError::Refused("this vendor does not stream".to_owned())) }.boxed()
}
