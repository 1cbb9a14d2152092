//! One vendor: its scheduler, circuit breaker and call budget. Its streaming connection is in [`streaming`](super::streaming).
//!
//! A failure opens the breaker once it is the vendor's ([`failure_scope`](super::failure_scope)); until then it is the
//! scheduler's to request the symbol apart from the others.

use super::call_budget::CallBudget;
use super::circuit_breaker::CircuitBreaker;
use super::failure_scope::FailureScope;
use super::isolation::isolate;
use super::job_result::JobResult;
use super::streaming::Streaming;
use crate::db::upstream_calls::{Reserved, calls_on, reserve};
use crate::db::{self, Db};
use crate::feed::scheduler::{Decision, Failure, Scheduler};
use crate::feed::vendors::error::VendorError;
use crate::feed::vendors::vendor::Vendor;
use crate::search::LiveIndex;
use crate::telemetry::metrics::{CallOutcome, VendorMetrics};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rand_chacha::ChaCha8Rng;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use watchtape_shared::Symbol;
use watchtape_shared::market::{SourceHealth, SourceStatus};
use watchtape_shared::quote::{Mode, Reason};

/// The most concurrent calls of one vendor.
const MAX_CALLS_IN_FLIGHT: usize = 8;
/// The deadline of a call, for an adapter that exceeds its own.
const CALL_DEADLINE: Duration = Duration::from_secs(30);
/// The state of one vendor.
pub(super) struct VendorWorker {
    vendor: Arc<dyn Vendor>,
    tickers: Arc<LiveIndex>,
    /// What it turned out not to have.
    not_covered: HashSet<Symbol>,
    pub(super) scheduler: Scheduler,
    breaker: CircuitBreaker,
    failures: FailureScope,
    call_budget: CallBudget,
    in_flight: usize,
    last_success: Option<DateTime<Utc>>,
    pub(super) streaming: Streaming,
    metrics: VendorMetrics,
}

impl VendorWorker {
    pub(super) fn new(
        vendor: Arc<dyn Vendor>,
        tickers: Arc<LiveIndex>,
        now: DateTime<Utc>,
        metrics: VendorMetrics,
    ) -> Self {
        let capabilities = vendor.capabilities();
        metrics.begin(capabilities.source);
        Self {
            tickers,
            not_covered: HashSet::new(),
            scheduler: Scheduler::new(capabilities.batch, capabilities.budget, now),
            breaker: CircuitBreaker::default(),
            failures: FailureScope::default(),
            call_budget: CallBudget::new(capabilities.budget.per_day, now),
            in_flight: 0,
            last_success: None,
            streaming: Streaming::new(vendor.clone(), now),
            metrics,
            vendor,
        }
    }

    pub(super) fn vendor(&self) -> Arc<dyn Vendor> {
        self.vendor.clone()
    }

    pub(super) fn source_and_mode(&self) -> (&'static str, Mode) {
        (self.vendor.capabilities().source, self.vendor.capabilities().mode)
    }

    pub(super) fn delay(&self) -> TimeDelta {
        TimeDelta::from_std(self.vendor.capabilities().delay).unwrap_or(TimeDelta::zero())
    }

    pub(super) fn covers(&self, symbol: &Symbol) -> bool {
        !self.not_covered.contains(symbol) && self.tickers.get(symbol).is_some_and(|ticker| self.vendor.covers(&ticker))
    }

    pub(super) fn remove_coverage(&mut self, symbol: &Symbol) {
        self.not_covered.insert(*symbol);
    }

    /// Whether symbols are assigned to it rather than to the next vendor.
    pub(super) fn is_working(&self, now: DateTime<Utc>) -> bool {
        self.breaker.has_no_failures() && !self.scheduler.is_exhausted(now)
    }

