//! Sorting of the open list, for this view only: the list's own order stays as it is.
//!
//! Rows that keep changing places are hard to read, so the sort is refreshed at most once a second, and not while the
//! pointer is over the rows.

use super::open_list::OpenList;
use crate::state::appearance::choices::ChangeStyle;
use crate::state::appearance::preferences::Preferences;
use crate::state::prices::quotes::Quotes;
use crate::view::reactive::effect;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cmp::Ordering;
use watchtape_shared::{Quote, Symbol};

/// How often the quotes of rows out of view are read while the list is sorted by them.
const OUT_OF_SIGHT_S: i64 = 20;

/// What rows are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Symbol,
    Price,
    Change,
    Volume,
    Age,
}

/// A sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sort {
    pub(crate) key: Key,
    pub(crate) descending: bool,
}

/// How the open list is sorted.
#[derive(Clone, Copy)]
pub(crate) struct Sorting {
    list: OpenList,
    quotes: Quotes,
    preferences: Preferences,
    by: RwSignal<Option<Sort>>,
    ranked: RwSignal<Vec<Symbol>>,
}

impl Sorting {
    pub(in crate::state) fn new(list: OpenList, quotes: Quotes, preferences: Preferences) -> Self {
        let (by, ranked) = (RwSignal::new(None), RwSignal::default());
        let sorting = Self { list, quotes, preferences, by, ranked };
        // Another list begins unsorted.
        effect(move || {
            list.id().track();
            sorting.set(None);
        });
        sorting
    }

    pub(crate) fn by(self) -> ReadSignal<Option<Sort>> {
        self.by.read_only()
    }

    /// The symbols in sorted order, as of the last refresh.
    pub(in crate::state) fn ranked(self) -> ReadSignal<Vec<Symbol>> {
        self.ranked.read_only()
    }

    /// Cycles a key: ascending, descending, unsorted.
    pub(crate) fn step(self, key: Key) {
        self.set(match self.by.get_untracked() {
            Some(held) if held.key == key && held.descending => None,
            Some(held) if held.key == key => Some(Sort { key, descending: true }),
            _ => Some(Sort { key, descending: false }),
        });
    }

    /// Goes back to the list's own order.
    pub(crate) fn clear(self) {
        self.set(None);
    }

    pub(crate) fn is_sorted(self) -> bool {
        self.by.with_untracked(Option::is_some)
    }

    /// Refreshes the order, unless the rows are in use. Called every second.
    pub(crate) fn tick(self, second: i64, is_in_use: fn() -> bool) {
        if self.is_sorted() {
            if second % OUT_OF_SIGHT_S == 0 {
                self.read_out_of_sight();
            }
            if !is_in_use() {
                self.rank();
            }
        }
    }

    fn set(self, by: Option<Sort>) {
        if self.by.get_untracked() != by {
            self.by.set(by);
            if by.is_some() {
                self.rank();
                self.read_out_of_sight();
            }
        }
    }

    fn rank(self) {
        let Some(sort) = self.by.get_untracked() else { return };
        let style = untrack(|| self.preferences.change.get());
        let mut keyed: Vec<(Symbol, Option<i64>)> = self.list.items().with_untracked(|items| {
            let value = |symbol| self.quotes.peek(symbol, |quote| value(quote, sort.key, style)).flatten();
            items.iter().map(|item| (item.symbol, value(item.symbol))).collect()
        });
        keyed.sort_by(|one, other| order(sort, one, other));
        let ranked: Vec<Symbol> = keyed.into_iter().map(|(symbol, _)| symbol).collect();
        if self.ranked.with_untracked(|held| *held != ranked) {
            self.ranked.set(ranked);
        }
    }

    /// Reads the quotes of rows out of view, which are not subscribed.
    fn read_out_of_sight(self) {
        let Some(id) = self.list.id().get_untracked().filter(|_| !document().hidden()) else { return };
        if self.by.get_untracked().is_none_or(|sort| sort.key == Key::Symbol) {
            return;
        }
        spawn_local(async move {
            // Without an answer the rows are sorted by the last known quotes.
            if let Ok(mut list) = self.list.api.get_watchlist(&id).await {
                self.quotes.insert(list.items.iter_mut().filter_map(|item| item.quote.take()));
            }
        });
    }
}

/// The value that a quote is sorted by, if known.
fn value(quote: &Quote, key: Key, style: ChangeStyle) -> Option<i64> {
    let price = quote.price?;
    match key {
        Key::Symbol => None,
        Key::Price => Some(price.micros()),
        Key::Change => {
            let change = price.change_from(quote.previous_close?);
            Some(if style == ChangeStyle::Percent { change.basis_points } else { change.micros })
        }
        Key::Volume => quote.volume.and_then(|volume| i64::try_from(volume).ok()),
        // The older, the more.
        Key::Age => quote.as_of.map(|as_of| -as_of.timestamp_millis()),
    }
}

/// Unknown values come last in both directions; equal ones stay in the list's own order.
fn order(sort: Sort, one: &(Symbol, Option<i64>), other: &(Symbol, Option<i64>)) -> Ordering {
    let rising = match (sort.key, one.1, other.1) {
        (Key::Symbol, ..) => one.0.cmp(&other.0),
        (_, Some(one), Some(other)) => one.cmp(&other),
        (_, one, other) => return one.is_none().cmp(&other.is_none()),
    };
    if sort.descending { rising.reverse() } else { rising }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn sorted(key: Key, descending: bool, rows: &[(&str, Option<i64>)]) -> String {
        let parse = |(text, value): &(&str, Option<i64>)| (Symbol::parse(text).expect("a symbol"), *value);
        let mut rows: Vec<_> = rows.iter().map(parse).collect();
        rows.sort_by(|one, other| order(Sort { key, descending }, one, other));
        rows.iter().map(|(symbol, _)| symbol.to_string()).collect::<Vec<_>>().join(" ")
    }

    #[wasm_bindgen_test]
    fn the_unknown_stands_last_either_way() {
        let rows = [("C", None), ("A", Some(1)), ("B", Some(7)), ("D", Some(-3))];
        assert_eq!(sorted(Key::Change, false, &rows), "D A B C");
        assert_eq!(sorted(Key::Change, true, &rows), "B A D C");
    }

    #[wasm_bindgen_test]
    fn equals_stay_in_their_order_and_symbols_go_by_the_alphabet() {
        let rows = [("C", Some(5)), ("A", Some(5)), ("B", None)];
        assert_eq!(sorted(Key::Price, true, &rows), "C A B");
        assert_eq!(sorted(Key::Symbol, false, &rows), "A B C");
        assert_eq!(sorted(Key::Symbol, true, &rows), "C B A");
    }
}
