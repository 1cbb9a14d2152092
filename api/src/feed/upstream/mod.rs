//! Real prices: upstream vendors in the order in which they are trusted, asked within their budgets and listened to.
//!
//! Each vendor has a [`worker`] with its schedule, its breaker and its share of the ledger. A symbol is asked of the first
//! vendor that covers it and works; a vendor that does not work keeps its demand for the single call that finds out
//! whether it works again, and with that its symbols come back to it.
//!
//! All state is in [`Upstream`] itself and changes only between awaits: `next` may be dropped at any of them and called
//! again. The calls and connections are tasks of a set that ends with it.

mod call_budget;
mod circuit_breaker;
#[cfg(test)]
mod tests;
mod vendor_stream;
mod vendor_worker;

use super::provider::{Provider, Tick};
use super::scheduler::Wanted;
use super::validation::{ValidationError, Validator};
use super::vendors::error::AskError;
use super::vendors::vendor::{Answer, Vendor, VendorQuote};
use crate::cluster::demand::Watched;
use crate::cluster::price_source::{Absent, Coverage, PriceSource};
use crate::cluster::round::Entry;
use crate::db::Db;
use crate::market::calendar::Calendar;
use crate::search::TickerIndex;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use vendor_worker::{Done, VendorWorker};
use watchtape_shared::Symbol;
use watchtape_shared::market::SourceHealth;
use watchtape_shared::quote::{Mode, Reason};

/// How often the feed is told that the source lives, where there is nothing new.
const HEARTBEAT: TimeDelta = TimeDelta::seconds(1);
/// A stream's trades are gathered for so long: a round for each of them would cost every worker more than it tells.
const GATHER: TimeDelta = TimeDelta::milliseconds(100);
/// How often the demand is weighed anew where nobody changed it: exchanges open and close, streams fall silent.
const REWEIGH: TimeDelta = TimeDelta::seconds(5);
/// How long after the close the last session's price is thought to be settled, auction included.
const SETTLED: TimeDelta = TimeDelta::minutes(1);

/// The upstream vendors as one provider.
pub struct Upstream {
    workers: Vec<VendorWorker>,
    demand: watch::Receiver<Watched>,
    tickers: Arc<TickerIndex>,
    calendar: Arc<Calendar>,
    db: Db,
    validator: Validator,
    clock: Clock,
    rng: ChaCha8Rng,
    jobs: JoinSet<Done>,
    mail: Arc<Notify>,
    /// What is new, the newest of each symbol.
    pending: HashMap<Symbol, Tick>,
    absent: watch::Sender<Absent>,
    health: watch::Sender<Vec<SourceHealth>>,
    is_weighed: bool,
    reweigh_at: DateTime<Utc>,
    given_at: DateTime<Utc>,
    /// When the schedules have something to do, unless something happens before: a trade on a stream is no reason to look
    /// through them.
    tend_at: DateTime<Utc>,
}

/// What says which time it is.
type Clock = Box<dyn Fn() -> DateTime<Utc> + Send>;

/// By vendor and exchange: whether it trades, and from when on its last close is had.
type Exchanges<'a> = HashMap<(usize, Option<&'a str>), (bool, DateTime<Utc>)>;

/// Why the loop woke up.
enum Wake {
    Done(Done),
    Demand,
    Time,
}

impl Upstream {
    /// The vendors in the order of trust. `tickers` is the catalogue: nothing else is asked for. Nothing is asked before
    /// the first `next`, which needs a tokio runtime.
    pub fn new(
        vendors: Vec<Arc<dyn Vendor>>,
        demand: watch::Receiver<Watched>,
        tickers: Arc<TickerIndex>,
        calendar: Arc<Calendar>,
        db: Db,
    ) -> Self {
        Self::by(Box::new(Utc::now), vendors, demand, tickers, calendar, db)
    }

    fn by(
        clock: Clock,
        vendors: Vec<Arc<dyn Vendor>>,
        demand: watch::Receiver<Watched>,
        tickers: Arc<TickerIndex>,
        calendar: Arc<Calendar>,
        db: Db,
    ) -> Self {
        let now = clock();
        let upstream = Self {
            workers: vendors.into_iter().map(|vendor| VendorWorker::new(vendor, &tickers, now)).collect(),
            demand,
            tickers,
            validator: Validator::new(calendar.clone()),
            calendar,
            db,
            clock,
            rng: ChaCha8Rng::seed_from_u64(rand::random()),
            jobs: JoinSet::new(),
            mail: Arc::default(),
            pending: HashMap::new(),
            absent: watch::Sender::default(),
            health: watch::Sender::default(),
            is_weighed: false,
            reweigh_at: now,
            given_at: now - HEARTBEAT,
            tend_at: now,
        };
        upstream.tell_health(now);
        upstream
    }

