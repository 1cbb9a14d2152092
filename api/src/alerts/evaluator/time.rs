//! What time alone does to alerts: they expire, and those that wait for a silence trigger.

use super::Evaluator;
use super::book::{EXTENDED, REGULAR};
use super::comparison::Comparison;
use super::key::AlertKey;
use super::rule::{Reading, State};
use super::slots::Flags;
use super::value::{OpenSince, Trigger};
use chrono::{DateTime, Utc};
use std::borrow::Cow;
use watchtape_shared::Symbol;
use watchtape_shared::alert::AlertSession;

impl Evaluator {
    /// Passes time: alerts expire, and those that wait for a silence are told of it. `open` says since when a symbol's prices are
    /// to come; `None` while its exchange is closed.
    pub fn pass_time(
        &mut self,
        now: DateTime<Utc>,
        open: impl Fn(Symbol, AlertSession) -> Option<OpenSince>,
        triggers: &mut Vec<Trigger>,
    ) {
        self.expire(now);
        for book_at in 0..self.books.len() as u32 {
            for (number, session) in [(REGULAR, AlertSession::Regular), (EXTENDED, AlertSession::Extended)] {
                self.pass_silence(book_at, number, |symbol| open(symbol, session), now, triggers);
            }
        }
    }

    pub(super) fn pass_silence(
        &mut self,
        book_at: u32,
        number: usize,
        open: impl Fn(Symbol) -> Option<OpenSince>,
        now: DateTime<Utc>,
        triggers: &mut Vec<Trigger>,
    ) {
        let Some(book) = self.books[book_at as usize].as_ref() else { return };
        let side = &book.sides[number];
        let since = side.last_seen_at().map_or(self.began_at, |at| at.max(self.began_at));
        let mut slots = Vec::new();
        side.passed_by_silence((now - since).num_milliseconds(), &mut slots);
        if slots.is_empty() {
            return;
        }
        let Some(open) = open(book.symbol) else { return };
        let last = side.last.clone();
        let source = Cow::Owned(self.source.source.clone());
        let first = triggers.len();
        for at in slots {
            let since = since.max(open.at).timestamp_millis().max(i64::from(self.slots.get(at).armed_at) * 1_000);
            let comparison = Comparison {
                reading: Reading::exactly(now.timestamp_millis() - since),
                price: None,
                previous_close: None,
                is_extended: false,
                previous: last.as_ref(),
                as_of: now,
                seen_at: now,
                day: open.day,
                source: &source,
                mode: self.source.mode,
                is_after_gap: false,
            };
            self.advance(book_at, at, &comparison, triggers);
        }
        triggers[first..].sort_unstable_by_key(|trigger| trigger.key);
        self.note_change(book_at);
    }

    pub(super) fn expire(&mut self, now: DateTime<Utc>) {
        while let Some(&(at, number)) = self.expiries.first().filter(|(at, _)| *at <= now) {
            self.expiries.remove(&(at, number));
            let slot = self.slots.get(number);
            let (key, book_at) = (slot.key, slot.book);
            let book = self.books[book_at as usize].as_mut().expect("a slot's book");
            if slot.flags.has(Flags::PENDING) {
                // Its trigger was before the end, and is stored before it.
                book.displace(number, slot);
                self.slots.get_mut(number).state = State::Done;
                continue;
            }
            let symbol = book.symbol;
            self.expired.push(key);
            self.remove(symbol, key);
        }
    }

    /// The alerts that have expired since the last call.
    pub fn take_expired(&mut self) -> Vec<AlertKey> {
        std::mem::take(&mut self.expired)
    }

    /// Takes back what could not be stored.
    pub fn restore_expired(&mut self, expired: Vec<AlertKey>) {
        self.expired.extend(expired);
    }

    pub(super) fn set_expiry(&mut self, at: u32, expires_at: Option<DateTime<Utc>>) {
        if self.slots.get(at).flags.has(Flags::EXPIRES)
            && let Some(before) = self.expiry_of.remove(&at)
        {
            self.expiries.remove(&(before, at));
        }
        if let Some(expires_at) = expires_at {
            self.expiry_of.insert(at, expires_at);
            self.expiries.insert((expires_at, at));
        }
        self.slots.get_mut(at).flags.set(Flags::EXPIRES, expires_at.is_some());
    }
}
