//! The provider of real prices: vendors in order of preference, called within their budgets and streamed from.
//!
//! Each vendor has a [`vendor_worker`] with a scheduler, a circuit breaker and a call budget. A symbol is assigned to
//! the first vendor that covers it and works for it. A failing vendor keeps its demand too: its circuit breaker lets single
//! calls through, and the first that succeeds moves its symbols back.
//!
//! All state is in [`Upstream`] and changes only between awaits, so that `next` is cancel-safe. Calls and streams are
//! tasks of one set, which are aborted with it.

mod call_budget;
mod circuit_breaker;
mod failure_scope;
mod isolation;
mod job_result;
mod streaming;
#[cfg(test)]
mod tests;
mod vendor_stream;
mod vendor_worker;

use super::provider::{Provider, Tick};
use super::scheduler::SymbolDemand;
use super::validation::{ValidationError, Validator};
use super::vendors::vendor::{Answer, Vendor, VendorQuote};
use crate::cluster::demand::WatcherCounts;
use crate::cluster::entry::Entry;
use crate::cluster::source_description::{Coverage, PriceSource, UnpricedSymbols};
use crate::db::Db;
use crate::market::calendar::Calendar;
use crate::search::LiveIndex;
use crate::telemetry::metrics::VendorMetrics;
use crate::{clock, random};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use job_result::JobResult;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use vendor_worker::VendorWorker;
use watchtape_shared::Symbol;
use watchtape_shared::market::{SourceHealth, TradingStatus};
use watchtape_shared::quote::{Mode, Reason};
use watchtape_shared::ticker::Ticker;

/// How often `next` returns an empty batch while a vendor is healthy but has no new prices.
const HEARTBEAT_INTERVAL: TimeDelta = TimeDelta::seconds(1);
/// How long trades of a stream are collected into one batch: a round for each would cost every worker thread too much.
const STREAM_BATCH_INTERVAL: TimeDelta = TimeDelta::milliseconds(100);
/// How often symbols are assigned to vendors again without a change of demand: exchanges open and close, streams stop.
const REASSIGN_INTERVAL: TimeDelta = TimeDelta::seconds(5);
/// How long after the close the closing price is final, auction included.
const CLOSE_SETTLE_DELAY: TimeDelta = TimeDelta::minutes(1);

/// The upstream vendors as one provider.
pub struct Upstream {
    workers: Vec<VendorWorker>,
    demand: watch::Receiver<WatcherCounts>,
    tickers: Arc<LiveIndex>,
    calendar: Arc<Calendar>,
    db: Db,
    validator: Validator,
    clock: Clock,
    rng: ChaCha8Rng,
    jobs: JoinSet<JobResult>,
    stream_ready: Arc<Notify>,
    /// New ticks not returned yet: of each symbol the newest, and the newest of those that count for the last price alone.
    pending: HashMap<(Symbol, bool), Tick>,
    unpriced: watch::Sender<UnpricedSymbols>,
    health: watch::Sender<Vec<SourceHealth>>,
    is_assigned: bool,
    reassign_at: DateTime<Utc>,
    returned_at: DateTime<Utc>,
    /// When the schedulers run next, unless a call ends or demand changes before. A trade on a stream does not run
    /// them.
    dispatch_at: DateTime<Utc>,
}

/// The clock; tests replace it.
type Clock = Box<dyn Fn() -> DateTime<Utc> + Send>;

/// By vendor and exchange: whether the exchange is trading, and when the vendor has its last close.
type Exchanges<'a> = HashMap<(usize, Option<&'a str>), (bool, DateTime<Utc>)>;

/// Why the loop woke up.
enum WakeReason {
    JobDone(JobResult),
    Demand,
    Time,
}

impl Upstream {
    /// A provider of these vendors, in order of preference. `tickers` is the catalogue: other symbols are not
    /// requested. Makes no call before the first `next`, which needs a tokio runtime.
    pub fn new(
        vendors: Vec<Arc<dyn Vendor>>,
        demand: watch::Receiver<WatcherCounts>,
        tickers: Arc<LiveIndex>,
        calendar: Arc<Calendar>,
        db: Db,
        metrics: &VendorMetrics,
    ) -> Self {
        Self::with_clock(Box::new(clock::now), vendors, demand, tickers, calendar, db, metrics)
    }

