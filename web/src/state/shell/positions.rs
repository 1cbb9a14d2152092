//! Which position each history entry and each list was scrolled to, and which one is wanted now.
//!
//! Deliberately absent: the DOM, which `scroll_positions` reads and scrolls.

use std::collections::{BTreeMap, HashMap};

/// What the path of every list begins with.
const LISTS: &str = "/lists/";
/// How many history entries are remembered.
const MOST: usize = 100;

/// The positions of this tab.
#[derive(Default)]
pub(super) struct Positions {
    /// The number of the current history entry.
    pub(super) entry: u32,
    by_entry: BTreeMap<u32, f64>,
    by_list: HashMap<String, f64>,
    /// The path of the page that is shown.
    path: String,
    /// Where the page is to be scrolled to once it is tall enough.
    pub(super) wanted: Option<f64>,
}

impl Positions {
    /// Keeps the position of the current entry.
    pub(super) fn keep(&mut self, position: f64) {
        self.by_entry.insert(self.entry, position);
        if self.by_entry.len() > MOST {
            self.by_entry.pop_first();
        }
        if self.path.starts_with(LISTS) {
            self.by_list.insert(self.path.clone(), position);
        }
    }

    /// The page of this path is shown in a new entry. Later entries have higher numbers: those whose place it takes are gone from
    /// the history.
    pub(super) fn begin(&mut self, path: &str) {
        self.entry += 1;
        let was_here = self.path == path;
        self.show(path);
        if was_here {
            // A link to the page that is shown leads to its top.
            self.wanted = None;
        }
    }

    /// The page of this path takes the place of another.
    pub(super) fn show(&mut self, path: &str) {
        path.clone_into(&mut self.path);
        self.wanted = self.by_list.get(path).copied();
    }

    /// Forgets all positions: whoever comes next has other lists.
    pub(super) fn forget(&mut self) {
        self.by_entry.clear();
        self.by_list.clear();
        self.wanted = None;
    }

    /// The history has gone to an entry, which may have noted its position itself.
    pub(super) fn arrive(&mut self, path: &str, entry: u32, noted: Option<f64>) {
        path.clone_into(&mut self.path);
        self.entry = entry;
        self.wanted = self.by_entry.get(&entry).copied().or(noted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_list_is_where_it_was_by_a_link_and_every_page_by_the_history() {
        let mut held = Positions::default();
        held.begin("/lists/a");
        held.keep(500.0);
        held.begin("/securities/AAPL");
        assert_eq!(held.wanted, None, "another page begins at its top");
        held.keep(70.0);
        held.begin("/lists/a");
        assert_eq!(held.wanted, Some(500.0));
        held.keep(900.0);
        held.arrive("/securities/AAPL", 2, None);
        assert_eq!(held.wanted, Some(70.0));
        held.keep(80.0);
        held.arrive("/lists/a", 1, Some(3.0));
        assert_eq!(held.wanted, Some(500.0), "where it was left at that time");
        held.keep(500.0);
        held.begin("/lists/a");
        assert_eq!(held.wanted, None, "the same page once more");
    }

    #[wasm_bindgen_test]
    fn whoever_comes_next_begins_at_the_top() {
        let mut held = Positions::default();
        held.begin("/lists/a");
        held.keep(500.0);
        held.forget();
        held.begin("/account");
        held.begin("/lists/a");
        assert_eq!(held.wanted, None);
        held.arrive("/lists/a", 1, None);
        assert_eq!(held.wanted, None);
    }

    #[wasm_bindgen_test]
    fn after_a_reload_the_history_says_where_it_was() {
        let mut held = Positions::default();
        held.arrive("/lists/a", 7, Some(300.0));
        assert_eq!(held.wanted, Some(300.0));
        held.keep(300.0);
        held.begin("/account");
        assert_eq!(held.entry, 8);
        for _ in 0..2 * MOST {
            held.begin("/account");
            held.keep(1.0);
        }
        assert_eq!(held.by_entry.len(), MOST);
    }
}
