//! The levels of `new_high` and `new_low`, which are asked for and set from outside, for one trading day at a time.

use super::Evaluator;
use super::book::{Book, Level};
use super::slots::Kind;
use super::value::{Extremes, ExtremesRequest, Trigger};
use chrono::NaiveDate;

impl Evaluator {
    /// Has the alerts of a symbol wait for the extremes before another day.
    pub(super) fn set_day(&mut self, book_at: u32, day: NaiveDate) {
        let book = self.books[book_at as usize].as_mut().expect("a book's number");
        if book.levels.iter().all(|level| level.day == Some(day)) {
            return;
        }
        for at in std::mem::take(&mut book.slots) {
            let slot = self.slots.get(at);
            if matches!(slot.kind, Kind::NewHigh | Kind::NewLow) {
                book.displace(at, slot);
            }
            book.slots.push(at);
        }
        want_extremes(book, Some(day), &mut self.wanted_extremes);
    }

    /// What is to be set by [`Evaluator::set_extremes`], each once.
    pub fn take_wanted_extremes(&mut self) -> Vec<ExtremesRequest> {
        std::mem::take(&mut self.wanted_extremes)
    }

    /// Sets the extremes of the days before a day; `None` where there are no bars: such alerts do not trigger on that day. They are
    /// compared with the last value at once. Ignored where they are not asked for any more.
    pub fn set_extremes(&mut self, request: ExtremesRequest, extremes: Option<Extremes>, triggers: &mut Vec<Trigger>) {
        let Some(&book_at) = self.by_symbol.get(&request.symbol) else { return };
        let book = self.book_mut(book_at);
        let is_asked = |level: &&mut Level| {
            level.days == request.days && level.day == Some(request.day) && level.extremes.is_none()
        };
        let Some(level) = book.levels.iter_mut().find(is_asked) else { return };
        level.extremes = extremes;
        if extremes.is_none() {
            return;
        }
        let first = triggers.len();
        for at in self.book_mut(book_at).slots.clone() {
            let slot = self.slots.get(at);
            if matches!(slot.kind, Kind::NewHigh | Kind::NewLow) && slot.second == i64::from(request.days) {
                self.compare_with_last(book_at, at, None, Some(request.day), triggers);
                let book = self.books[book_at as usize].as_mut().expect("a book's number");
                book.place(at, self.slots.get(at));
            }
        }
        triggers[first..].sort_unstable_by_key(|trigger| trigger.key);
    }
}

/// Asks for the extremes of a book's levels: before this day, or before that of the last value where they have none yet.
pub(super) fn want_extremes(book: &mut Book, day: Option<NaiveDate>, wanted: &mut Vec<ExtremesRequest>) {
    let last = book.sides.iter().filter_map(|side| Some(side.last.as_ref()?.value.day)).max();
    for level in &mut book.levels {
        let of_last = last.filter(|_| level.day.is_none());
        if let Some(day) = day.or(of_last).filter(|day| level.day != Some(*day)) {
            (level.day, level.extremes) = (Some(day), None);
            wanted.push(ExtremesRequest { symbol: book.symbol, days: level.days, day });
        }
    }
}
