//! One vendor: its scheduler, circuit breaker, call budget and streaming connection.

use super::call_budget::CallBudget;
use super::circuit_breaker::CircuitBreaker;
use super::isolation::isolate;
use super::vendor_stream::{LatestQuotes, StreamedTickers, VendorStream, run_stream};
use crate::db::upstream_calls::{Reserved, calls_on, reserve};
use crate::db::{self, Db};
use crate::feed::scheduler::{Decision, Scheduler, SymbolDemand};
use crate::feed::vendors::error::VendorError;
use crate::feed::vendors::vendor::{Answer, Vendor, VendorQuote};
use crate::search::TickerIndex;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rand_chacha::ChaCha8Rng;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use watchtape_shared::Symbol;
use watchtape_shared::market::{SourceHealth, SourceStatus};
use watchtape_shared::quote::Mode;

/// The most concurrent calls of one vendor.
const MAX_CALLS_IN_FLIGHT: usize = 8;
/// The deadline of a call, for an adapter that exceeds its own.
const CALL_DEADLINE: Duration = Duration::from_secs(30);
/// After this long without a quote the stream's symbols are requested by calls again.
const STREAM_SILENCE_TIMEOUT: TimeDelta = TimeDelta::seconds(30);
/// The age from which a stream that ends counts as a success, so that the backoff starts over.
const STABLE_STREAM_AGE: TimeDelta = TimeDelta::minutes(1);
/// How long an unused connection stays open: some vendors count a closed one for a while.
const STREAM_IDLE_TIMEOUT: TimeDelta = TimeDelta::minutes(1);
/// Hysteresis: another symbol replaces a streamed one only with this many times its watchers.
const STREAMED_BONUS: f64 = 1.2;

/// The result of a task.
pub(super) enum JobResult {
    Called { worker: usize, symbols: Vec<Symbol>, result: Result<Answer, VendorError> },
    Reserved { worker: usize, day: NaiveDate, requested: u32, result: db::Result<Reserved> },
    StreamEnded { worker: usize, connection: u64, error: VendorError },
}

/// The state of one vendor.
pub(super) struct VendorWorker {
    vendor: Arc<dyn Vendor>,
    covered: HashSet<Symbol>,
    pub(super) scheduler: Scheduler,
    breaker: CircuitBreaker,
    call_budget: CallBudget,
    in_flight: usize,
    last_success: Option<DateTime<Utc>>,
    stream: Option<VendorStream>,
    /// The number of the current connection: the end of an earlier one is ignored.
    connection: u64,
    stream_breaker: CircuitBreaker,
    stream_opened_at: DateTime<Utc>,
    stream_received_at: Option<DateTime<Utc>>,
    streamed: StreamedTickers,
    stream_unused_since: Option<DateTime<Utc>>,
}

impl VendorWorker {
    pub(super) fn new(vendor: Arc<dyn Vendor>, tickers: &TickerIndex, now: DateTime<Utc>) -> Self {
        let capabilities = vendor.capabilities();
        Self {
            covered: tickers.iter().filter(|ticker| vendor.covers(ticker)).map(|ticker| ticker.symbol).collect(),
            scheduler: Scheduler::new(capabilities.batch, capabilities.budget, now),
            breaker: CircuitBreaker::default(),
            call_budget: CallBudget::new(capabilities.budget.per_day, now),
            in_flight: 0,
            last_success: None,
            stream: None,
            connection: 0,
            stream_breaker: CircuitBreaker::default(),
            stream_opened_at: now,
            stream_received_at: None,
            streamed: Arc::default(),
            stream_unused_since: None,
            vendor,
        }
    }

    pub(super) fn source_and_mode(&self) -> (&'static str, Mode) {
        (self.vendor.capabilities().source, self.vendor.capabilities().mode)
    }

    pub(super) fn delay(&self) -> TimeDelta {
        TimeDelta::from_std(self.vendor.capabilities().delay).unwrap_or(TimeDelta::zero())
    }

    pub(super) fn covers(&self, symbol: &Symbol) -> bool {
        self.covered.contains(symbol)
    }

    pub(super) fn remove_coverage(&mut self, symbol: &Symbol) {
        self.covered.remove(symbol);
    }

