//! Which symbols to ask an upstream source for, and when: demand in, calls out. No clock, no I/O and no randomness of its
//! own: the same calls give the same decisions.
//!
//! A call is made at a free slot of [`pace`], never sooner. Symbols without a price come first. Then a source that takes
//! many symbols a call is asked for everything that is watched, evenly; a source that is paid by the symbol is asked for
//! the largest `w * age²`, where `w` is watchers × recent variance: online, that minimises the weighted age
//! (periods proportional to `1 / sqrt(w)`; Azar et al., PNAS 2018).
//!
//! A decision looks at every symbol that was ever watched. That is 10,000 comparisons, about 0.1 ms, for a call that the
//! budget allows once a second; an ordered queue would have to be kept in the order of scores that change with time.

mod entry;
mod pace;
#[cfg(test)]
mod properties;
#[cfg(any(test, feature = "bench"))]
pub mod simulation;

use super::vendors::vendor::Budget;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entry::Entry;
use pace::Pace;
use std::collections::{BTreeMap, HashMap};
use watchtape_shared::{Price, Symbol};

/// How old a price may become before it is asked for again, where the budget leaves the choice. Fresher than this nobody
/// reads, and the slots that stay free give a symbol that is new on a list its price at once.
pub const REFRESH: TimeDelta = TimeDelta::seconds(5);
/// The same for what is streamed, and for what the source has no price of.
const RARELY: TimeDelta = TimeDelta::seconds(60);

/// Why and how a symbol is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// How many watch it. With 0 it is never asked for.
    pub watchers: u32,
    /// Whether its exchange trades.
    pub is_trading: bool,
    /// From when on the source has the last session's close; may lie ahead. Read while the exchange does not trade.
    pub last_close: Option<DateTime<Utc>>,
    /// Whether its price is streamed at present: then it is asked for rarely.
    pub is_streamed: bool,
}

/// What to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Make one call for these symbols, at most a batch.
    Ask(Vec<Symbol>),
    /// Nothing before this moment.
    WaitUntil(DateTime<Utc>),
    /// Nothing until the demand changes or an answer comes.
    Idle,
}

/// The schedule of one source.
#[derive(Debug)]
pub struct Scheduler {
    batch: usize,
    pace: Pace,
    entries: BTreeMap<Symbol, Entry>,
}

impl Scheduler {
    /// A schedule for a source that takes `batch` symbols a call. An earlier run may have called a moment ago, so that
    /// the first call waits one spacing.
    pub fn new(batch: usize, budget: Budget, now: DateTime<Utc>) -> Self {
        Self { batch: batch.max(1), pace: Pace::new(batch > 1, budget, now), entries: BTreeMap::new() }
    }

    /// Replaces the demand. What is known of a symbol is kept while nobody watches it: its memory is bounded by the
    /// catalogue, and somebody who looks away and back costs no call.
    pub fn set_demand(&mut self, demand: &HashMap<Symbol, Wanted>) {
        for (symbol, entry) in &mut self.entries {
            if !demand.contains_key(symbol) {
                entry.wanted.watchers = 0;
            }
        }
        for (symbol, wanted) in demand {
            self.entries.entry(*symbol).or_insert_with(|| Entry::new(*wanted)).wanted = *wanted;
        }
    }

    /// The calls that were made on a day (UTC) by everybody who shares the budget, as the ledger has them.
    pub fn set_calls(&mut self, day: NaiveDate, calls: u64) {
        self.pace.set_calls(day, calls);
    }

    /// The calls of the day (UTC) so far.
    pub fn calls_on(&self, day: NaiveDate) -> u64 {
        self.pace.calls_on(day)
    }

    /// Whether nothing is left of the day's budget.
    pub fn is_exhausted(&self, now: DateTime<Utc>) -> bool {
        self.pace.is_exhausted(now.date_naive())
    }

    /// No call before this moment (`Retry-After`).
    pub fn hold_until(&mut self, until: DateTime<Utc>) {
        self.pace.hold_until(until);
    }

