//! The results of the command palette: what was found (`matches.rs`), the keys that move among them (`keys.rs`), and
//! what choosing one does (`choose.rs`).

mod choose;
mod keys;
mod matches;

use super::actions::Action;
use super::alert_query::AlertQuery;
use crate::api::Failure;
use crate::state::State;
use crate::view::reactive::effect;
use leptos::prelude::*;
use watchtape_shared::Symbol;
use watchtape_shared::stream::WatchlistEntry;
use watchtape_shared::ticker::{Ticker, TickerMatch};

/// One result.
#[derive(Clone)]
pub(crate) enum SearchResult {
    Ticker(TickerMatch),
    /// An alert that was typed.
    Alert(AlertQuery),
    List(WatchlistEntry),
    Action(Action),
}

/// Results of one kind under a heading.
#[derive(Clone)]
pub(crate) struct Section {
    pub(crate) heading: &'static str,
    pub(crate) entries: Vec<SearchResult>,
}

/// What choosing a security does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SearchAction {
    /// Adds it to the open list.
    Add,
    /// Opens its page.
    Open,
    /// Asks for the list to add it to.
    ChooseList,
}

/// The results of the palette.
#[derive(Clone, Copy)]
pub(crate) struct SearchResults {
    pub(in crate::state) state: State,
    pub(in crate::state) sections: RwSignal<Vec<Section>>,
    pub(in crate::state) failure: RwSignal<Option<Failure>>,
    /// The security that a list is chosen for, and the text typed before.
    pub(in crate::state) choosing_list_for: RwSignal<Option<(Ticker, String)>>,
    pub(in crate::state) largest: StoredValue<Vec<TickerMatch>>,
    /// Counts requests: an answer to any but the last is dropped.
    pub(in crate::state) last_request: StoredValue<u32>,
    pub(in crate::state) last_answered: StoredValue<u32>,
}

impl SearchResults {
    pub(crate) fn new(state: State) -> Self {
        Self {
            state,
            sections: RwSignal::default(),
            failure: RwSignal::new(None),
            choosing_list_for: RwSignal::new(None),
            largest: StoredValue::default(),
            last_request: StoredValue::new(0),
            last_answered: StoredValue::new(0),
        }
    }

    pub(crate) fn sections(self) -> ReadSignal<Vec<Section>> {
        self.sections.read_only()
    }

    pub(crate) fn failure(self) -> ReadSignal<Option<Failure>> {
        self.failure.read_only()
    }

    /// The security that a list is chosen for.
    pub(crate) fn choosing_list_for(self) -> Option<Symbol> {
        self.choosing_list_for.with(|choosing_list_for| choosing_list_for.as_ref().map(|(ticker, _)| ticker.symbol))
    }

    /// Follows the typed text, and handles the palette's keys.
    pub(crate) fn follow(self) {
        let search = self.state.palette;
        search.set_key_handler(move |event| self.press(event));
        on_cleanup(move || search.clear_key_handler());
        effect(move || {
            let (is_open, text) = (search.is_open(), search.query().get());
            if !is_open {
                self.choosing_list_for.set(None);
                return;
            }
            self.last_request.update_value(|last_request| *last_request += 1);
            let request = self.last_request.get_value();
            untrack(|| self.find(request, text.trim()));
        });
    }

    /// The symbol of the marked result, if it is a security.
    pub(crate) fn marked_ticker(self) -> Option<Symbol> {
        let at = self.state.palette.active();
        self.sections.track();
        match untrack(|| self.entry(at))? {
            SearchResult::Ticker(found) => Some(found.ticker.symbol),
            _ => None,
        }
    }

    /// Goes back from the choice of a list to the results.
    pub(crate) fn back(self) {
        if let Some((_, text)) = self.choosing_list_for.try_update(Option::take).flatten() {
            self.state.palette.type_text(text);
        }
    }

    pub(in crate::state) fn entry(self, at: usize) -> Option<SearchResult> {
        self.sections.with_untracked(|sections| sections.iter().flat_map(|section| &section.entries).nth(at).cloned())
    }

    fn count(self) -> usize {
        self.state.palette.count.get_untracked()
    }
}
