//! One vendor: its schedule, its breaker, its share of the ledger and its connection.

use super::call_budget::Allowance;
use super::circuit_breaker::Breaker;
use super::contained;
use super::vendor_stream::{Mailbox, Stream, Streamed, listen};
use crate::db::upstream_calls::{Reserved, calls_on, reserve};
use crate::db::{self, Db};
use crate::feed::scheduler::{Decision, Scheduler, Wanted};
use crate::feed::vendors::error::AskError;
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

/// Calls of one vendor that may be under way at once.
const MOST_IN_FLIGHT: usize = 8;
/// A vendor has a deadline of its own; this is for one that does not keep it.
const DEADLINE: Duration = Duration::from_secs(30);
/// A stream that has said nothing for so long is not relied on.
const FRESH: TimeDelta = TimeDelta::seconds(30);
/// A stream that lasted for so long was a good one: the waits before the next begin small again.
const LASTED: TimeDelta = TimeDelta::minutes(1);
/// How long a connection is kept that nobody needs: some vendors count a closed one for a while.
const LINGER: TimeDelta = TimeDelta::minutes(1);
/// How many times the watchers another symbol needs to take a streamed one's place.
const STAYS: f64 = 1.2;

/// What a task has done.
pub(super) enum Done {
    Asked { worker: usize, symbols: Vec<Symbol>, result: Result<Answer, AskError> },
    Reserved { worker: usize, day: NaiveDate, asked: u32, result: db::Result<Reserved> },
    StreamEnded { worker: usize, connection: u64, error: AskError },
}

/// One vendor.
pub(super) struct VendorWorker {
    vendor: Arc<dyn Vendor>,
    covered: HashSet<Symbol>,
    pub(super) scheduler: Scheduler,
    breaker: Breaker,
    allowance: Allowance,
    in_flight: usize,
    last_success: Option<DateTime<Utc>>,
    stream: Option<Stream>,
    /// Counts connections: the end of one that was given up is no longer news.
    connection: u64,
    stream_breaker: Breaker,
    stream_began_at: DateTime<Utc>,
    stream_heard_at: Option<DateTime<Utc>>,
    streamed: Streamed,
    unneeded_since: Option<DateTime<Utc>>,
}

impl VendorWorker {
    pub(super) fn new(vendor: Arc<dyn Vendor>, tickers: &TickerIndex, now: DateTime<Utc>) -> Self {
        let capabilities = vendor.capabilities();
        Self {
            covered: tickers.iter().filter(|ticker| vendor.covers(ticker)).map(|ticker| ticker.symbol).collect(),
            scheduler: Scheduler::new(capabilities.batch, capabilities.budget, now),
            breaker: Breaker::default(),
            allowance: Allowance::new(capabilities.budget.per_day, now),
            in_flight: 0,
            last_success: None,
            stream: None,
            connection: 0,
            stream_breaker: Breaker::default(),
            stream_began_at: now,
            stream_heard_at: None,
            streamed: Arc::default(),
            unneeded_since: None,
            vendor,
        }
    }

    pub(super) fn origin(&self) -> (&'static str, Mode) {
        (self.vendor.capabilities().source, self.vendor.capabilities().mode)
    }

    pub(super) fn delay(&self) -> TimeDelta {
        TimeDelta::from_std(self.vendor.capabilities().delay).unwrap_or(TimeDelta::zero())
    }

    pub(super) fn covers(&self, symbol: &Symbol) -> bool {
        self.covered.contains(symbol)
    }

    pub(super) fn does_not_cover(&mut self, symbol: &Symbol) {
        self.covered.remove(symbol);
    }

    /// Whether symbols are asked of it rather than of the next.
    pub(super) fn works(&self, now: DateTime<Utc>) -> bool {
        self.breaker.is_sound() && !self.scheduler.is_exhausted(now)
    }

    /// Whether it answers, or would if it were asked.
    pub(super) fn is_well(&self, now: DateTime<Utc>) -> bool {
        let answers = matches!(self.status(now), SourceStatus::Idle | SourceStatus::Up);
        answers || self.is_streaming(now)
    }

