//! The streaming of one vendor: which symbols are streamed, and when its connection is opened, closed, and opened anew.
//! The connection itself is in [`vendor_stream`](super::vendor_stream).

use super::circuit_breaker::CircuitBreaker;
use super::job_result::JobResult;
use super::vendor_stream::{LatestQuotes, StreamedTickers, VendorStream, run_stream};
use crate::feed::scheduler::SymbolDemand;
use crate::feed::vendors::error::VendorError;
use crate::feed::vendors::vendor::{Vendor, VendorQuote};
use crate::search::LiveIndex;
use crate::telemetry::throttled_log::LastCause;
use chrono::{DateTime, TimeDelta, Utc};
use rand_chacha::ChaCha8Rng;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use watchtape_shared::Symbol;
use watchtape_shared::ticker::Ticker;

/// After this long without a quote the stream's symbols are requested by calls again.
const SILENCE_TIMEOUT: TimeDelta = TimeDelta::seconds(30);
/// The age from which a stream that ends counts as a success, so that the backoff starts over.
const STABLE_AGE: TimeDelta = TimeDelta::minutes(1);
/// How long an unused connection stays open: some vendors count a closed one for a while.
const IDLE_TIMEOUT: TimeDelta = TimeDelta::minutes(1);
/// Hysteresis: another symbol replaces a streamed one only with this many times its watchers.
const STREAMED_BONUS: f64 = 1.2;

/// The state of one vendor's streaming.
pub(super) struct Streaming {
    vendor: Arc<dyn Vendor>,
    stream: Option<VendorStream>,
    /// The number of the current connection: the end of an earlier one is ignored.
    connection: u64,
    breaker: CircuitBreaker,
    opened_at: DateTime<Utc>,
    received_at: Option<DateTime<Utc>>,
    streamed: StreamedTickers,
    unused_since: Option<DateTime<Utc>>,
    /// Since when a streamed symbol's exchange is in its regular hours.
    open_since: Option<DateTime<Utc>>,
    last_trouble: LastCause,
}

impl Streaming {
    pub(super) fn new(vendor: Arc<dyn Vendor>, now: DateTime<Utc>) -> Self {
        Self {
            vendor,
            stream: None,
            connection: 0,
            breaker: CircuitBreaker::default(),
            opened_at: now,
            received_at: None,
            streamed: Arc::default(),
            unused_since: None,
            open_since: None,
            last_trouble: LastCause::default(),
        }
    }

    /// What ended the last connection, until one was stable.
    pub(super) fn trouble(&self) -> Option<&str> {
        self.breaker.detail()
    }

    /// Whether it is open and has had a quote in the last 30 s.
    pub(super) fn is_streaming(&self, now: DateTime<Utc>) -> bool {
        self.stream.is_some() && self.received_at.is_some_and(|at| now - at < SILENCE_TIMEOUT)
    }

    pub(super) fn is_streamed(&self, symbol: &Symbol, now: DateTime<Utc>) -> bool {
        self.is_streaming(now) && self.streamed.iter().any(|ticker| ticker.symbol == *symbol)
    }

