//! What changed between two versions of a watchlist: the server finds it out and a client applies it.

use crate::Symbol;
use crate::text::ListName;
use crate::watchlist::{Watchlist, WatchlistItem};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// One step from a version of a watchlist to a later one. The steps of a message apply one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum ListChange {
    /// The list has another name.
    Rename {
        /// The name.
        name: ListName,
    },
    /// An item left the list.
    Remove {
        /// Which one.
        symbol: Symbol,
    },
    /// An item was added, or one of this symbol has changed.
    Put {
        /// The whole item, as it is now.
        item: Box<WatchlistItem>,
        /// The symbol that it stands after; null at the top.
        after: Option<Symbol>,
    },
    /// An item stands elsewhere.
    Move {
        /// Which one.
        symbol: Symbol,
        /// The symbol that it stands after; null at the top.
        after: Option<Symbol>,
    },
}

/// A version of a list, as far as it takes to tell what changes after it: its order, and a hash of each item.
#[derive(Clone, Debug)]
pub struct ListOutline {
    name: ListName,
    items: Box<[(Symbol, u64)]>,
}

impl ListOutline {
    /// The outline of this version.
    pub fn of(list: &Watchlist) -> Self {
        let items = list.items.iter().map(|item| (item.symbol, content_hash(item))).collect();
        Self { name: list.summary.name.clone(), items }
    }

    /// The steps from this version to that one: no item is moved that need not be.
    pub fn changes_to(&self, list: &Watchlist) -> Vec<ListChange> {
        let mut changes = Vec::new();
        if list.summary.name != self.name {
            changes.push(ListChange::Rename { name: list.summary.name.clone() });
        }
        let places: HashMap<Symbol, usize> = (0..).zip(&list.items).map(|(at, item)| (item.symbol, at)).collect();
        let removed = self.items.iter().filter(|(symbol, _)| !places.contains_key(symbol));
        changes.extend(removed.map(|(symbol, _)| ListChange::Remove { symbol: *symbol }));

        let kept: Vec<usize> = self.items.iter().filter_map(|(symbol, _)| places.get(symbol).copied()).collect();
        let mut stays = vec![false; list.items.len()];
        for at in longest_rising(&kept) {
            stays[at] = true;
        }
        let held: HashMap<Symbol, u64> = self.items.iter().copied().collect();
        let mut after = None;
        for (item, stays) in list.items.iter().zip(stays) {
            let symbol = item.symbol;
            if held.get(&symbol) != Some(&content_hash(item)) {
                changes.push(ListChange::Put { item: Box::new(item.clone()), after });
            } else if !stays {
                changes.push(ListChange::Move { symbol, after });
            }
            after = Some(symbol);
        }
        changes
    }
}

impl ListChange {
    /// Applies the step to a list's items. False where it names a symbol that is not there: the items are not those of the
    /// version that the step begins at.
    #[must_use]
    pub fn apply(self, name: &mut ListName, items: &mut Vec<WatchlistItem>) -> bool {
        let find = |items: &[WatchlistItem], symbol| items.iter().position(|item| item.symbol == symbol);
        let (item, after) = match self {
            Self::Rename { name: new } => {
                *name = new;
                return true;
            }
            Self::Remove { symbol } => {
                let Some(at) = find(items, symbol) else { return false };
                items.remove(at);
                return true;
            }
            Self::Put { item, after } => {
                if let Some(at) = find(items, item.symbol) {
                    items.remove(at);
                }
                (*item, after)
            }
            Self::Move { symbol, after } => {
                let Some(at) = find(items, symbol) else { return false };
                (items.remove(at), after)
            }
        };
        let at = match after.map(|after| find(items, after)) {
            None => 0,
            Some(Some(before)) => before + 1,
            Some(None) => return false,
        };
        items.insert(at, item);
        true
    }

    /// Applies the steps of a message, passing over those that do not fit, and numbers the items anew. False where one did
    /// not: the items were not those of the version that the steps begin at.
    pub fn apply_all(changes: Vec<Self>, name: &mut ListName, items: &mut Vec<WatchlistItem>) -> bool {
        let misfits = changes.into_iter().filter_map(|change| (!change.apply(name, items)).then_some(())).count();
        for (at, item) in (0..).zip(items) {
            item.position = at;
        }
        misfits == 0
    }
}

/// A hash of what an item says, without its place and its quote.
fn content_hash(item: &WatchlistItem) -> u64 {
    let WatchlistItem {
        symbol,
        name,
        mic,
        currency,
        delisted,
        position: _,
        note,
        flag,
        section,
        added_at,
        quote: _,
        alert_count: _,
    } = item;
    let mut hasher = DefaultHasher::new();
    (symbol, name, mic, currency, delisted, note, flag, section, added_at).hash(&mut hasher);
    hasher.finish()
}