    fn with_clock(
        clock: Clock,
        vendors: Vec<Arc<dyn Vendor>>,
        demand: watch::Receiver<WatcherCounts>,
        tickers: Arc<LiveIndex>,
        calendar: Arc<Calendar>,
        db: Db,
        metrics: &VendorMetrics,
    ) -> Self {
        let now = clock();
        let upstream = Self {
            workers: vendors
                .into_iter()
                .map(|vendor| VendorWorker::new(vendor, tickers.clone(), now, metrics.clone()))
                .collect(),
            demand,
            tickers,
            validator: Validator::new(calendar.clone()),
            calendar,
            db,
            clock,
            rng: ChaCha8Rng::seed_from_u64(random::number()),
            jobs: JoinSet::new(),
            stream_ready: Arc::default(),
            pending: HashMap::new(),
            unpriced: watch::Sender::default(),
            health: watch::Sender::default(),
            is_assigned: false,
            reassign_at: now,
            returned_at: now - HEARTBEAT_INTERVAL,
            dispatch_at: now,
        };
        upstream.publish_health(now);
        upstream
    }

    async fn next_batch(&mut self) -> Vec<Tick> {
        loop {
            let now = (self.clock)();
            self.read_streams(now);
            if !self.is_assigned || now >= self.reassign_at {
                self.assign_demand(now);
                self.dispatch_at = now;
            }
            // The second condition: the clock was set back.
            if self.dispatch_at <= now || self.dispatch_at > now + HEARTBEAT_INTERVAL {
                self.dispatch(now);
            }
            let mut wake_at = self.dispatch_at.min(self.reassign_at);
            if !self.pending.is_empty() {
                let batch_at = self.returned_at + STREAM_BATCH_INTERVAL;
                if batch_at <= now || self.returned_at > now {
                    self.returned_at = now;
                    let mut ticks: Vec<Tick> = self.pending.drain().map(|(_, tick)| tick).collect();
                    ticks.sort_by_key(|tick| tick.as_of);
                    return ticks;
                }
                wake_at = wake_at.min(batch_at);
            } else if self.workers.iter().any(|worker| worker.is_healthy(now)) {
                let heartbeat_at = self.returned_at + HEARTBEAT_INTERVAL;
                if heartbeat_at <= now || self.returned_at > now {
                    self.returned_at = now;
                    return Vec::new();
                }
                wake_at = wake_at.min(heartbeat_at);
            }
            match self.wait(wake_at, now).await {
                WakeReason::JobDone(done) => {
                    self.handle_result(done, (self.clock)());
                    self.dispatch_at = now;
                }
                WakeReason::Demand => self.is_assigned = false,
                WakeReason::Time => {}
            }
        }
    }

    /// Starts the calls and opens the streams that are due.
    fn dispatch(&mut self, now: DateTime<Utc>) {
        self.dispatch_at = now + HEARTBEAT_INTERVAL;
        for (index, worker) in self.workers.iter_mut().enumerate() {
            worker.streaming.update(index, now, &mut self.jobs, &self.stream_ready, &mut self.rng);
            if let Some(at) = worker.start_due_calls(index, now, &mut self.jobs, &self.db) {
                self.dispatch_at = self.dispatch_at.min(at);
            }
        }
        self.publish_health(now);
    }

    async fn wait(&mut self, until: DateTime<Utc>, now: DateTime<Utc>) -> WakeReason {
        // Timers have a resolution of a millisecond: rounded up.
        let wait = (until - now).to_std().unwrap_or_default() + Duration::from_millis(1);
        let is_demand_open = self.demand.has_changed().is_ok();
        tokio::select! {
            Some(Ok(done)) = self.jobs.join_next() => WakeReason::JobDone(done),
            Ok(()) = self.demand.changed(), if is_demand_open => WakeReason::Demand,
            () = self.stream_ready.notified() => WakeReason::Time,
            () = tokio::time::sleep(wait) => WakeReason::Time,
        }
    }

