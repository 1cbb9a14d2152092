//! Which symbols the next call requests, and when it is made.
//!
//! A decision scans every symbol that was ever watched: 10,000 comparisons take about 0.1 ms, once a call. A priority
//! queue would have to be reordered, as the scores change with time.

use super::call_pacer::CallPacer;
use super::suspects::{Failure, Suspects};
use super::symbol_demand::{REFRESH_INTERVAL, SymbolDemand};
use super::symbol_rank::SymbolSchedule;
use crate::feed::vendors::vendor::Budget;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use std::collections::{BTreeMap, HashMap};
use watchtape_shared::{Price, Symbol};

/// What to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Make one call for these symbols, at most `batch`.
    Call(Vec<Symbol>),
    /// Ask again at this time.
    WaitUntil(DateTime<Utc>),
    /// Nothing is due until the demand changes or a call ends.
    Idle,
}

/// The schedule of one source.
#[derive(Debug)]
pub struct Scheduler {
    batch: usize,
    pacer: CallPacer,
    entries: BTreeMap<Symbol, SymbolSchedule>,
    suspects: Suspects,
    /// Whether the last call was for a part of a failed batch.
    was_group: bool,
}

impl Scheduler {
    /// A schedule of a source with `batch` symbols a call. The first call waits one spacing, as an earlier run may have
    /// called just before.
    pub fn new(batch: usize, budget: Budget, now: DateTime<Utc>) -> Self {
        Self {
            batch: batch.max(1),
            pacer: CallPacer::new(batch > 1, budget, now),
            entries: BTreeMap::new(),
            suspects: Suspects::default(),
            was_group: false,
        }
    }

    /// Replaces the demand. The state of an unwatched symbol is kept, so that watching it again costs no call; the
    /// catalogue bounds the memory.
    pub fn set_demand(&mut self, demand: &HashMap<Symbol, SymbolDemand>) {
        for (symbol, entry) in &mut self.entries {
            if !demand.contains_key(symbol) {
                entry.demand.watchers = 0;
            }
        }
        for (symbol, demand) in demand {
            self.entries.entry(*symbol).or_insert_with(|| SymbolSchedule::new(*demand)).demand = *demand;
        }
    }

    /// Sets the number of calls on a UTC day, by all nodes and runs that share the budget.
    pub fn set_calls_on(&mut self, day: NaiveDate, calls: u64) {
        self.pacer.set_calls_on(day, calls);
    }

    /// The number of calls on a UTC day so far.
    pub fn calls_on(&self, day: NaiveDate) -> u64 {
        self.pacer.calls_on(day)
    }

    /// Whether the day's budget is used up.
    pub fn is_exhausted(&self, now: DateTime<Utc>) -> bool {
        self.pacer.is_exhausted(now.date_naive())
    }

    /// Allows no call before this time (`Retry-After`).
    pub fn pause_until(&mut self, until: DateTime<Utc>) {
        self.pacer.pause_until(until);
    }

    /// The next step. Has no effect on the schedule: the caller reports a call that it makes with
    /// [`Scheduler::record_call`].
    pub fn next(&mut self, now: DateTime<Utc>) -> Decision {
        if self.pacer.handle_clock_step(now) {
            self.entries.values_mut().for_each(|entry| entry.handle_clock_step(now));
            self.suspects.handle_clock_step(now);
        }
        let earliest = self.pacer.earliest(now);
        let is_new = |entry: &SymbolSchedule| entry.called_at().is_none() && entry.due_at().is_some();
        let has_new = self.entries.values().any(is_new);
        let due_at = if self.batch == 1 { self.single_due_at() } else { self.batch_due_at() };
        let is_due = due_at.is_some_and(|due_at| due_at <= now);
        // Where others are due too, they have every second call.
        let gives_way = has_new || self.was_group && is_due;
        if let Some(group) = self.next_group().filter(|_| !gives_way) {
            return if earliest > now { Decision::WaitUntil(earliest) } else { Decision::Call(group) };
        }
        let is_wanted = |symbol: &Symbol| self.entries.get(symbol).is_some_and(SymbolSchedule::is_wanted);
        let suspect = self.suspects.next_single(is_wanted);
        let retry_at = suspect.map(|(_, retry_at)| retry_at);
        let Some(at) = [due_at, retry_at].into_iter().flatten().min().map(|at| at.max(earliest)) else {
            return Decision::Idle;
        };
        if at > now {
            return Decision::WaitUntil(at);
        }
        match suspect {
            Some((symbol, retry_at)) if retry_at <= now && (!is_due || !has_new && self.suspects.is_their_turn()) => {
                Decision::Call(vec![symbol])
            }
            _ if self.batch == 1 => Decision::Call(self.best(now).into_iter().collect()),
            _ => Decision::Call(self.best_batch(now)),
        }
    }

