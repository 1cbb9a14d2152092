//! One alert against one value: whether its mark leads to a trigger, and where it goes on.

use super::Evaluator;
use super::book::{Book, Last};
use super::rule::{Reading, State};
use super::slots::{Flags, NEVER, Repeat, Slot, phase_of, seconds};
use super::value::Trigger;
use crate::db::alert::phase;
use crate::db::alert_value::StoredValue;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use std::borrow::Cow;
use watchtape_shared::quote::Mode;
use watchtape_shared::{Price, Symbol};

/// What an alert is compared with.
pub(super) struct Comparison<'a> {
    pub(super) reading: Reading,
    pub(super) price: Option<Price>,
    pub(super) previous_close: Option<Price>,
    pub(super) is_extended: bool,
    pub(super) previous: Option<&'a Last>,
    pub(super) as_of: DateTime<Utc>,
    pub(super) seen_at: DateTime<Utc>,
    pub(super) day: NaiveDate,
    pub(super) source: &'a Cow<'static, str>,
    pub(super) mode: Mode,
    /// Whether values of before this term, or of none, are what it is compared with.
    pub(super) is_after_gap: bool,
}

impl Evaluator {
    /// Lets an alert whose mark is passed go on to its next state.
    pub(super) fn advance(&mut self, book_at: u32, at: u32, comparison: &Comparison<'_>, triggers: &mut Vec<Trigger>) {
        let book = self.books[book_at as usize].as_mut().expect("a book's number");
        book.displace(at, self.slots.get(at));
        self.step(book_at, at, comparison, triggers);
        let book = self.books[book_at as usize].as_mut().expect("a book's number");
        book.place(at, self.slots.get(at));
    }

    /// The same of an alert without marks.
    pub(super) fn step(&mut self, book_at: u32, at: u32, comparison: &Comparison<'_>, triggers: &mut Vec<Trigger>) {
        let book = self.books[book_at as usize].as_mut().expect("a book's number");
        let slot = self.slots.get_mut(at);
        let (_, rule) = book.rule(slot);
        let before = slot.state;
        let (mut state, is_met) = rule.step(before, comparison.reading);
        let mut stored_phase = phase_of(before);
        if is_met {
            state = rule.settle(comparison.reading);
            if may_trigger(slot, comparison) {
                // The trigger is stored with the disarming.
                stored_phase = phase::DISARMED;
                triggers.push(trigger_of(slot, book.symbol, comparison, (self.began_at, self.evaluated_until)));
                slot.flags.set(Flags::PENDING, true);
                book.pending += 1;
                slot.armed_at = seconds(comparison.seen_at);
                match slot.repeat {
                    Repeat::Once => state = State::Done,
                    Repeat::OncePerSession => slot.last = comparison.day.num_days_from_ce().into(),
                    Repeat::EveryTime => slot.last = comparison.as_of.timestamp_micros(),
                }
            }
        }
        self.set_state(book_at, at, state, stored_phase);
    }

    /// Sets a state; where its phase is not the one that is stored, it is to be.
    fn set_state(&mut self, book_at: u32, at: u32, state: State, stored_phase: i32) {
        let slot = self.slots.get_mut(at);
        slot.state = state;
        if phase_of(state) == stored_phase {
            return;
        }
        let is_new = !slot.flags.has(Flags::PHASE_CHANGED);
        slot.flags.set(Flags::PHASE_CHANGED, true);
        self.book_mut(book_at).changed_phases += u32::from(is_new);
        self.note_change(book_at);
    }

    /// Compares an alert that has no marks yet with the last value of its side, where that counts: it was seen since `armed_at`,
    /// and is of `day`. A value of before this term sets the state, and triggers nothing.
    pub(super) fn compare_with_last(
        &mut self,
        book_at: u32,
        at: u32,
        armed_at: Option<DateTime<Utc>>,
        day: Option<NaiveDate>,
        triggers: &mut Vec<Trigger>,
    ) {
        let book = self.books[book_at as usize].as_ref().expect("a book's number");
        let slot = self.slots.get(at);
        let (signal, rule) = book.rule(slot);
        let side = &book.sides[Book::side_of(slot)];
        let (Some(last), Some(reading)) = (side.last.clone(), side.last_reading(signal)) else { return };
        let counts = match armed_at {
            Some(armed_at) => last.value.seen_at >= armed_at,
            None => last.value.seen_at.timestamp() >= i64::from(slot.armed_at),
        };
        let is_over = self.expiry_of.get(&at).is_some_and(|end| *end <= last.value.seen_at);
        if !counts || is_over || day.is_some_and(|day| last.value.day != day) {
            return;
        }
        let is_after_gap = !side.has_new;
        match &last.source {
            Some(source) => {
                let StoredValue { price, previous_close, as_of, seen_at, day, mode, .. } = last.value;
                let (price, previous, is_extended) = (Some(price), None, last.is_extended);
                let comparison = Comparison {
                    reading,
                    price,
                    previous_close,
                    is_extended,
                    previous,
                    as_of,
                    seen_at,
                    day,
                    source,
                    mode,
                    is_after_gap,
                };
                self.step(book_at, at, &comparison, triggers);
            }
            None => {
                let before = slot.state;
                if let (state, false) = rule.step(before, reading) {
                    self.set_state(book_at, at, state, phase_of(before));
                }
            }
        }
    }
}

/// Whether a met condition is a trigger.
fn may_trigger(slot: &Slot, comparison: &Comparison<'_>) -> bool {
    if slot.flags.has(Flags::PENDING) {
        return false;
    }
    match slot.repeat {
        Repeat::Once => true,
        Repeat::OncePerSession => slot.last != i64::from(comparison.day.num_days_from_ce()),
        Repeat::EveryTime => {
            let cooldown = i64::from(slot.cooldown_s) * 1_000_000;
            slot.last == NEVER || !(0..cooldown).contains(&(comparison.as_of.timestamp_micros() - slot.last))
        }
    }
}

fn trigger_of(
    slot: &Slot,
    symbol: Symbol,
    comparison: &Comparison<'_>,
    (began_at, evaluated_until): (DateTime<Utc>, Option<DateTime<Utc>>),
) -> Trigger {
    let armed_at = DateTime::from_timestamp(slot.armed_at.into(), 0).unwrap_or(began_at);
    let counting = comparison.previous.filter(|last| last.value.seen_at >= armed_at);
    // The time for which nobody compared began when the last node stopped, or with the alert.
    let stopped = evaluated_until.or(counting.map(|last| last.value.seen_at)).unwrap_or(armed_at);
    let is_late = comparison.is_after_gap && armed_at < began_at;
    Trigger {
        key: slot.key,
        arming: slot.arming,
        is_last: slot.repeat == Repeat::Once,
        symbol,
        price: comparison.price,
        previous_price: counting.map(|last| last.value.price),
        as_of: comparison.as_of,
        seen_at: comparison.seen_at,
        day: comparison.day,
        previous_close: comparison.previous_close,
        is_extended: comparison.is_extended,
        source: comparison.source.clone(),
        mode: comparison.mode,
        unwatched_since: is_late.then(|| stopped.max(armed_at)),
    }
}