    /// Assigns each watched symbol to the first working vendor that covers it, and to those before that.
    fn assign_demand(&mut self, now: DateTime<Utc>) {
        (self.is_assigned, self.reassign_at) = (true, now + REASSIGN_INTERVAL);
        let watched = self.demand.borrow_and_update().clone();
        let mut demands: Vec<HashMap<Symbol, SymbolDemand>> = vec![HashMap::new(); self.workers.len()];
        let known: Vec<(Arc<Ticker>, u32)> =
            watched.iter().filter_map(|(symbol, watchers)| Some((self.tickers.get(symbol)?, *watchers))).collect();
        let mut exchanges: Exchanges<'_> = HashMap::new();
        for (ticker, watchers) in &known {
            let symbol = &ticker.symbol;
            for (index, worker) in self.workers.iter().enumerate().filter(|(_, worker)| worker.covers(symbol)) {
                let mic = ticker.mic.as_deref();
                let (is_trading, last_close_at) =
                    *exchanges.entry((index, mic)).or_insert_with(|| exchange_state(worker, &self.calendar, mic, now));
                let is_streamed = worker.streaming.is_streamed(symbol, now);
                let demand =
                    SymbolDemand { watchers: *watchers, is_trading, last_close_at: Some(last_close_at), is_streamed };
                demands[index].insert(*symbol, demand);
                if worker.is_working_for(symbol, now) {
                    break;
                }
            }
        }
        for (worker, demand) in self.workers.iter_mut().zip(&demands) {
            worker.scheduler.set_demand(demand);
            let seen = now - worker.delay();
            let is_open = |ticker: &Ticker| self.calendar.phase_at(ticker.mic.as_deref(), seen) == TradingStatus::Open;
            worker.streaming.select(demand, &self.tickers, is_open, now);
        }
    }

    fn read_streams(&mut self, now: DateTime<Utc>) {
        for index in 0..self.workers.len() {
            for quote in self.workers[index].streaming.read(now) {
                if let Err(error) = self.accept(index, &quote, now) {
                    tracing::debug!(symbol = %quote.symbol, doubt = %error, "rejected a streamed price");
                    self.report_doubt(quote.symbol, error);
                }
            }
        }
    }

    fn handle_result(&mut self, done: JobResult, now: DateTime<Utc>) {
        match done {
            JobResult::Reserved { worker, day, requested, result } => {
                self.workers[worker].handle_reservation(day, requested, result, now);
            }
            JobResult::StreamEnded { worker, connection, error } => {
                self.workers[worker].streaming.handle_end(connection, &error, now, &mut self.rng);
            }
            JobResult::Called { worker, symbols, result } => {
                let worked = self.workers[worker].is_working(now);
                match result {
                    Ok(answer) => self.handle_answer(worker, symbols, answer, now),
                    Err(error) => {
                        let reason = self.workers[worker].handle_failure(&symbols, &error, now, &mut self.rng);
                        // Of a batch it is not known yet which of them failed.
                        if let [symbol] = symbols[..] {
                            let is_streamed = self.workers[worker].streaming.is_streamed(&symbol, now);
                            if let Some(reason) = reason.filter(|_| !is_streamed) {
                                self.set_unpriced(worker, symbol, reason);
                            }
                            self.is_assigned = false;
                        }
                    }
                }
                // A vendor that fails or recovers changes the assignment.
                self.is_assigned &= worked == self.workers[worker].is_working(now);
            }
        }
    }

    fn handle_answer(&mut self, worker: usize, symbols: Vec<Symbol>, answer: Answer, now: DateTime<Utc>) {
        self.workers[worker].handle_success(now);
        let mut missing: HashSet<Symbol> = symbols.into_iter().collect();
        // Quotes of symbols that were not requested are ignored.
        for quote in answer.quotes {
            if !missing.remove(&quote.symbol) {
                continue;
            }
            match self.accept(worker, &quote, now) {
                Ok(()) => self.workers[worker].scheduler.record_answer(&quote.symbol, Some(quote.price), now),
                // A stream or another vendor has given a newer price, which is good.
                Err(ValidationError::Older) => {
                    self.workers[worker].scheduler.record_answer(&quote.symbol, Some(quote.price), now);
                    self.remove_unpriced(&quote.symbol);
                }
                Err(error) => {
                    tracing::warn!(symbol = %quote.symbol, price = %quote.price, doubt = %error, "rejected a price");
                    self.workers[worker].scheduler.record_rejection(&quote.symbol);
                    self.report_doubt(quote.symbol, error);
                }
            }
        }
        let reasons: HashMap<Symbol, Reason> = answer.unpriced.into_iter().collect();
        for symbol in missing {
            let reason = reasons.get(&symbol).copied().unwrap_or(Reason::NoData);
            self.workers[worker].scheduler.record_answer(&symbol, None, now);
            // The next vendor may have one.
            self.is_assigned = false;
            if reason == Reason::NotCovered && self.workers[worker + 1..].iter().any(|next| next.covers(&symbol)) {
                self.workers[worker].remove_coverage(&symbol);
            } else {
                self.set_unpriced(worker, symbol, reason);
            }
        }
    }