    async fn next_batch(&mut self) -> Vec<Tick> {
        loop {
            let now = (self.clock)();
            self.read_streams(now);
            if !self.is_weighed || now >= self.reweigh_at {
                self.weigh(now);
                self.tend_at = now;
            }
            // A clock that was set back does not hold them up.
            if self.tend_at <= now || self.tend_at > now + HEARTBEAT {
                self.tend(now);
            }
            let mut wake_at = self.tend_at.min(self.reweigh_at);
            if !self.pending.is_empty() {
                let gathered_at = self.given_at + GATHER;
                if gathered_at <= now || self.given_at > now {
                    self.given_at = now;
                    return self.pending.drain().map(|(_, tick)| tick).collect();
                }
                wake_at = wake_at.min(gathered_at);
            } else if self.workers.iter().any(|worker| worker.is_well(now)) {
                let beats_at = self.given_at + HEARTBEAT;
                if beats_at <= now || self.given_at > now {
                    self.given_at = now;
                    return Vec::new();
                }
                wake_at = wake_at.min(beats_at);
            }
            match self.wait(wake_at, now).await {
                Wake::Done(done) => {
                    self.finish(done, (self.clock)());
                    self.tend_at = now;
                }
                Wake::Demand => self.is_weighed = false,
                Wake::Time => {}
            }
        }
    }

    /// Makes the calls and opens the connections that are due.
    fn tend(&mut self, now: DateTime<Utc>) {
        self.tend_at = now + HEARTBEAT;
        for (index, worker) in self.workers.iter_mut().enumerate() {
            worker.tend_stream(index, now, &mut self.jobs, &self.mail);
            if let Some(at) = worker.ask_what_is_due(index, now, &mut self.jobs, &self.tickers, &self.db) {
                self.tend_at = self.tend_at.min(at);
            }
        }
        self.tell_health(now);
    }

    async fn wait(&mut self, until: DateTime<Utc>, now: DateTime<Utc>) -> Wake {
        // Timers count in whole milliseconds: one more than too few.
        let wait = (until - now).to_std().unwrap_or_default() + Duration::from_millis(1);
        let is_demand_open = self.demand.has_changed().is_ok();
        tokio::select! {
            Some(Ok(done)) = self.jobs.join_next() => Wake::Done(done),
            Ok(()) = self.demand.changed(), if is_demand_open => Wake::Demand,
            () = self.mail.notified() => Wake::Time,
            () = tokio::time::sleep(wait) => Wake::Time,
        }
    }

    /// Divides the demand among the vendors.
    fn weigh(&mut self, now: DateTime<Utc>) {
        (self.is_weighed, self.reweigh_at) = (true, now + REWEIGH);
        let watched = self.demand.borrow_and_update().clone();
        let mut demands: Vec<HashMap<Symbol, Wanted>> = vec![HashMap::new(); self.workers.len()];
        let mut exchanges: Exchanges<'_> = HashMap::new();
        for (symbol, watchers) in watched.iter() {
            let Some(ticker) = self.tickers.get(symbol) else { continue };
            for (index, worker) in self.workers.iter().enumerate().filter(|(_, worker)| worker.covers(symbol)) {
                let mic = ticker.mic.as_deref();
                let (is_trading, last_close) = *exchanges
                    .entry((index, mic))
                    .or_insert_with(|| exchange_as_seen_by(worker, &self.calendar, mic, now));
                let is_streamed = worker.is_streamed(symbol, now);
                let wanted = Wanted { watchers: *watchers, is_trading, last_close: Some(last_close), is_streamed };
                demands[index].insert(*symbol, wanted);
                if worker.works(now) {
                    break;
                }
            }
        }
        for (worker, demand) in self.workers.iter_mut().zip(&demands) {
            worker.scheduler.set_demand(demand);
            worker.choose_streamed(demand, &self.tickers, now);
        }
    }

    fn read_streams(&mut self, now: DateTime<Utc>) {
        for index in 0..self.workers.len() {
            for quote in self.workers[index].read_stream(now) {
                if let Err(doubt) = self.take(index, &quote, now) {
                    tracing::debug!(symbol = %quote.symbol, %doubt, "a streamed price is not believed");
                }
            }
        }
    }

    fn finish(&mut self, done: Done, now: DateTime<Utc>) {
        match done {
            Done::Reserved { worker, day, asked, result } => self.workers[worker].reserved(day, asked, result, now),
            Done::StreamEnded { worker, connection, error } => {
                self.workers[worker].stream_ended(connection, &error, now, &mut self.rng);
            }
            Done::Asked { worker, symbols, result } => {
                let worked = self.workers[worker].works(now);
                match result {
                    Ok(answer) => self.answered(worker, symbols, answer, now),
                    Err(error) => self.workers[worker].failed(&symbols, &error, now, &mut self.rng),
                }
                // A vendor that fails or recovers moves its symbols.
                self.is_weighed &= worked == self.workers[worker].works(now);
            }
        }
    }