    fn status(&self, now: DateTime<Utc>) -> SourceStatus {
        match self.breaker.status() {
            SourceStatus::Idle | SourceStatus::Up if self.scheduler.is_exhausted(now) => SourceStatus::Limited,
            SourceStatus::Idle | SourceStatus::Up if self.allowance.is_blocked() => SourceStatus::Down,
            status => status,
        }
    }

    pub(super) fn health(&self, now: DateTime<Utc>) -> SourceHealth {
        let (source, mode) = self.origin();
        let detail = match self.breaker.detail() {
            Some(detail) => Some(detail.to_owned()),
            None if self.scheduler.is_exhausted(now) => Some("the day's budget is used up".to_owned()),
            None if self.allowance.is_blocked() => Some("the ledger of calls cannot be written".to_owned()),
            None if self.is_streaming(now) => None,
            None => self.stream_breaker.detail().map(|detail| format!("stream: {detail}")),
        };
        SourceHealth {
            source: source.to_owned(),
            mode,
            status: self.status(now),
            detail,
            last_success: self.last_success,
            calls_today: self.allowance.calls(),
            budget_left: self.allowance.budget_left(),
            streaming: self.is_streaming(now),
        }
    }

    /// Makes the calls that are due. When to come back, if not for an answer.
    pub(super) fn ask_what_is_due(
        &mut self,
        index: usize,
        now: DateTime<Utc>,
        jobs: &mut JoinSet<Done>,
        tickers: &TickerIndex,
        db: &Db,
    ) -> Option<DateTime<Utc>> {
        self.allowance.turn_day(now);
        self.reserve(index, false, now, jobs, db);
        while self.in_flight < MOST_IN_FLIGHT {
            if !self.breaker.passes(now) {
                return self.breaker.passes_at();
            }
            let symbols = match self.scheduler.next(now) {
                Decision::Ask(symbols) => symbols,
                Decision::WaitUntil(at) => return Some(at),
                Decision::Idle => return None,
            };
            if !self.allowance.permits() {
                self.reserve(index, true, now, jobs, db);
                return None;
            }
            self.allowance.spend();
            self.scheduler.asked(&symbols, now);
            self.breaker.called(now);
            self.in_flight += 1;
            let asked: Vec<_> = symbols.iter().filter_map(|symbol| tickers.get(symbol).cloned()).collect();
            let vendor = self.vendor.clone();
            jobs.spawn(async move {
                let result = contained(async { vendor.ask(&asked).await }, Some(DEADLINE)).await;
                Done::Asked { worker: index, symbols, result }
            });
        }
        None
    }

    fn reserve(&mut self, index: usize, is_calling: bool, now: DateTime<Utc>, jobs: &mut JoinSet<Done>, db: &Db) {
        let Some((day, asked)) = self.allowance.wants(is_calling, now) else { return };
        self.allowance.asking();
        let (db, source, limit) = (db.clone(), self.origin().0, self.vendor.capabilities().budget.per_day);
        jobs.spawn(async move {
            let result = if asked == 0 {
                let calls = db.read(move |connection| calls_on(connection, source, day)).await;
                calls.map(|calls| Reserved { granted: 0, calls })
            } else {
                db.write(move |connection| reserve(connection, source, day, asked, limit)).await
            };
            Done::Reserved { worker: index, day, asked, result }
        });
    }

    pub(super) fn reserved(&mut self, day: NaiveDate, asked: u32, result: db::Result<Reserved>, now: DateTime<Utc>) {
        self.allowance.reserved(day, asked, result, now);
        self.scheduler.set_calls(self.allowance.day(), self.allowance.calls());
    }

    pub(super) fn succeeded(&mut self, now: DateTime<Utc>) {
        self.in_flight -= 1;
        if self.breaker.status() != SourceStatus::Up {
            tracing::info!(source = self.origin().0, "the source answers");
        }
        self.breaker.succeeded();
        self.last_success = Some(now);
    }

    pub(super) fn failed(&mut self, symbols: &[Symbol], error: &AskError, now: DateTime<Utc>, rng: &mut ChaCha8Rng) {
        self.in_flight -= 1;
        let was = self.breaker.status();
        self.breaker.failed(error, now, rng);
        self.scheduler.failed(symbols);
        if was != self.breaker.status() {
            tracing::warn!(source = self.origin().0, %error, "the source does not answer");
        }
    }

