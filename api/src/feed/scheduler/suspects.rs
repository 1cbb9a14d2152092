//! Symbols whose calls failed. They are requested apart from the others, so that their failure is theirs alone: those of
//! a batch in ever smaller groups, until each that fails is by itself and waits with backoff.
//!
//! Deliberately absent: whether it is the vendor that fails (`upstream::failure_scope`).

use super::symbol_demand::REFRESH_INTERVAL;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use watchtape_shared::Symbol;

/// The longest backoff, as a power of two of [`REFRESH_INTERVAL`]: 5 min 20 s after a failure, 85 min after a refusal.
const MAX_DOUBLINGS: u32 = 6;
const MAX_REFUSED_DOUBLINGS: u32 = 10;
/// While other symbols are due, one call of this many is for a suspect.
const CALLS_FOR_OTHERS: u32 = 8;

/// How a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The source refused it.
    Refused,
    /// It was not answered, or not understood.
    Failed,
}

/// A symbol that failed by itself.
#[derive(Debug)]
struct Suspect {
    failed_at: DateTime<Utc>,
    failures: u32,
    failure: Failure,
}

impl Suspect {
    fn retry_at(&self) -> DateTime<Utc> {
        let most = if self.failure == Failure::Refused { MAX_REFUSED_DOUBLINGS } else { MAX_DOUBLINGS };
        self.failed_at + REFRESH_INTERVAL * (1 << (self.failures - 1).min(most))
    }
}

/// The symbols that are requested apart from the others.
#[derive(Debug, Default)]
pub(super) struct Suspects {
    /// Parts of failed batches, the last one first.
    groups: Vec<Vec<Symbol>>,
    single: BTreeMap<Symbol, Suspect>,
    /// The suspect that is requested now: one at a time, so that calls that hang leave room for others.
    in_flight: Option<Symbol>,
    calls_for_others: u32,
}

impl Suspects {
    /// Whether the symbol failed by itself and has not been answered since.
    pub(super) fn contains(&self, symbol: &Symbol) -> bool {
        self.single.contains_key(symbol)
    }

    /// Sets the symbols of a failed batch aside as two groups: those that have been `priced` before, and the others; halves
    /// where all are alike.
    pub(super) fn split(&mut self, symbols: &[Symbol], priced: impl Fn(&Symbol) -> bool) {
        let (mut first, mut second): (Vec<Symbol>, Vec<Symbol>) = symbols.iter().partition(|symbol| priced(symbol));
        if first.is_empty() || second.is_empty() {
            first.append(&mut second);
            second = first.split_off(first.len() / 2);
        }
        self.groups.extend([second, first].into_iter().filter(|group| !group.is_empty()));
    }

    /// Records that the call for this symbol alone failed. Returns whether it is the first failure in a row.
    pub(super) fn record_failure(&mut self, symbol: Symbol, failure: Failure, now: DateTime<Utc>) -> bool {
        self.release(&symbol);
        let failures = self.single.get(&symbol).map_or(1, |known| known.failures.saturating_add(1));
        self.single.insert(symbol, Suspect { failed_at: now, failures, failure });
        failures == 1
    }

    /// Records that a call for the symbol was answered.
    pub(super) fn record_answer(&mut self, symbol: &Symbol) {
        self.release(symbol);
        self.single.remove(symbol);
    }

    /// Records that the call for the symbol has ended.
    pub(super) fn release(&mut self, symbol: &Symbol) {
        self.in_flight.take_if(|in_flight| in_flight == symbol);
    }

    /// Records that a call for these symbols starts. Returns whether some of them are of a group.
    pub(super) fn record_call(&mut self, symbols: &[Symbol]) -> bool {
        let before: usize = self.groups.iter().map(Vec::len).sum();
        for group in &mut self.groups {
            group.retain(|symbol| !symbols.contains(symbol));
        }
        let is_group = self.groups.iter().map(Vec::len).sum::<usize>() < before;
        self.groups.retain(|group| !group.is_empty());
        match symbols {
            [symbol] if self.contains(symbol) => (self.in_flight, self.calls_for_others) = (Some(*symbol), 0),
            _ => self.calls_for_others = self.calls_for_others.saturating_add(1),
        }
        is_group
    }

    /// Has the suspects retried soon: what they failed of may have been the vendor.
    pub(super) fn retry_soon(&mut self) {
        self.single.values_mut().for_each(|suspect| suspect.failures = 1);
    }

    pub(super) fn handle_clock_step(&mut self, now: DateTime<Utc>) {
        self.single.values_mut().for_each(|suspect| suspect.failed_at = suspect.failed_at.min(now));
    }

    /// The next group that has `wanted` symbols, and those. Groups that nobody wants any more are returned to `drop`.
    pub(super) fn next_group(
        &mut self,
        wanted: impl Fn(&Symbol) -> bool,
        mut drop: impl FnMut(&Symbol),
    ) -> Option<Vec<Symbol>> {
        while let Some(group) = self.groups.last() {
            let symbols: Vec<Symbol> = group.iter().copied().filter(|symbol| wanted(symbol)).collect();
            if !symbols.is_empty() {
                return Some(symbols);
            }
            group.iter().for_each(&mut drop);
            self.groups.pop();
        }
        None
    }

    /// The `wanted` suspect that is retried next, and when.
    pub(super) fn next_single(&self, wanted: impl Fn(&Symbol) -> bool) -> Option<(Symbol, DateTime<Utc>)> {
        if self.in_flight.is_some() {
            return None;
        }
        let due = self.single.iter().filter(|(symbol, _)| wanted(symbol));
        due.map(|(symbol, suspect)| (*symbol, suspect.retry_at())).min_by_key(|(_, retry_at)| *retry_at)
    }

    /// Whether others have had enough calls since the last one for a suspect.
    pub(super) fn is_their_turn(&self) -> bool {
        self.calls_for_others >= CALLS_FOR_OTHERS
    }
}