    fn answered(&mut self, worker: usize, symbols: Vec<Symbol>, answer: Answer, now: DateTime<Utc>) {
        self.workers[worker].succeeded(now);
        let mut open: HashSet<Symbol> = symbols.into_iter().collect();
        // What was not asked for is not believed either.
        for quote in answer.quotes {
            if !open.remove(&quote.symbol) {
                continue;
            }
            match self.take(worker, &quote, now) {
                Ok(()) => self.workers[worker].scheduler.answered(&quote.symbol, Some(quote.price), now),
                // It has nothing newer than what is known, from its own stream or from another vendor.
                Err(ValidationError::Older) => {
                    self.workers[worker].scheduler.answered(&quote.symbol, Some(quote.price), now)
                }
                Err(doubt) => {
                    tracing::warn!(symbol = %quote.symbol, price = %quote.price, %doubt, "a price is not believed");
                    self.workers[worker].scheduler.failed(&[quote.symbol]);
                }
            }
        }
        let mut absent = HashMap::clone(&self.absent.borrow());
        let reasons: HashMap<Symbol, Reason> = answer.absent.into_iter().collect();
        for symbol in open {
            let reason = reasons.get(&symbol).copied().unwrap_or(Reason::NoData);
            self.workers[worker].scheduler.answered(&symbol, None, now);
            if reason == Reason::NotCovered && self.workers[worker + 1..].iter().any(|next| next.covers(&symbol)) {
                self.workers[worker].does_not_cover(&symbol);
                self.is_weighed = false;
            } else {
                absent.insert(symbol, reason);
            }
        }
        self.absent.send_if_modified(|known| {
            let is_new = **known != absent;
            if is_new {
                *known = Arc::new(absent);
            }
            is_new
        });
    }

    /// Takes a quote in, if it is believed; a repeated one as well: the feed drops what changes nothing.
    fn take(&mut self, worker: usize, quote: &VendorQuote, now: DateTime<Utc>) -> Result<(), ValidationError> {
        let Some(ticker) = self.tickers.get(&quote.symbol) else { return Err(ValidationError::Older) };
        let tick = self.validator.believe(quote, ticker, self.workers[worker].origin(), now)?;
        for (_, other) in self.workers.iter_mut().enumerate().filter(|(index, _)| *index != worker) {
            if other.covers(&quote.symbol) {
                other.scheduler.learned(&quote.symbol, quote.price, now);
            }
        }
        self.absent.send_if_modified(|absent| {
            let was_absent = absent.contains_key(&quote.symbol);
            if was_absent {
                Arc::make_mut(absent).remove(&quote.symbol);
            }
            was_absent
        });
        self.pending.insert(quote.symbol, tick);
        Ok(())
    }

    fn tell_health(&self, now: DateTime<Utc>) {
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

/// Whether an exchange trades, and from when on its last close is had: as late as the vendor's prices are.
fn exchange_as_seen_by(
    worker: &VendorWorker,
    calendar: &Calendar,
    mic: Option<&str>,
    now: DateTime<Utc>,
) -> (bool, DateTime<Utc>) {
    let delay = worker.delay();
    let seen = now - delay;
    let last = calendar.last_traded(mic, seen);
    (last == seen, last + delay + SETTLED)
}

impl Provider for Upstream {
    fn source(&self) -> PriceSource {
        let (name, mode) = self.workers.first().map_or(("none", Mode::Live), VendorWorker::origin);
        let covered = |symbol: &Symbol| self.workers.iter().any(|worker| worker.covers(symbol));
        let symbols: HashSet<Symbol> =
            self.tickers.iter().map(|ticker| ticker.symbol).filter(|symbol| covered(symbol)).collect();
        let coverage = if symbols.len() == self.tickers.len() { Coverage::All } else { Coverage::Only(symbols) };
        PriceSource { name, mode, coverage, interval: HEARTBEAT.to_std().unwrap_or_default() }
    }

    fn resume(&mut self, last: &[Entry]) {
        for entry in last {
            self.validator.resume(entry);
        }
    }

    fn absent(&self) -> Absent {
        self.absent.borrow().clone()
    }

    fn health(&self) -> Vec<SourceHealth> {
        self.health.borrow().clone()
    }

    fn next(&mut self) -> BoxFuture<'_, Option<Vec<Tick>>> {
        self.next_batch().map(Some).boxed()
    }
}

/// A vendor's code, kept from taking the feed with it: neither a panic nor a call without an end does.
async fn contained<T>(
    work: impl Future<Output = Result<T, AskError>>,
    deadline: Option<Duration>,
) -> Result<T, AskError> {
    let work = std::panic::AssertUnwindSafe(work).catch_unwind();
    let done = match deadline {
        Some(deadline) => tokio::time::timeout(deadline, work).await,
        None => Ok(work.await),
    };
    match done {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(AskError::Malformed("the answer was not understood".to_owned())),
        Err(_) => Err(AskError::Unavailable("no answer in time".to_owned())),
    }
}