    /// Selects the symbols to stream: the most watched ones whose exchange is trading. `is_open`: in its regular hours.
    pub(super) fn select(
        &mut self,
        demand: &HashMap<Symbol, SymbolDemand>,
        tickers: &LiveIndex,
        is_open: impl Fn(&Ticker) -> bool,
        now: DateTime<Utc>,
    ) {
        let streamed: HashSet<Symbol> = self.streamed.iter().map(|ticker| ticker.symbol).collect();
        let demand = demand.iter().filter(|(_, demand)| demand.is_trading && demand.watchers > 0);
        let mut ranked: Vec<(f64, Symbol)> = demand
            .map(|(symbol, demand)| {
                let bonus = if streamed.contains(symbol) { STREAMED_BONUS } else { 1.0 };
                (f64::from(demand.watchers) * bonus, *symbol)
            })
            .collect();
        ranked.sort_by(|(left, a), (right, b)| right.total_cmp(left).then(a.cmp(b)));
        ranked.truncate(self.vendor.capabilities().streams);
        let mut chosen: Vec<_> = ranked.iter().filter_map(|(_, symbol)| tickers.get(symbol)).collect();
        chosen.sort_by_key(|ticker| ticker.symbol);
        let is_open = chosen.iter().any(|ticker| is_open(ticker));
        self.open_since = self.open_since.or(Some(now)).filter(|_| is_open);
        self.unused_since = if chosen.is_empty() { self.unused_since.or(Some(now)) } else { None };
        let is_new = chosen.len() != streamed.len() || chosen.iter().any(|ticker| !streamed.contains(&ticker.symbol));
        if is_new {
            self.streamed = Arc::new(chosen);
            if let Some(stream) = &self.stream {
                stream.subscriptions.send_replace(self.streamed.clone());
            }
        }
    }

    /// Opens the stream when it is needed, closes it when it is not, and when it gives no prices although the market is open.
    pub(super) fn update(
        &mut self,
        index: usize,
        now: DateTime<Utc>,
        jobs: &mut JoinSet<JobResult>,
        stream_ready: &Arc<Notify>,
        rng: &mut ChaCha8Rng,
    ) {
        if self.is_silent(now) {
            let seconds = self.vendor.capabilities().stream_silence.as_secs();
            let error = VendorError::Unavailable(format!("no price for {seconds} s in regular hours"));
            self.record_end(&error, now, rng);
        }
        if self.unused_since.is_some_and(|since| now - since >= IDLE_TIMEOUT) {
            self.stream = None;
        }
        if self.stream.is_some() || self.streamed.is_empty() || !self.breaker.allows_call(now) {
            return;
        }
        (self.opened_at, self.received_at) = (now, None);
        self.breaker.record_call(now);
        let (subscriptions, receiver) = watch::channel(self.streamed.clone());
        let latest = Arc::new(LatestQuotes::default());
        let running = run_stream(self.vendor.clone(), receiver, latest.clone(), stream_ready.clone());
        self.connection += 1;
        let connection = self.connection;
        let task =
            jobs.spawn(async move { JobResult::StreamEnded { worker: index, connection, error: running.await } });
        self.stream = Some(VendorStream { subscriptions, latest, task });
    }

    pub(super) fn read(&mut self, now: DateTime<Utc>) -> Vec<VendorQuote> {
        let Some(stream) = &self.stream else { return Vec::new() };
        let quotes = stream.latest.take();
        if !quotes.is_empty() {
            self.received_at = Some(now);
        }
        quotes
    }

    pub(super) fn handle_end(
        &mut self,
        connection: u64,
        error: &VendorError,
        now: DateTime<Utc>,
        rng: &mut ChaCha8Rng,
    ) {
        if self.stream.is_none() || connection != self.connection {
            return;
        }
        self.record_end(error, now, rng);
    }

    /// Whether the open stream has given no price for too long: since it was opened, since the last one, or since the market
    /// opened.
    fn is_silent(&self, now: DateTime<Utc>) -> bool {
        let (Some(_), Some(open_since)) = (&self.stream, self.open_since) else { return false };
        let heard_at = self.received_at.unwrap_or(self.opened_at);
        let silence = TimeDelta::from_std(self.vendor.capabilities().stream_silence).unwrap_or(TimeDelta::MAX);
        now - heard_at.max(open_since) >= silence
    }

    fn record_end(&mut self, error: &VendorError, now: DateTime<Utc>, rng: &mut ChaCha8Rng) {
        if self.last_trouble.is_new(&error.to_string()) {
            tracing::warn!(source = self.vendor.capabilities().source, %error, "the stream has ended");
        }
        self.stream = None;
        if self.received_at.is_some() && now - self.opened_at >= STABLE_AGE {
            self.breaker.record_success();
        }
        self.breaker.record_failure(error, now, rng);
    }
}
