//! What is being written about a security and has not been kept: a note, its section, its flag. Whoever would lose it is
//! asked first; it waits here for its author if their session ends meanwhile.
//!
//! Deliberately absent: storage. What is written is the account's, and this device may be anybody's.

use crate::texts;
use leptos::prelude::*;
use std::collections::HashMap;
use watchtape_shared::watchlist::Flag;
use watchtape_shared::{Symbol, WatchlistId};

/// Where it is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// In the editor over a list.
    Editor(WatchlistId, Symbol),
    /// On the security's page, about a list.
    Page(WatchlistId, Symbol),
}

/// What is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) note: String,
    pub(crate) section: String,
    pub(crate) flag: Option<Flag>,
}

/// The drafts of whoever is signed in.
#[derive(Clone, Copy)]
pub(crate) struct Drafts {
    held: RwSignal<HashMap<Place, Draft>>,
}

impl Drafts {
    pub(in crate::state) fn new() -> Self {
        Self { held: RwSignal::default() }
    }

    /// Keeps what is written, or forgets it where that is what the server has.
    pub(crate) fn keep(self, place: &Place, draft: Option<Draft>) {
        if self.held.with_untracked(|held| held.get(place) != draft.as_ref()) {
            self.held.update(|held| {
                match draft {
                    Some(draft) => held.insert(place.clone(), draft),
                    None => held.remove(place),
                };
            });
        }
    }

    /// What was written there and not kept; untracked.
    pub(crate) fn find(self, place: &Place) -> Option<Draft> {
        self.held.with_untracked(|held| held.get(place).cloned())
    }

    /// Whether anything is written that would be lost; tracked.
    pub(crate) fn is_any(self) -> bool {
        self.held.with(|held| !held.is_empty())
    }

    /// One that is written in the editor over a list.
    pub(in crate::state) fn in_editor(self) -> Option<(WatchlistId, Symbol)> {
        self.held.with_untracked(|held| {
            held.keys().find_map(|place| match place {
                Place::Editor(list, symbol) => Some((list.clone(), *symbol)),
                Place::Page(..) => None,
            })
        })
    }

    /// Asks whether what is written may be lost, if anything is, and forgets it then. Returns whether to go on.
    pub(crate) fn may_leave(self) -> bool {
        if !untrack(|| self.is_any()) {
            return true;
        }
        // Where the browser shows no question, nothing is thrown away.
        let may = window().confirm_with_message(texts::item::discard()).unwrap_or(false);
        if may {
            self.discard();
        }
        may
    }

    pub(in crate::state) fn discard(self) {
        if !self.held.with_untracked(HashMap::is_empty) {
            self.held.update(HashMap::clear);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leptos::reactive::owner::Owner;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_draft_is_there_until_it_is_what_the_server_has() {
        let owner = Owner::new();
        owner.set();
        let drafts = Drafts::new();
        let id = WatchlistId::parse("wl_01kaq2f8s5e8rvm0r2j5c4n6xt").expect("an id");
        let symbol = Symbol::parse("AAPL").expect("a symbol");
        let (editor, page) = (Place::Editor(id.clone(), symbol), Place::Page(id.clone(), symbol));
        let draft = Draft { note: "half a".into(), ..Draft::default() };
        assert!(drafts.may_leave());
        drafts.keep(&editor, Some(draft.clone()));
        assert!(untrack(|| drafts.is_any()));
        assert_eq!((drafts.find(&editor), drafts.find(&page)), (Some(draft), None));
        assert_eq!(drafts.in_editor(), Some((id, symbol)));
        drafts.keep(&editor, None);
        assert!(drafts.may_leave());
        assert_eq!(drafts.in_editor(), None);
    }
}
