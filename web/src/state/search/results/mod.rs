//! The results of the palette, which are loaded with its list: which there are, which keys move among them, and what
//! is done with one that is chosen. How they are found is in `finder_answers.rs`.

pub(crate) mod matches;

use super::actions::Action;
use super::recent_securities;
use crate::api::Failure;
use crate::state::State;
use crate::view::focus;
use crate::view::reactive::effect;
use crate::{route, texts};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use matches::FEW;
use watchtape_shared::ticker::{Ticker, TickerMatch};
use watchtape_shared::watchlist::{AddItem, WatchlistSummary};
use watchtape_shared::{Symbol, WatchlistId};

/// One result.
#[derive(Clone)]
pub(crate) enum Entry {
    Ticker(TickerMatch),
    List(WatchlistSummary),
    Action(Action),
}

/// Results of one kind under a heading.
#[derive(Clone)]
pub(crate) struct Section {
    pub(crate) heading: &'static str,
    pub(crate) entries: Vec<Entry>,
}

/// What is done with a security that is chosen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SearchAction {
    /// Put on the open list.
    Add,
    /// Its page is opened.
    Open,
    /// A list is chosen to put it on.
    ChooseList,
}

/// The results of the palette.
#[derive(Clone, Copy)]
pub(crate) struct SearchResults {
    pub(in crate::state) state: State,
    pub(in crate::state) sections: RwSignal<Vec<Section>>,
    pub(in crate::state) failure: RwSignal<Option<Failure>>,
    /// The security that a list is being chosen for, and what was typed before.
    pub(in crate::state) moving: RwSignal<Option<(Ticker, String)>>,
    pub(in crate::state) largest: StoredValue<Vec<TickerMatch>>,
    /// Counts the questions: an answer to any but the last is dropped.
    pub(in crate::state) asked: StoredValue<u32>,
    pub(in crate::state) answered: StoredValue<u32>,
}

impl SearchResults {
    pub(crate) fn new(state: State) -> Self {
        Self {
            state,
            sections: RwSignal::default(),
            failure: RwSignal::new(None),
            moving: RwSignal::new(None),
            largest: StoredValue::default(),
            asked: StoredValue::new(0),
            answered: StoredValue::new(0),
        }
    }

    pub(crate) fn sections(self) -> ReadSignal<Vec<Section>> {
        self.sections.read_only()
    }

    pub(crate) fn failure(self) -> ReadSignal<Option<Failure>> {
        self.failure.read_only()
    }

    /// The security that a list is being chosen for.
    pub(crate) fn moving(self) -> Option<Symbol> {
        self.moving.with(|moving| moving.as_ref().map(|(ticker, _)| ticker.symbol))
    }

    /// Follows what is typed, and takes the keys.
    pub(crate) fn follow(self) {
        let search = self.state.palette;
        search.set_key_handler(move |event| self.press(event));
        on_cleanup(move || search.clear_key_handler());
        effect(move || {
            let (is_open, text) = (search.is_open(), search.query().get());
            if !is_open {
                self.moving.set(None);
                return;
            }
            self.asked.update_value(|asked| *asked += 1);
            let question = self.asked.get_value();
            untrack(|| self.look(question, text.trim()));
        });
    }

    /// Chooses a result.
    pub(crate) fn choose(self, at: usize, action: SearchAction) {
        let Some(entry) = self.entry(at) else { return };
        self.state.palette.active.set(at);
        match entry {
            Entry::Ticker(found) => self.choose_ticker(found.ticker, action),
            Entry::List(list) => self.choose_list(&list.id),
            Entry::Action(action) => {
                self.state.palette.close();
                action.run(self.state);
            }
        }
    }

    /// What the marked result is, where it is a security.
    pub(crate) fn marked_ticker(self) -> Option<Symbol> {
        let at = self.state.palette.active();
        self.sections.track();
        match untrack(|| self.entry(at))? {
            Entry::Ticker(found) => Some(found.ticker.symbol),
            _ => None,
        }
    }

    /// Goes back to what was found before a list was to be chosen.
    pub(crate) fn back(self) {
        if let Some((_, text)) = self.moving.try_update(Option::take).flatten() {
            self.state.palette.type_text(text);
        }
    }

