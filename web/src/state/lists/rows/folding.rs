//! Folded sections, stored in this browser for each list.

use super::Rows;
use crate::state::local_storage;
use leptos::prelude::*;
use watchtape_shared::text::Section;
use watchtape_shared::{Symbol, WatchlistId};

impl Rows {
    pub(crate) fn is_folded(self, section: &Section) -> bool {
        self.folded.with(|folded| folded.contains(section))
    }

    /// Folds or unfolds a section, and stores that in this browser.
    pub(crate) fn fold(self, section: &Section) {
        self.folded.update(|folded| {
            let count = folded.len();
            folded.retain(|held| held != section);
            if folded.len() == count {
                folded.push(section.clone());
            }
        });
        if let Some(id) = self.list.id().get_untracked() {
            // Only the sections that still exist are stored.
            let names: Vec<String> = self.folded.with_untracked(|folded| {
                let is_there = |section: &&Section| self.members(section) > 0;
                folded.iter().filter(is_there).map(Section::to_string).collect()
            });
            local_storage::write(&key(&id), &names.join("\n"));
        }
    }

    fn members(self, section: &Section) -> usize {
        self.list
            .items()
            .with_untracked(|items| items.iter().filter(|item| item.section.as_ref() == Some(section)).count())
    }

    /// Unfolds the section of a row that is to be shown.
    pub(super) fn unfold_for(self, symbol: Symbol) {
        let section = untrack(|| self.item(symbol)).and_then(|item| item.section);
        if let Some(section) = section.filter(|section| untrack(|| self.is_folded(section))) {
            self.fold(&section);
        }
    }
}

fn key(id: &WatchlistId) -> String {
    let mut key = "watchtape.folded.".to_owned();
    key.push_str(id.as_str());
    key
}

pub(super) fn stored(id: &WatchlistId) -> Vec<Section> {
    let stored = local_storage::read(&key(id)).unwrap_or_default();
    stored.lines().filter_map(|name| Section::parse(name).ok()).collect()
}
