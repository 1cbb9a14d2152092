//! The set of lists as the stream tells it, and how it goes together with what this tab changes itself.
//!
//! While a request of this tab is under way the set is held back: it may be older than what is on screen, and a newer one follows
//! the request. One that was told before a change of this tab, and arrives after the answer, is passed over.

use super::{ListsState, Watchlists};
use leptos::prelude::*;
use std::collections::{HashMap, HashSet};
use watchtape_shared::WatchlistId;
use watchtape_shared::stream::WatchlistEntry;

/// This tab's own changes, as far as a set must hold them to be newer.
#[derive(Default)]
pub(super) struct OwnChanges {
    /// How many requests are under way.
    under_way: u32,
    /// The set that was told meanwhile.
    held_back: Option<Vec<WatchlistEntry>>,
    /// The versions that its requests have made.
    versions: HashMap<WatchlistId, u64>,
    /// Lists that are deleted. No list is ever made again under an id.
    deleted: HashSet<WatchlistId>,
    /// How many sets were told.
    times_told: u32,
}

impl OwnChanges {
    pub(super) fn note_deleted(&mut self, id: &WatchlistId) {
        self.versions.remove(id);
        self.deleted.insert(id.clone());
    }

    /// What is to be shown of a set; `None` if it is older than what is on screen.
    fn accept(&mut self, mut told: Vec<WatchlistEntry>) -> Option<Vec<WatchlistEntry>> {
        if told.iter().any(|list| self.versions.get(&list.id).is_some_and(|version| list.version < *version)) {
            return None;
        }
        // A set that holds them is newer than they are; and so is one after a list of them was deleted elsewhere.
        self.versions.clear();
        told.retain(|list| !self.deleted.contains(&list.id));
        Some(told)
    }
}

impl Watchlists {
    /// Takes over the set of lists. The first of a connection is taken over as it is: the server may be another.
    pub(crate) fn apply_server_set(self, told: Vec<WatchlistEntry>, is_first: bool, unsent: &[WatchlistId]) {
        let accepted = self.own.try_update_value(|own| {
            own.times_told += 1;
            if is_first {
                own.versions.clear();
            }
            if own.under_way > 0 {
                own.held_back = Some(told);
                return None;
            }
            own.accept(told)
        });
        if let Some(lists) = accepted.flatten() {
            self.show(lists, unsent);
        }
    }

    /// How many sets were told until now.
    pub(crate) fn times_told(self) -> u32 {
        self.own.with_value(|own| own.times_told)
    }

    /// Runs a request that changes the lists. It returns the version that a list has after it, where it knows that.
    pub(super) async fn changing<T>(
        self,
        request: impl Future<Output = T>,
        made: impl FnOnce(&T) -> Option<(WatchlistId, u64)>,
    ) -> T {
        self.own.update_value(|own| own.under_way += 1);
        let answer = request.await;
        let accepted = self.own.try_update_value(|own| {
            // Somebody else may have signed in meanwhile.
            own.under_way = own.under_way.saturating_sub(1);
            own.versions.extend(made(&answer));
            if own.under_way > 0 {
                return None;
            }
            let told = own.held_back.take()?;
            own.accept(told)
        });
        if let Some(lists) = accepted.flatten() {
            self.show(lists, &[]);
        }
        answer
    }

    /// Shows these lists; of those with changes that are not sent, the number of items stays.
    fn show(self, mut lists: Vec<WatchlistEntry>, unsent: &[WatchlistId]) {
        for list in lists.iter_mut().filter(|list| unsent.contains(&list.id)) {
            if let Some(held) = untrack(|| self.find(&list.id)) {
                list.count = held.count;
            }
        }
        // A call under way would bring what is older.
        self.asked.update_value(|asked| *asked += 1);
        let lists = ListsState::Ready(lists);
        if self.state.with_untracked(|held| *held != lists) {
            self.state.set(lists);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;
    use watchtape_shared::text::ListName;

    fn id(last: char) -> WatchlistId {
        WatchlistId::parse(&format!("wl_01kaq2f8s5e8rvm0r2j5c4n6x{last}")).expect("an id")
    }

    fn set(lists: &[(char, u64)]) -> Vec<WatchlistEntry> {
        let name = ListName::parse("Tech").expect("a name");
        let entry = |(position, (last, version)): (u32, &(char, u64))| WatchlistEntry {
            id: id(*last),
            name: name.clone(),
            position,
            count: 0,
            version: *version,
        };
        (0..).zip(lists).map(entry).collect()
    }

    #[wasm_bindgen_test]
    fn a_set_from_before_an_own_change_is_passed_over() {
        let mut own = OwnChanges::default();
        own.versions.insert(id('a'), 4);
        assert_eq!(own.accept(set(&[('a', 3), ('b', 1)])), None);
        assert_eq!(own.accept(set(&[('a', 4), ('b', 1)])), Some(set(&[('a', 4), ('b', 1)])));
        assert_eq!(own.accept(set(&[('a', 3)])), Some(set(&[('a', 3)])), "restored from a backup");
    }

    #[wasm_bindgen_test]
    fn a_list_that_is_deleted_does_not_come_back_and_one_that_was_changed_may_go() {
        let mut own = OwnChanges::default();
        own.versions.insert(id('a'), 4);
        own.note_deleted(&id('b'));
        assert_eq!(own.accept(set(&[('b', 9), ('a', 4)])).map(|lists| lists.len()), Some(1));
        own.versions.insert(id('a'), 5);
        assert_eq!(own.accept(Vec::new()), Some(Vec::new()));
    }
}