    /// Notes that a price is not believed yet, which may leave the symbol with an older one.
    fn report_doubt(&self, symbol: Symbol, error: ValidationError) {
        match error {
            ValidationError::Unconfirmed | ValidationError::Implausible => {
                self.insert_unpriced(symbol, Reason::Implausible);
            }
            ValidationError::Future | ValidationError::Older => {}
        }
    }

    /// Notes why a symbol has no price, unless another vendor is asked for it next or prices it.
    fn set_unpriced(&self, worker: usize, symbol: Symbol, reason: Reason) {
        let now = (self.clock)();
        let has_other = self.workers.iter().enumerate().any(|(index, other)| {
            let is_asked = index > worker || other.scheduler.is_priced(&symbol);
            index != worker && is_asked && other.covers(&symbol) && other.is_working_for(&symbol, now)
        });
        if !has_other {
            self.insert_unpriced(symbol, reason);
        }
    }

    fn insert_unpriced(&self, symbol: Symbol, reason: Reason) {
        self.unpriced.send_if_modified(|unpriced| {
            let is_new = unpriced.get(&symbol) != Some(&reason);
            if is_new {
                Arc::make_mut(unpriced).insert(symbol, reason);
            }
            is_new
        });
    }

    /// Validates a quote and queues it as a tick. Unchanged quotes too: the price publisher drops them.
    fn accept(&mut self, worker: usize, quote: &VendorQuote, now: DateTime<Utc>) -> Result<(), ValidationError> {
        let Some(ticker) = self.tickers.get(&quote.symbol) else { return Err(ValidationError::Older) };
        let tick = self.validator.validate(quote, &ticker, self.workers[worker].source_and_mode(), now)?;
        for (_, other) in self.workers.iter_mut().enumerate().filter(|(index, _)| *index != worker) {
            if other.covers(&quote.symbol) {
                other.scheduler.record_external_price(&quote.symbol, quote.price, now);
            }
        }
        self.remove_unpriced(&quote.symbol);
        self.pending.insert((quote.symbol, quote.is_last_only), tick);
        Ok(())
    }

    fn remove_unpriced(&self, symbol: &Symbol) {
        self.unpriced.send_if_modified(|unpriced| {
            let was_unpriced = unpriced.contains_key(symbol);
            if was_unpriced {
                Arc::make_mut(unpriced).remove(symbol);
            }
            was_unpriced
        });
    }

    fn publish_health(&self, now: DateTime<Utc>) {
        let health: Vec<SourceHealth> = self.workers.iter().map(|worker| worker.health(now)).collect();
        self.health.send_if_modified(|known| {
            let is_new = *known != health;
            if is_new {
                *known = health;
            }
            is_new
        });
    }
}

/// Whether an exchange is trading, and when the vendor has its last close, both shifted by the vendor's delay.
fn exchange_state(
    worker: &VendorWorker,
    calendar: &Calendar,
    mic: Option<&str>,
    now: DateTime<Utc>,
) -> (bool, DateTime<Utc>) {
    let delay = worker.delay();
    let seen = now - delay;
    let last = calendar.last_traded(mic, seen);
    (last == seen, last + delay + CLOSE_SETTLE_DELAY)
}

impl Provider for Upstream {
    fn source(&self) -> PriceSource {
        let (name, mode) = self.workers.first().map_or(("none", Mode::Live), VendorWorker::source_and_mode);
        let vendors: Vec<Arc<dyn Vendor>> = self.workers.iter().map(VendorWorker::vendor).collect();
        let coverage = Coverage::Where(Arc::new(move |ticker| vendors.iter().any(|vendor| vendor.covers(ticker))));
        PriceSource { name, mode, coverage, interval: HEARTBEAT_INTERVAL.to_std().unwrap_or_default() }
    }

    fn resume(&mut self, last: &[Entry]) {
        for entry in last {
            self.validator.resume(entry);
        }
    }

    fn unpriced(&self) -> UnpricedSymbols {
        self.unpriced.borrow().clone()
    }

    fn health(&self) -> Vec<SourceHealth> {
        self.health.borrow().clone()
    }

    fn next(&mut self) -> BoxFuture<'_, Option<Vec<Tick>>> {
        self.next_batch().map(Some).boxed()
    }
}