    /// One watched symbol to find out whether the source works, due or not, and when: one that is not `excluded`, sooner one
    /// that the source has priced than another, and of several the one that was called first. `Idle`: there is none.
    pub fn next_probe(&self, excluded: impl Fn(&Symbol) -> bool, now: DateTime<Utc>) -> Decision {
        let watched = self.entries.iter().filter(|(symbol, entry)| entry.can_be_called() && !excluded(symbol));
        match watched.min_by_key(|(_, entry)| (!entry.is_priced(), entry.called_at())) {
            None => Decision::Idle,
            Some((symbol, _)) => match self.pacer.earliest(now) {
                at if at > now => Decision::WaitUntil(at),
                _ => Decision::Call(vec![*symbol]),
            },
        }
    }

    /// The same among the symbols that the source has priced and that do not fail.
    pub fn next_control(&self, now: DateTime<Utc>) -> Decision {
        let is_other = |symbol: &Symbol| {
            self.suspects.contains(symbol) || self.entries.get(symbol).is_none_or(|entry| !entry.is_priced())
        };
        self.next_probe(is_other, now)
    }

    /// Whether the source has priced the symbol.
    pub fn is_priced(&self, symbol: &Symbol) -> bool {
        self.entries.get(symbol).is_some_and(SymbolSchedule::is_priced)
    }

    /// Whether the source's last answer had no price of the symbol.
    pub fn is_unpriced(&self, symbol: &Symbol) -> bool {
        self.entries.get(symbol).is_some_and(SymbolSchedule::is_unpriced)
    }

    fn next_group(&mut self) -> Option<Vec<Symbol>> {
        let entries = &mut self.entries;
        let mut unwanted = Vec::new();
        let is_wanted = |symbol: &Symbol| entries.get(symbol).is_some_and(SymbolSchedule::is_wanted);
        let group = self.suspects.next_group(is_wanted, |symbol| unwanted.push(*symbol));
        for symbol in unwanted {
            if let Some(entry) = entries.get_mut(&symbol) {
                entry.is_set_aside = false;
            }
        }
        group
    }

    /// Records that a call for these symbols starts.
    pub fn record_call(&mut self, symbols: &[Symbol], now: DateTime<Utc>) {
        self.pacer.record_call(now);
        self.was_group = self.suspects.record_call(symbols);
        for symbol in symbols {
            if let Some(entry) = self.entries.get_mut(symbol) {
                entry.record_call(now);
            }
        }
    }

    /// Records the answer for a symbol: its price, or `None` where the source has none.
    pub fn record_answer(&mut self, symbol: &Symbol, price: Option<Price>, now: DateTime<Utc>) {
        self.suspects.record_answer(symbol);
        if let Some(entry) = self.entries.get_mut(symbol) {
            entry.record_answer(price, now);
        }
    }

    /// Records that the call for these symbols failed: those of a batch are requested again in two groups, a single one by
    /// itself with backoff. Returns whether a single one fails for the first time.
    pub fn record_failure(&mut self, symbols: &[Symbol], failure: Failure, now: DateTime<Utc>) -> bool {
        for symbol in symbols {
            if let Some(entry) = self.entries.get_mut(symbol) {
                entry.record_end();
                entry.is_set_aside = true;
            }
        }
        if let [symbol] = symbols {
            return self.suspects.record_failure(*symbol, failure, now);
        }
        self.suspects.split(symbols, |symbol| self.entries.get(symbol).is_some_and(SymbolSchedule::is_priced));
        false
    }