/// The longest part of the numbers, all different, that rises.
fn longest_rising(numbers: &[usize]) -> Vec<usize> {
    // The lowest end of a rising part of each length, and for each number the one before it in its part.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: HashMap<usize, usize> = HashMap::new();
    for number in numbers {
        let length = ends.partition_point(|end| end < number);
        if let Some(previous) = length.checked_sub(1) {
            before.insert(*number, ends[previous]);
        }
        match ends.get_mut(length) {
            Some(end) => *end = *number,
            None => ends.push(*number),
        }
    }
    std::iter::successors(ends.last().copied(), |number| before.get(number).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Note;
    use crate::watchlist::WatchlistSummary;
    use crate::{Currency, WatchlistId};
    use chrono::DateTime;
    use proptest::prelude::*;

    /// A list of these symbols, each with a note or none.
    fn list(name: &str, items: &[(u8, u8)]) -> Watchlist {
        let item = |(position, (symbol, note)): (u32, &(u8, u8))| WatchlistItem {
            symbol: Symbol::parse(&format!("S{symbol}")).expect("a symbol"),
            name: format!("Company {symbol}"),
            mic: None,
            currency: Currency::USD,
            delisted: false,
            position,
            note: (*note > 0).then(|| Note::parse(&format!("note {note}")).expect("a note")),
            flag: None,
            section: None,
            added_at: DateTime::UNIX_EPOCH,
            quote: None,
            alert_count: None,
        };
        let items: Vec<WatchlistItem> = (0..).zip(items).map(item).collect();
        let summary = WatchlistSummary {
            id: WatchlistId::parse("wl_01kaq2f8s5e8rvm0r2j5c4n6xt").expect("an id"),
            name: ListName::parse(name).expect("a name"),
            position: 0,
            version: 1,
            item_count: items.len() as u32,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        };
        Watchlist { summary, items }
    }

    fn json(changes: &[ListChange]) -> String {
        serde_json::to_string(changes).expect("plain data")
    }

    #[test]
    fn one_change_is_one_step() {
        let held = ListOutline::of(&list("A", &[(1, 0), (2, 0), (3, 0), (4, 0)]));
        assert_eq!(
            json(&held.changes_to(&list("A", &[(4, 0), (1, 0), (2, 0), (3, 0)]))),
            r#"[{"change":"move","symbol":"S4","after":null}]"#
        );
        assert_eq!(
            json(&held.changes_to(&list("A", &[(1, 0), (3, 0), (4, 0)]))),
            r#"[{"change":"remove","symbol":"S2"}]"#
        );
        assert_eq!(
            json(&held.changes_to(&list("B", &[(1, 0), (2, 0), (3, 0), (4, 0)]))),
            r#"[{"change":"rename","name":"B"}]"#
        );
        let [ListChange::Put { item, after }] = &held.changes_to(&list("A", &[(1, 0), (2, 0), (3, 7), (4, 0)]))[..]
        else {
            panic!("one item was put");
        };
        assert_eq!(
            (item.note.as_ref().map(Note::as_str), after.map(|symbol| symbol.to_string())),
            (Some("note 7"), Some("S2".to_owned()))
        );
        assert!(held.changes_to(&list("A", &[(1, 0), (2, 0), (3, 0), (4, 0)])).is_empty());
    }

    #[test]
    fn a_step_that_does_not_fit_is_told() {
        let mut held = list("A", &[(1, 0)]);
        let missing = list("A", &[(9, 0)]).items[0].symbol;
        for change in [ListChange::Remove { symbol: missing }, ListChange::Move { symbol: missing, after: None }] {
            assert!(!change.apply(&mut held.summary.name, &mut held.items));
        }
        let change = ListChange::Move { symbol: held.items[0].symbol, after: Some(missing) };
        assert!(!change.apply(&mut held.summary.name, &mut held.items));
    }

    fn any_items() -> impl Strategy<Value = Vec<(u8, u8)>> {
        let symbols = prop::collection::btree_map(0u8..24, 0u8..3, 0..20);
        symbols.prop_map(|items| items.into_iter().collect::<Vec<_>>()).prop_shuffle()
    }

    proptest! {
        #[test]
        fn what_changed_leads_from_any_list_to_any_other(old in any_items(), new in any_items(), renames: bool) {
            let (mut held, target) = (list("A", &old), list(if renames { "B" } else { "A" }, &new));
            let changes = ListOutline::of(&held).changes_to(&target);
            prop_assert!(changes.len() <= 1 + old.len() + new.len());
            prop_assert!(ListChange::apply_all(changes, &mut held.summary.name, &mut held.items));
            prop_assert_eq!(held, Watchlist { summary: WatchlistSummary { item_count: old.len() as u32, ..target.summary }, items: target.items });
        }

        #[test]
        fn the_longest_rising_part_rises_and_is_longest(numbers in prop::collection::hash_set(0usize..50, 0..9)) {
            let numbers: Vec<usize> = numbers.into_iter().collect();
            let mut found = longest_rising(&numbers);
            found.reverse();
            prop_assert!(found.is_sorted());
            let longest = (0u32..1 << numbers.len())
                .filter(|mask| {
                    let part: Vec<usize> = (0..numbers.len()).filter(|at| mask >> at & 1 == 1).map(|at| numbers[at]).collect();
                    part.is_sorted()
                })
                .map(u32::count_ones)
                .max();
            prop_assert_eq!(Some(found.len() as u32), longest);
        }
    }
}