    /// Whether its calls succeed or none was made yet, or it is streaming.
    pub(super) fn is_healthy(&self, now: DateTime<Utc>) -> bool {
        let answers = matches!(self.status(now), SourceStatus::Idle | SourceStatus::Up);
        answers || self.streaming.is_streaming(now)
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
            None if self.streaming.is_streaming(now) => None,
            None => self.streaming.trouble().map(|detail| format!("stream: {detail}")),
        };
        SourceHealth {
            source: source.to_owned(),
            mode,
            status: self.status(now),
            detail,
            last_success: self.last_success,
            calls_today: self.call_budget.calls(),
            budget_left: self.call_budget.budget_left(),
            streaming: self.streaming.is_streaming(now),
        }
    }

    /// Starts the due calls. Returns when to try again; `None`: after the next result or change of demand.
    pub(super) fn start_due_calls(
        &mut self,
        index: usize,
        now: DateTime<Utc>,
        jobs: &mut JoinSet<JobResult>,
        db: &Db,
    ) -> Option<DateTime<Utc>> {
        self.call_budget.roll_over(now);
        self.reserve(index, false, now, jobs, db);
        while self.in_flight < MAX_CALLS_IN_FLIGHT {
            let symbols = match self.next_call(now) {
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
            let requested: Vec<_> = symbols.iter().filter_map(|symbol| self.tickers.get(symbol)).collect();
            let vendor = self.vendor.clone();
            jobs.spawn(async move {
                let result = isolate(async { vendor.fetch(&requested).await }, Some(CALL_DEADLINE)).await;
                JobResult::Called { worker: index, symbols, result }
            });
        }
        None
    }

    /// The next call. After a failure it is for the control; while the vendor fails, for one symbol: the control, or one that
    /// has not failed yet, so that no symbol that is refused for itself keeps the vendor from being found to work.
    fn next_call(&mut self, now: DateTime<Utc>) -> Decision {
        if self.breaker.has_no_failures() {
            let control = if self.failures.needs_control() { self.scheduler.next_control(now) } else { Decision::Idle };
            return match control {
                Decision::Idle => self.scheduler.next(now),
                Decision::Call(symbols) => {
                    self.failures.record_control(symbols[0]);
                    Decision::Call(symbols)
                }
                waiting @ Decision::WaitUntil(_) => waiting,
            };
        }
        let untried = self.scheduler.next_probe(|symbol| self.failures.is_tried(symbol), now);
        let allowed_at = match untried {
            Decision::Idle => self.breaker.allowed_at(),
            _ => self.breaker.untried_allowed_at(),
        };
        match allowed_at.filter(|at| *at > now) {
            Some(at) => Decision::WaitUntil(at),
            None if untried == Decision::Idle => self.scheduler.next_probe(|_| false, now),
            None => untried,
        }
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
        self.metrics.record_call(self.source_and_mode().0, CallOutcome::Ok);
        if self.breaker.status() != SourceStatus::Up {
            tracing::info!(source = self.source_and_mode().0, "the source answers");
        }
        if !self.breaker.has_no_failures() {
            self.scheduler.retry_failing_soon();
        }
        self.failures.record_success();
        self.breaker.record_success();
        self.last_success = Some(now);
    }

    /// Handles a failed call. Returns why its symbol has no price, where that is the symbol's failure and not for the first
    /// time by chance.
    pub(super) fn handle_failure(
        &mut self,
        symbols: &[Symbol],
        error: &VendorError,
        now: DateTime<Utc>,
        rng: &mut ChaCha8Rng,
    ) -> Option<Reason> {
        self.in_flight -= 1;
        let (failure, outcome) = match error {
            VendorError::Limited(_) => (None, CallOutcome::Limited),
            VendorError::Refused(_) => (Some(Failure::Refused), CallOutcome::Failed),
            VendorError::Unavailable(_) | VendorError::Malformed(_) => (Some(Failure::Failed), CallOutcome::Failed),
        };
        self.metrics.record_call(self.source_and_mode().0, outcome);
        let failed_before = symbols.iter().any(|symbol| self.scheduler.is_failing(symbol));
        let is_vendor = match failure {
            None => true,
            Some(_) => {
                let has_control = self.scheduler.next_control(now) != Decision::Idle;
                let is_vendor = self.failures.record_failure(symbols, failed_before, has_control);
                is_vendor || !self.breaker.has_no_failures() || self.is_only_watched(symbols, now)
            }
        };
        let Some(failure) = failure.filter(|_| !is_vendor) else {
            self.scheduler.record_no_answer(symbols);
            self.record_vendor_failure(error, now, rng);
            return None;
        };
        let is_first = self.scheduler.record_failure(symbols, failure, now);
        if is_first {
            let source = self.source_and_mode().0;
            tracing::warn!(source, symbol = %symbols[0], %error, "the source does not answer for a symbol");
        }
        match failure {
            Failure::Refused => Some(Reason::NotCovered),
            // Once may be chance.
            Failure::Failed => Some(Reason::SourceDown).filter(|_| failed_before),
        }
    }

    /// Whether nothing but this symbol can show whether the vendor works.
    fn is_only_watched(&self, symbols: &[Symbol], now: DateTime<Utc>) -> bool {
        symbols.len() == 1 && self.scheduler.next_probe(|symbol| symbols.contains(symbol), now) == Decision::Idle
    }

    fn record_vendor_failure(&mut self, error: &VendorError, now: DateTime<Utc>, rng: &mut ChaCha8Rng) {
        let was = self.breaker.status();
        self.breaker.record_failure(error, now, rng);
        if was != self.breaker.status() {
            tracing::warn!(source = self.source_and_mode().0, %error, "the source does not answer");
        }
    }

    /// Whether it is asked for the symbol, rather than the next vendor.
    pub(super) fn is_working_for(&self, symbol: &Symbol, now: DateTime<Utc>) -> bool {
        self.is_working(now) && !self.scheduler.is_failing(symbol) && !self.scheduler.is_unpriced(symbol)
    }
}