    /// Records that the call for these symbols failed through no fault of theirs.
    pub fn record_no_answer(&mut self, symbols: &[Symbol]) {
        for symbol in symbols {
            self.suspects.release(symbol);
            if let Some(entry) = self.entries.get_mut(symbol) {
                entry.record_end();
                entry.is_set_aside = self.suspects.contains(symbol);
            }
        }
    }

    /// Records that the symbol's price was rejected: it is requested again with backoff.
    pub fn record_rejection(&mut self, symbol: &Symbol) {
        self.suspects.record_answer(symbol);
        if let Some(entry) = self.entries.get_mut(symbol) {
            entry.is_set_aside = false;
            entry.record_rejection();
        }
    }

    /// Whether the last call for the symbol failed.
    pub fn is_failing(&self, symbol: &Symbol) -> bool {
        self.suspects.contains(symbol)
    }

    /// Has failing symbols retried soon: the source did not work, and does again.
    pub fn retry_failing_soon(&mut self) {
        self.suspects.retry_soon();
    }

    /// Records a price from another source or from a stream, so that no call for it is due at once.
    pub fn record_external_price(&mut self, symbol: &Symbol, price: Price, now: DateTime<Utc>) {
        let no_demand = SymbolDemand { watchers: 0, is_trading: false, last_close_at: None, is_streamed: false };
        self.entries.entry(*symbol).or_insert_with(|| SymbolSchedule::new(no_demand)).record_external_price(price, now);
    }

    /// When the first symbol is due, for calls of one symbol.
    fn single_due_at(&self) -> Option<DateTime<Utc>> {
        self.entries.values().filter_map(SymbolSchedule::due_at).min()
    }

    /// When the next batch is due. A call costs the same however full it is, so that symbols not yet due fill it up.
    /// Where the watched symbols do not fit into one call, the interval is shortened by `batch / watched`.
    fn batch_due_at(&self) -> Option<DateTime<Utc>> {
        let (mut urgent, mut regular, mut regular_count) = (None::<DateTime<Utc>>, None::<DateTime<Utc>>, 0_usize);
        for entry in self.entries.values() {
            let Some(due_at) = entry.due_at() else { continue };
            regular_count += usize::from(entry.can_fill_batch() && entry.is_frequent());
            let earliest = if entry.is_regular() { &mut regular } else { &mut urgent };
            *earliest = Some(earliest.map_or(due_at, |known| known.min(due_at)));
        }
        if regular_count > self.batch {
            let share = self.batch as f64 / regular_count as f64;
            let gap = TimeDelta::microseconds((REFRESH_INTERVAL.as_seconds_f64() * 1e6 * share) as i64);
            regular = regular.map(|_| self.pacer.last_call_at() + gap);
        }
        [urgent, regular].into_iter().flatten().min()
    }

    /// The due symbol of the highest rank; ties go to the first in symbol order.
    fn best(&self, now: DateTime<Utc>) -> Option<Symbol> {
        let due = self.entries.iter().filter(|(_, entry)| entry.due_at().is_some_and(|due_at| due_at <= now));
        let ranked = due.map(|(symbol, entry)| (entry.rank(now), symbol));
        ranked.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, symbol)| *symbol)
    }

    fn best_batch(&self, now: DateTime<Utc>) -> Vec<Symbol> {
        let fits =
            |entry: &SymbolSchedule| entry.due_at().is_some_and(|due_at| due_at <= now || entry.can_fill_batch());
        let mut ranked: Vec<_> = self
            .entries
            .iter()
            .filter(|(_, entry)| fits(entry))
            .map(|(symbol, entry)| (entry.rank(now), symbol))
            .collect();
        ranked.sort_by(|(left, a), (right, b)| right.partial_cmp(left).unwrap_or(a.cmp(b)).then(a.cmp(b)));
        ranked.into_iter().take(self.batch).map(|(_, symbol)| *symbol).collect()
    }
}