    /// Whether symbols are assigned to it rather than to the next vendor.
    pub(super) fn is_working(&self, now: DateTime<Utc>) -> bool {
        self.breaker.has_no_failures() && !self.scheduler.is_exhausted(now)
    }

    /// Whether its calls succeed or none was made yet, or it is streaming.
    pub(super) fn is_healthy(&self, now: DateTime<Utc>) -> bool {
        let answers = matches!(self.status(now), SourceStatus::Idle | SourceStatus::Up);
        answers || self.is_streaming(now)
    }

    fn status(&self, now: DateTime<Utc>) -> SourceStatus {
        match self.breaker.status() {
            SourceStatus::Idle | SourceStatus::Up if self.scheduler.is_exhausted(now) => SourceStatus::Limited,
            SourceStatus::Idle | SourceStatus::Up if self.call_budget.is_blocked() => SourceStatus::Down,
            status => status,
        }
    }

    pub(super) fn health(&self, now: DateTime<Utc>) -> SourceHealth {
        let (source, mode) = self.source_and_mode();
        let detail = match self.breaker.detail() {
            Some(detail) => Some(detail.to_owned()),
            None if self.scheduler.is_exhausted(now) => Some("the day's budget is used up".to_owned()),
            None if self.call_budget.is_blocked() => Some("the ledger of calls cannot be written".to_owned()),
            None if self.is_streaming(now) => None,
            None => self.stream_breaker.detail().map(|detail| format!("stream: {detail}")),
        };
        SourceHealth {
            source: source.to_owned(),
            mode,
            status: self.status(now),
            detail,
            last_success: self.last_success,
            calls_today: self.call_budget.calls(),
            budget_left: self.call_budget.budget_left(),
            streaming: self.is_streaming(now),
        }
    }

    /// Starts the due calls. Returns when to try again; `None`: after the next result or change of demand.
    pub(super) fn start_due_calls(
        &mut self,
        index: usize,
        now: DateTime<Utc>,
        jobs: &mut JoinSet<JobResult>,
        tickers: &TickerIndex,
        db: &Db,
    ) -> Option<DateTime<Utc>> {
        self.call_budget.roll_over(now);
        self.reserve(index, false, now, jobs, db);
        while self.in_flight < MAX_CALLS_IN_FLIGHT {
            if !self.breaker.allows_call(now) {
                return self.breaker.allowed_at();
            }
            let symbols = match self.scheduler.next(now) {
                Decision::Call(symbols) => symbols,
                Decision::WaitUntil(at) => return Some(at),
                Decision::Idle => return None,
            };
            if !self.call_budget.allows_call() {
                self.reserve(index, true, now, jobs, db);
                return None;
            }
            self.call_budget.record_call();
            self.scheduler.record_call(&symbols, now);
            self.breaker.record_call(now);
            self.in_flight += 1;
            let requested: Vec<_> = symbols.iter().filter_map(|symbol| tickers.get(symbol).cloned()).collect();
            let vendor = self.vendor.clone();
            jobs.spawn(async move {
                let result = isolate(async { vendor.fetch(&requested).await }, Some(CALL_DEADLINE)).await;
                JobResult::Called { worker: index, symbols, result }
            });
        }
        None
    }

    fn reserve(&mut self, index: usize, is_calling: bool, now: DateTime<Utc>, jobs: &mut JoinSet<JobResult>, db: &Db) {
        let Some((day, requested)) = self.call_budget.needed_reservation(is_calling, now) else { return };
        self.call_budget.record_reservation_start();
        let (db, source, limit) = (db.clone(), self.source_and_mode().0, self.vendor.capabilities().budget.per_day);
        jobs.spawn(async move {
            let result = if requested == 0 {
                let calls = db.read(move |connection| calls_on(connection, source, day)).await;
                calls.map(|calls| Reserved { granted: 0, calls })
            } else {
                db.write(move |connection| reserve(connection, source, day, requested, limit)).await
            };
            JobResult::Reserved { worker: index, day, requested, result }
        });
    }

    pub(super) fn handle_reservation(
        &mut self,
        day: NaiveDate,
        requested: u32,
        result: db::Result<Reserved>,
        now: DateTime<Utc>,
    ) {
        self.call_budget.record_reservation(day, requested, result, now);
        self.scheduler.set_calls_on(self.call_budget.day(), self.call_budget.calls());
    }

