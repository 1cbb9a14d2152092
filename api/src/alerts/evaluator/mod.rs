//! The evaluator of alerts: values in, triggers out. Pure and deterministic: it has no clock, no database and no task of its own.
//!
//! Each alert is a state machine (`rule.rs`) that waits for marks on a signal of its symbol; the marks of a signal are sorted
//! (`points.rs`), so that a value costs what it changes and not what is watched. Triggers come in the order of values, and of one
//! value in the order of the alerts' ids. A trigger stays pending until [`Evaluator::settle`]: meanwhile the alert has no other.

mod book;
mod comparison;
mod extremes;
mod key;
mod points;
mod progress;
#[cfg(test)]
mod properties;
mod rule;
mod slots;
mod time;
mod value;
mod window;

pub use key::AlertKey;
pub use progress::Changes;
pub use value::{Extremes, ExtremesRequest, OpenSince, Trigger, Value};

use crate::db::alert_value::StoredValue;
use crate::db::alert_watch::WatchedAlert;
use crate::db::bar::Provenance;
use book::{Book, EXTENDED, Last, REGULAR};
use chrono::{DateTime, Utc};
use comparison::Comparison;
use rule::Reading;
use slots::{Flags, Slots, slot_of};
use std::collections::{BTreeSet, HashMap, VecDeque};
use watchtape_shared::Symbol;
use watchtape_shared::alert::AlertSession;
use watchtape_shared::stream::Source;

/// All active alerts.
pub struct Evaluator {
    source: Source,
    slots: Slots,
    books: Vec<Option<Box<Book>>>,
    free_books: Vec<u32>,
    by_symbol: HashMap<Symbol, u32>,
    /// The ends of alerts that have one, and the same by slot.
    expiries: BTreeSet<(DateTime<Utc>, u32)>,
    expiry_of: HashMap<u32, DateTime<Utc>>,
    expired: Vec<AlertKey>,
    /// Books with something to store.
    changed: VecDeque<u32>,
    wanted_extremes: Vec<ExtremesRequest>,
    began_at: DateTime<Utc>,
    evaluated_until: Option<DateTime<Utc>>,
    // Kept for their memory.
    passed: Vec<u32>,
    found: Vec<(u32, Reading)>,
}

impl Evaluator {
    /// An evaluator without alerts, of this source: prices of another provenance never count. The term began at `began_at`; another
    /// node may have compared prices until `evaluated_until`.
    pub fn new(source: Source, began_at: DateTime<Utc>, evaluated_until: Option<DateTime<Utc>>) -> Self {
        Self {
            source,
            slots: Slots::default(),
            books: Vec::new(),
            free_books: Vec::new(),
            by_symbol: HashMap::new(),
            expiries: BTreeSet::new(),
            expiry_of: HashMap::new(),
            expired: Vec::new(),
            changed: VecDeque::new(),
            wanted_extremes: Vec::new(),
            began_at,
            evaluated_until,
            passed: Vec::new(),
            found: Vec::new(),
        }
    }