    /// What to do now. Books nothing: a call that is made is told by [`Scheduler::asked`], one that is not is offered again.
    pub fn next(&mut self, now: DateTime<Utc>) -> Decision {
        if self.pace.heed_clock(now) {
            self.entries.values_mut().for_each(|entry| entry.heed_clock(now));
        }
        let due_at = if self.batch == 1 { self.single_due_at() } else { self.batch_due_at() };
        let Some(due_at) = due_at else { return Decision::Idle };
        let at = due_at.max(self.pace.slot(now));
        if at > now {
            return Decision::WaitUntil(at);
        }
        Decision::Ask(if self.batch == 1 { self.best(now).into_iter().collect() } else { self.best_batch(now) })
    }

    /// A call for these symbols is being made.
    pub fn asked(&mut self, symbols: &[Symbol], now: DateTime<Utc>) {
        self.pace.called(now);
        for symbol in symbols {
            if let Some(entry) = self.entries.get_mut(symbol) {
                entry.asked(now);
            }
        }
    }

    /// The source has answered for a symbol: its price, or that it has none.
    pub fn answered(&mut self, symbol: &Symbol, price: Option<Price>, now: DateTime<Utc>) {
        if let Some(entry) = self.entries.get_mut(symbol) {
            entry.answered(price, now);
        }
    }

    /// The call for these symbols has failed, or its answer is not believed: they are asked for again, ever more rarely.
    pub fn failed(&mut self, symbols: &[Symbol]) {
        for symbol in symbols {
            if let Some(entry) = self.entries.get_mut(symbol) {
                entry.failed();
            }
        }
    }

    /// Another source has given the price: this one need not be asked at once when its turn comes.
    pub fn learned(&mut self, symbol: &Symbol, price: Price, now: DateTime<Utc>) {
        let unwatched = Wanted { watchers: 0, is_trading: false, last_close: None, is_streamed: false };
        self.entries.entry(*symbol).or_insert_with(|| Entry::new(unwatched)).learned(price, now);
    }

    /// When the first symbol is due, by itself.
    fn single_due_at(&self) -> Option<DateTime<Utc>> {
        self.entries.values().filter_map(Entry::due_at).min()
    }

    /// When the next call of a batch is due. A call costs the same however full it is, so that it takes along what is
    /// not yet due, and the symbols share their rounds instead of each keeping a time of its own. Where the set does not
    /// fit into a call, calls are as many times closer, and each is full.
    fn batch_due_at(&self) -> Option<DateTime<Utc>> {
        let (mut urgent, mut regular, mut filling) = (None::<DateTime<Utc>>, None::<DateTime<Utc>>, 0_usize);
        for entry in self.entries.values() {
            let Some(due_at) = entry.due_at() else { continue };
            filling += usize::from(entry.fills() && entry.is_frequent());
            let earliest = if entry.is_regular() { &mut regular } else { &mut urgent };
            *earliest = Some(earliest.map_or(due_at, |known| known.min(due_at)));
        }
        if filling > self.batch {
            let share = self.batch as f64 / filling as f64;
            let gap = TimeDelta::microseconds((REFRESH.as_seconds_f64() * 1e6 * share) as i64);
            regular = regular.map(|_| self.pace.last() + gap);
        }
        [urgent, regular].into_iter().flatten().min()
    }

    /// The one to ask for: without a price before with one, then the greatest score, then in the order of symbols.
    fn best(&self, now: DateTime<Utc>) -> Option<Symbol> {
        let due = self.entries.iter().filter(|(_, entry)| entry.due_at().is_some_and(|due_at| due_at <= now));
        let ranked = due.map(|(symbol, entry)| (entry.rank(now), symbol));
        ranked.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, symbol)| *symbol)
    }

    fn best_batch(&self, now: DateTime<Utc>) -> Vec<Symbol> {
        let fits = |entry: &Entry| entry.due_at().is_some_and(|due_at| due_at <= now || entry.fills());
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