    fn press(self, event: &KeyboardEvent) {
        let chord = event.ctrl_key() || event.meta_key();
        let is_ticker = untrack(|| self.marked_ticker()).is_some();
        match event.key().as_str() {
            "ArrowDown" => self.step(1),
            "ArrowUp" => self.step(-1),
            "Home" if chord => self.state.palette.active.set(0),
            "End" if chord => self.state.palette.active.set(self.count().saturating_sub(1)),
            "PageDown" => self.leap(FEW),
            "PageUp" => self.state.palette.active.update(|at| *at = at.saturating_sub(FEW)),
            "Enter" if chord && is_ticker => self.enter(SearchAction::Open),
            "Enter" => self.enter(SearchAction::Add),
            "Tab" if is_ticker && !event.shift_key() => self.enter(SearchAction::ChooseList),
            "Escape" | "Backspace" if self.is_leaving(&event.key()) => self.back(),
            _ => return,
        }
        event.prevent_default();
    }

    /// Whether the key leads back from the choice of a list rather than out of the palette.
    fn is_leaving(self, key: &str) -> bool {
        let is_blank = self.state.palette.query().with_untracked(String::is_empty);
        untrack(|| self.moving()).is_some() && (key == "Escape" || is_blank)
    }

    fn step(self, by: isize) {
        let count = self.count();
        if count > 0 {
            self.state.palette.active.update(|at| *at = (*at + count).saturating_add_signed(by) % count);
        }
    }

    fn leap(self, by: usize) {
        let last = self.count().saturating_sub(1);
        self.state.palette.active.update(|at| *at = (*at + by).min(last));
    }

    fn enter(self, action: SearchAction) {
        if self.asked.get_value() == self.answered.get_value() {
            self.choose(self.state.palette.active.get_untracked(), action);
        } else if action == SearchAction::Add {
            self.state.palette.note_enter();
        }
    }

    fn choose_ticker(self, ticker: Ticker, action: SearchAction) {
        let (state, symbol) = (self.state, ticker.symbol);
        if let Some(user) = untrack(|| state.session.user_id()) {
            recent_securities::remember(&user, &ticker);
        }
        match (action, state.open_list.id().get_untracked()) {
            (SearchAction::Open, _) => {
                state.palette.close();
                state.location.go(&route::security(symbol));
            }
            (SearchAction::Add, Some(_)) if untrack(|| state.open_list.contains(symbol)) => {
                state.palette.reveal(symbol)
            }
            (SearchAction::Add, Some(_)) => {
                state.open_list.add(symbol);
                // The next one is typed over it.
                focus::select_typed();
            }
            (SearchAction::ChooseList, _) | (SearchAction::Add, None) => {
                let text = state.palette.query().get_untracked();
                self.moving.set(Some((ticker, text)));
                state.palette.type_text(String::new());
            }
        }
    }

    fn choose_list(self, id: &WatchlistId) {
        let Some((ticker, _)) = self.moving.get_untracked() else {
            self.state.palette.close();
            return self.state.location.go(&route::list(id));
        };
        self.add_to(id.clone(), ticker.symbol);
        self.back();
    }

    fn add_to(self, id: WatchlistId, symbol: Symbol) {
        let state = self.state;
        if state.open_list.id().with_untracked(|open| open.as_ref() == Some(&id)) {
            return state.open_list.add(symbol);
        }
        let Some(list) = untrack(|| state.lists.find(&id)) else { return };
        let item = AddItem { symbol, note: None, flag: None, section: None, position: None };
        spawn_local(async move {
            match state.api.add_item(&id, &item).await {
                Ok(_) => {
                    state.lists.note_count(&id, list.item_count as usize + 1);
                    state.toasts.show(texts::palette::added_to(&symbol, &list.name));
                }
                Err(failure) => state.toasts.fail(&texts::palette::not_added_to(&symbol, &list.name), &failure),
            }
        });
    }

    pub(in crate::state) fn entry(self, at: usize) -> Option<Entry> {
        self.sections.with_untracked(|sections| sections.iter().flat_map(|section| &section.entries).nth(at).cloned())
    }

    fn count(self) -> usize {
        self.state.palette.count.get_untracked()
    }
}