    /// How many alerts it has.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.slots.len() == 0
    }

    /// The symbols that have alerts, with their number.
    pub fn symbols(&self) -> impl Iterator<Item = (Symbol, usize)> {
        self.books.iter().flatten().map(|book| (book.symbol, book.slots.len()))
    }

    /// The version and the arming number of an alert.
    pub fn versions_of(&self, symbol: Symbol, key: AlertKey) -> Option<(u32, u32)> {
        let slot = self.slots.get(self.find(symbol, key)?.1);
        Some((slot.version, slot.arming))
    }

    /// Takes over a value that another node, or an earlier term, has compared, before the alerts of its symbol that it counts for.
    pub fn restore(&mut self, value: StoredValue) {
        if Provenance::from(value.mode) != self.provenance() {
            return;
        }
        let at = self.book_of(value.symbol);
        let side = match value.session {
            AlertSession::Regular => REGULAR,
            AlertSession::Extended => EXTENDED,
        };
        self.book_mut(at).sides[side].last = Some(Last { value, is_extended: false, source: None });
    }

    /// Forgets symbols that were restored and have no alerts.
    pub fn drop_unused(&mut self) {
        for at in 0..self.books.len() as u32 {
            self.drop_if_unused(at);
        }
    }

    /// Takes an alert, or what has changed of it: one whose arming number is the same goes on where it is.
    pub fn insert(&mut self, alert: &WatchedAlert, triggers: &mut Vec<Trigger>) {
        let key = AlertKey::from(&alert.id);
        if let Some((_, at)) = self.find(alert.symbol, key) {
            let slot = self.slots.get_mut(at);
            if slot.arming == alert.arming {
                (slot.version, slot.cooldown_s) = (alert.version, alert.cooldown_s);
                self.set_expiry(at, alert.expires_at);
                return;
            }
            self.remove(alert.symbol, key);
        }
        let book_at = self.book_of(alert.symbol);
        let slot = slot_of(alert, key, book_at);
        let at = self.slots.insert(slot);
        self.set_expiry(at, alert.expires_at);
        let slot = self.slots.get(at);
        let book = self.books[book_at as usize].as_mut().expect("found above");
        book.add_user(slot);
        let place = book.slots.partition_point(|other| self.slots.get(*other).key < key);
        book.slots.insert(place, at);
        extremes::want_extremes(book, None, &mut self.wanted_extremes);
        self.compare_with_last(book_at, at, Some(alert.armed_at), None, triggers);
        let book = self.books[book_at as usize].as_mut().expect("found above");
        book.place(at, self.slots.get(at));
    }

    /// Gives up an alert that is no longer active. Returns whether it was there.
    pub fn remove(&mut self, symbol: Symbol, key: AlertKey) -> bool {
        let Some((book_at, at)) = self.find(symbol, key) else { return false };
        let book = self.books[book_at as usize].as_mut().expect("found above");
        let slot = self.slots.get(at);
        book.displace(at, slot);
        book.remove_user(slot);
        book.pending -= u32::from(slot.flags.has(Flags::PENDING));
        book.changed_phases -= u32::from(slot.flags.has(Flags::PHASE_CHANGED));
        book.slots.retain(|other| *other != at);
        self.set_expiry(at, None);
        self.slots.remove(at);
        self.drop_if_unused(book_at);
        true
    }

    /// Compares a value with the alerts of its symbol.
    pub fn apply(&mut self, value: &Value, triggers: &mut Vec<Trigger>) {
        self.expire(value.seen_at);
        if Provenance::from(value.mode) != self.provenance() {
            return;
        }
        let Some(&book_at) = self.by_symbol.get(&value.symbol) else { return };
        self.set_day(book_at, value.day);
        let first = triggers.len();
        for side in if value.is_extended { &[EXTENDED][..] } else { &[REGULAR, EXTENDED] } {
            self.apply_to_side(book_at, *side, value, triggers);
        }
        triggers[first..].sort_unstable_by_key(|trigger| trigger.key);
        self.note_change(book_at);
    }

    fn apply_to_side(&mut self, book_at: u32, number: usize, value: &Value, triggers: &mut Vec<Trigger>) {
        let is_real = self.provenance() == Provenance::Real;
        let book = self.books[book_at as usize].as_mut().expect("a book's number");
        let side = &mut book.sides[number];
        let session = if number == REGULAR { AlertSession::Regular } else { AlertSession::Extended };
        let is_older = |last: &Last| last.value.as_of > value.as_of && last.value.as_of <= value.seen_at;
        if (value.is_known || !side.has_new) && side.last.as_ref().is_some_and(is_older) {
            // What the node before this one compared is newer than what this one begins with. A recording starts over.
            if is_real {
                return;
            }
            side.last = None;
        }
        let (mut passed, mut found) = (std::mem::take(&mut self.passed), std::mem::take(&mut self.found));
        side.passed(value, &mut passed, &mut found);
        let is_after_gap = !side.has_new;
        let previous = side.last.replace(Last {
            value: value.as_last_of(session),
            is_extended: value.is_extended,
            source: Some(value.source.clone()),
        });
        side.has_new |= !value.is_known;
        for (at, reading) in found.drain(..) {
            if value.is_known && value.as_of.timestamp() < i64::from(self.slots.get(at).armed_at) {
                continue;
            }
            let comparison = Comparison {
                reading,
                price: Some(value.price),
                previous_close: value.previous_close,
                is_extended: value.is_extended,
                previous: previous.as_ref(),
                as_of: value.as_of,
                seen_at: value.seen_at,
                day: value.day,
                source: &value.source,
                mode: value.mode,
                is_after_gap,
            };
            self.advance(book_at, at, &comparison, triggers);
        }
        (self.passed, self.found) = (passed, found);
    }

    fn provenance(&self) -> Provenance {
        self.source.mode.into()
    }

    fn book_mut(&mut self, at: u32) -> &mut Book {
        self.books[at as usize].as_mut().expect("a book's number")
    }

    fn book_of(&mut self, symbol: Symbol) -> u32 {
        if let Some(at) = self.by_symbol.get(&symbol) {
            return *at;
        }
        let book = Some(Box::new(Book::new(symbol)));
        let at = match self.free_books.pop() {
            Some(at) => {
                self.books[at as usize] = book;
                at
            }
            None => {
                self.books.push(book);
                (self.books.len() - 1) as u32
            }
        };
        self.by_symbol.insert(symbol, at);
        at
    }

    fn drop_if_unused(&mut self, at: u32) {
        if let Some(book) = self.books[at as usize].take_if(|book| book.slots.is_empty()) {
            self.by_symbol.remove(&book.symbol);
            self.free_books.push(at);
            if book.is_changed {
                self.changed.retain(|changed| *changed != at);
            }
        }
    }

    fn find(&self, symbol: Symbol, key: AlertKey) -> Option<(u32, u32)> {
        let book_at = *self.by_symbol.get(&symbol)?;
        let slots = &self.books[book_at as usize].as_ref()?.slots;
        let place = slots.binary_search_by_key(&key, |at| self.slots.get(*at).key).ok()?;
        Some((book_at, slots[place]))
    }
}