    pub(super) fn handle_success(&mut self, now: DateTime<Utc>) {
        self.in_flight -= 1;
        if self.breaker.status() != SourceStatus::Up {
            tracing::info!(source = self.source_and_mode().0, "the source answers");
        }
        self.breaker.record_success();
        self.last_success = Some(now);
    }

    pub(super) fn handle_failure(
        &mut self,
        symbols: &[Symbol],
        error: &VendorError,
        now: DateTime<Utc>,
        rng: &mut ChaCha8Rng,
    ) {
        self.in_flight -= 1;
        let was = self.breaker.status();
        self.breaker.record_failure(error, now, rng);
        self.scheduler.record_failure(symbols);
        if was != self.breaker.status() {
            tracing::warn!(source = self.source_and_mode().0, %error, "the source does not answer");
        }
    }

    /// Whether its stream is open and has had a quote in the last 30 s.
    fn is_streaming(&self, now: DateTime<Utc>) -> bool {
        self.stream.is_some() && self.stream_received_at.is_some_and(|at| now - at < STREAM_SILENCE_TIMEOUT)
    }

    pub(super) fn is_streamed(&self, symbol: &Symbol, now: DateTime<Utc>) -> bool {
        self.is_streaming(now) && self.streamed.iter().any(|ticker| ticker.symbol == *symbol)
    }

    /// Selects the symbols to stream: the most watched ones whose exchange is trading.
    pub(super) fn select_streamed(
        &mut self,
        demand: &HashMap<Symbol, SymbolDemand>,
        tickers: &TickerIndex,
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
        let mut chosen: Vec<_> = ranked.iter().filter_map(|(_, symbol)| tickers.get(symbol).cloned()).collect();
        chosen.sort_by_key(|ticker| ticker.symbol);
        self.stream_unused_since = if chosen.is_empty() { self.stream_unused_since.or(Some(now)) } else { None };
        let is_new = chosen.len() != streamed.len() || chosen.iter().any(|ticker| !streamed.contains(&ticker.symbol));
        if is_new {
            self.streamed = Arc::new(chosen);
            if let Some(stream) = &self.stream {
                stream.subscriptions.send_replace(self.streamed.clone());
            }
        }
    }

    /// Opens the stream when it is needed, and closes it when it is not.
    pub(super) fn update_stream(
        &mut self,
        index: usize,
        now: DateTime<Utc>,
        jobs: &mut JoinSet<JobResult>,
        stream_ready: &Arc<Notify>,
    ) {
        if self.stream_unused_since.is_some_and(|since| now - since >= STREAM_IDLE_TIMEOUT) {
            self.stream = None;
        }
        if self.stream.is_some() || self.streamed.is_empty() || !self.stream_breaker.allows_call(now) {
            return;
        }
        (self.stream_opened_at, self.stream_received_at) = (now, None);
        self.stream_breaker.record_call(now);
        let (subscriptions, receiver) = watch::channel(self.streamed.clone());
        let latest = Arc::new(LatestQuotes::default());
        let running = run_stream(self.vendor.clone(), receiver, latest.clone(), stream_ready.clone());
        self.connection += 1;
        let connection = self.connection;
        let task =
            jobs.spawn(async move { JobResult::StreamEnded { worker: index, connection, error: running.await } });
        self.stream = Some(VendorStream { subscriptions, latest, task });
    }

    pub(super) fn read_stream(&mut self, now: DateTime<Utc>) -> Vec<VendorQuote> {
        let Some(stream) = &self.stream else { return Vec::new() };
        let quotes = stream.latest.take();
        if !quotes.is_empty() {
            self.stream_received_at = Some(now);
        }
        quotes
    }

    pub(super) fn handle_stream_end(
        &mut self,
        connection: u64,
        error: &VendorError,
        now: DateTime<Utc>,
        rng: &mut ChaCha8Rng,
    ) {
        if self.stream.is_none() || connection != self.connection {
            return;
        }
        tracing::warn!(source = self.source_and_mode().0, %error, "the stream has ended");
        self.stream = None;
        if self.stream_received_at.is_some() && now - self.stream_opened_at >= STABLE_STREAM_AGE {
            self.stream_breaker.record_success();
        }
        self.stream_breaker.record_failure(error, now, rng);
    }
}
