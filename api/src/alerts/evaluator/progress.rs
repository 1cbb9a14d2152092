//! What is to be stored of the evaluation, so that another node can go on: triggers, last values and phases.

use super::Evaluator;
use super::key::AlertKey;
use super::rule::State;
use super::slots::{Flags, Repeat, phase_of};
use crate::db::alert_value::StoredValue;
use watchtape_shared::Symbol;

/// What is to be stored of one symbol: the last values, and the phases that have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The security.
    pub symbol: Symbol,
    /// Its last values, one of each session.
    pub values: Vec<StoredValue>,
    /// The alerts with their arming number and phase.
    pub phases: Vec<(AlertKey, u32, i32)>,
}

impl Evaluator {
    /// A trigger has been stored: the alert goes on under the next arming number, and as this version.
    pub fn settle(&mut self, symbol: Symbol, key: AlertKey, arming: u32, version: u32) {
        let Some((book_at, at)) = self.find(symbol, key) else { return };
        let slot = self.slots.get_mut(at);
        if slot.arming != arming || !slot.flags.has(Flags::PENDING) {
            return;
        }
        (slot.arming, slot.version) = (arming + 1, version);
        slot.flags.set(Flags::PENDING, false);
        let (is_done, is_once) = (slot.state == State::Done, slot.repeat == Repeat::Once);
        self.book_mut(book_at).pending -= 1;
        if is_done {
            // One that triggers again has expired meanwhile.
            self.expired.extend((!is_once).then_some(key));
            self.remove(symbol, key);
        }
    }

    /// What is to be stored of at most so many symbols. Symbols with pending triggers wait for them: a value that is stored counts
    /// as compared.
    pub fn take_changes(&mut self, limit: usize) -> Vec<Changes> {
        let mut taken = Vec::new();
        for _ in 0..self.changed.len() {
            if taken.len() == limit {
                break;
            }
            let Some(book_at) = self.changed.pop_front() else { break };
            let Some(book) = self.books[book_at as usize].as_mut().filter(|book| book.is_changed) else { continue };
            if book.pending > 0 {
                self.changed.push_back(book_at);
                continue;
            }
            book.is_changed = false;
            let values = book.sides.iter().filter_map(|side| Some(side.last.as_ref()?.value)).collect();
            let mut phases = Vec::new();
            if std::mem::take(&mut book.changed_phases) > 0 {
                for at in &book.slots {
                    let slot = self.slots.get_mut(*at);
                    if slot.flags.has(Flags::PHASE_CHANGED) {
                        slot.flags.set(Flags::PHASE_CHANGED, false);
                        phases.push((slot.key, slot.arming, phase_of(slot.state)));
                    }
                }
            }
            taken.push(Changes { symbol: book.symbol, values, phases });
        }
        taken
    }

    /// Takes back what could not be stored.
    pub fn restore_changes(&mut self, changes: Vec<Changes>) {
        for Changes { symbol, phases, .. } in changes {
            for (key, ..) in phases {
                let Some((book_at, at)) = self.find(symbol, key) else { continue };
                let slot = self.slots.get_mut(at);
                let is_new = !slot.flags.has(Flags::PHASE_CHANGED);
                slot.flags.set(Flags::PHASE_CHANGED, true);
                self.book_mut(book_at).changed_phases += u32::from(is_new);
            }
            if let Some(&book_at) = self.by_symbol.get(&symbol) {
                self.note_change(book_at);
            }
        }
    }

    pub(super) fn note_change(&mut self, book_at: u32) {
        // The book may have lost its last alert, which has expired.
        let Some(book) = self.books[book_at as usize].as_mut() else { return };
        if !book.is_changed {
            book.is_changed = true;
            self.changed.push_back(book_at);
        }
    }
}