    /// Whether its connection is open and speaks.
    fn is_streaming(&self, now: DateTime<Utc>) -> bool {
        self.stream.is_some() && self.stream_heard_at.is_some_and(|at| now - at < FRESH)
    }

    pub(super) fn is_streamed(&self, symbol: &Symbol, now: DateTime<Utc>) -> bool {
        self.is_streaming(now) && self.streamed.iter().any(|ticker| ticker.symbol == *symbol)
    }

    /// Chooses what to stream: the most watched of what trades.
    pub(super) fn choose_streamed(
        &mut self,
        demand: &HashMap<Symbol, Wanted>,
        tickers: &TickerIndex,
        now: DateTime<Utc>,
    ) {
        let streamed: HashSet<Symbol> = self.streamed.iter().map(|ticker| ticker.symbol).collect();
        let wanted = demand.iter().filter(|(_, wanted)| wanted.is_trading && wanted.watchers > 0);
        let mut ranked: Vec<(f64, Symbol)> = wanted
            .map(|(symbol, wanted)| {
                let bonus = if streamed.contains(symbol) { STAYS } else { 1.0 };
                (f64::from(wanted.watchers) * bonus, *symbol)
            })
            .collect();
        ranked.sort_by(|(left, a), (right, b)| right.total_cmp(left).then(a.cmp(b)));
        ranked.truncate(self.vendor.capabilities().streams);
        let mut chosen: Vec<_> = ranked.iter().filter_map(|(_, symbol)| tickers.get(symbol).cloned()).collect();
        chosen.sort_by_key(|ticker| ticker.symbol);
        self.unneeded_since = if chosen.is_empty() { self.unneeded_since.or(Some(now)) } else { None };
        let is_new = chosen.len() != streamed.len() || chosen.iter().any(|ticker| !streamed.contains(&ticker.symbol));
        if is_new {
            self.streamed = Arc::new(chosen);
            if let Some(stream) = &self.stream {
                stream.wanted.send_replace(self.streamed.clone());
            }
        }
    }

    /// Opens the connection that is needed, and closes the one that is not.
    pub(super) fn tend_stream(
        &mut self,
        index: usize,
        now: DateTime<Utc>,
        jobs: &mut JoinSet<Done>,
        mail: &Arc<Notify>,
    ) {
        if self.unneeded_since.is_some_and(|since| now - since >= LINGER) {
            self.stream = None;
        }
        if self.stream.is_some() || self.streamed.is_empty() || !self.stream_breaker.passes(now) {
            return;
        }
        (self.stream_began_at, self.stream_heard_at) = (now, None);
        self.stream_breaker.called(now);
        let (wanted, subscribed) = watch::channel(self.streamed.clone());
        let mailbox = Arc::new(Mailbox::default());
        let listening = listen(self.vendor.clone(), subscribed, mailbox.clone(), mail.clone());
        self.connection += 1;
        let connection = self.connection;
        let task = jobs.spawn(async move { Done::StreamEnded { worker: index, connection, error: listening.await } });
        self.stream = Some(Stream { wanted, mailbox, task });
    }

    pub(super) fn read_stream(&mut self, now: DateTime<Utc>) -> Vec<VendorQuote> {
        let Some(stream) = &self.stream else { return Vec::new() };
        let quotes = stream.mailbox.take();
        if !quotes.is_empty() {
            self.stream_heard_at = Some(now);
        }
        quotes
    }

    pub(super) fn stream_ended(&mut self, connection: u64, error: &AskError, now: DateTime<Utc>, rng: &mut ChaCha8Rng) {
        if self.stream.is_none() || connection != self.connection {
            return;
        }
        tracing::warn!(source = self.origin().0, %error, "the stream has ended");
        self.stream = None;
        if self.stream_heard_at.is_some() && now - self.stream_began_at >= LASTED {
            self.stream_breaker.succeeded();
        }
        self.stream_breaker.failed(error, now, rng);
    }
}
