//! The search for a security: what is typed, what was found, and which result Enter would choose.

use super::list::List;
use super::toasts::Toasts;
use crate::api::{Api, Failure};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;
use watchtape_shared::Symbol;
use watchtape_shared::ticker::TickerMatch;

const DEBOUNCE: Duration = Duration::from_millis(120);
const LIMIT: u32 = 10;

/// What the text found.
#[derive(Clone, Default)]
pub(crate) enum Found {
    /// Nothing typed, or no answer to what is typed yet.
    #[default]
    Nothing,
    Tickers(Vec<TickerMatch>),
    Failed(Failure),
}

/// The search.
#[derive(Clone, Copy)]
pub(crate) struct Search {
    api: Api,
    list: List,
    toasts: Toasts,
    query: RwSignal<String>,
    found: RwSignal<Found>,
    open: RwSignal<bool>,
    active: RwSignal<usize>,
    /// A symbol that was chosen and is on the list already: to be shown there.
    pointed_at: RwSignal<Option<Symbol>>,
    /// Counts the questions: an answer to any but the last is dropped.
    asked: StoredValue<u32>,
    answered: StoredValue<u32>,
    /// Enter was pressed before the answer was there: it is meant for the first result, if that is the very symbol
    /// that was typed. What nobody has seen yet is not chosen otherwise.
    hasty: StoredValue<bool>,
}

impl Search {
    pub(super) fn new(api: Api, list: List, toasts: Toasts) -> Self {
        Self {
            api,
            list,
            toasts,
            query: RwSignal::default(),
            found: RwSignal::default(),
            open: RwSignal::new(false),
            active: RwSignal::new(0),
            pointed_at: RwSignal::new(None),
            asked: StoredValue::new(0),
            answered: StoredValue::new(0),
            hasty: StoredValue::new(false),
        }
    }

    pub(crate) fn query(self) -> ReadSignal<String> {
        self.query.read_only()
    }

    pub(crate) fn found(self) -> ReadSignal<Found> {
        self.found.read_only()
    }

    /// Whether the results are to be seen.
    pub(crate) fn is_open(self) -> bool {
        self.open.get()
    }

    /// Which result is marked.
    pub(crate) fn active(self) -> usize {
        self.active.get()
    }

    pub(crate) fn pointed_at(self) -> ReadSignal<Option<Symbol>> {
        self.pointed_at.read_only()
    }

    /// Takes another text and asks for it once typing rests.
    pub(crate) fn type_text(self, text: String) {
        let is_blank = text.trim().is_empty();
        self.query.set(text);
        self.hasty.set_value(false);
        self.asked.update_value(|asked| *asked += 1);
        let question = self.asked.get_value();
        if is_blank {
            self.answered.set_value(question);
            self.found.set(Found::Nothing);
            self.open.set(false);
        } else {
            set_timeout(move || self.ask(question), DEBOUNCE);
        }
    }

    /// Moves the mark, round at the ends; opens the results where they are closed.
    pub(crate) fn step(self, by: isize) {
        let count = self.found.with_untracked(|found| match found {
            Found::Tickers(tickers) => tickers.len(),
            _ => 0,
        });
        if count > 0 && self.open.get_untracked() {
            self.active.update(|at| *at = (*at + count).saturating_add_signed(by) % count);
        } else {
            self.reopen();
        }
    }

    /// Chooses the marked result, or the typed symbol as soon as it is found.
    pub(crate) fn enter(self) {
        if self.asked.get_value() != self.answered.get_value() {
            self.hasty.set_value(true);
        } else if self.open.get_untracked() {
            self.choose_at(self.active.get_untracked());
        }
    }

    /// Puts a symbol on the open list, or points at it where it is there already.
    pub(crate) fn choose(self, symbol: Symbol) {
        self.clear();
        if self.list.id().with_untracked(Option::is_none) {
            self.toasts.tell("Make a list first, then add to it.");
        } else if untrack(|| self.list.holds(symbol)) {
            self.pointed_at.set(Some(symbol));
        } else {
            self.list.add(symbol);
        }
    }

    /// Shows the results of what is typed once more.
    pub(crate) fn reopen(self) {
        self.open.set(self.found.with_untracked(|found| !matches!(found, Found::Nothing)));
    }

    pub(crate) fn close(self) {
        self.open.set(false);
    }

    /// Closes the results, or takes back the text where they are closed.
    pub(crate) fn escape(self) {
        if self.open.get_untracked() { self.close() } else { self.clear() }
    }

    pub(crate) fn clear(self) {
        self.pointed_at.set(None);
        self.type_text(String::new());
    }

    fn ask(self, question: u32) {
        if self.asked.get_value() != question {
            return;
        }
        let text = self.query.get_untracked();
        spawn_local(async move {
            let answer = self.api.search_tickers(text.trim(), LIMIT).await;
            if self.asked.get_value() != question {
                return;
            }
            self.answered.set_value(question);
            self.active.set(0);
            self.found.set(answer.map_or_else(Found::Failed, Found::Tickers));
            self.open.set(true);
            if self.hasty.get_value() && self.first_is(text.trim()) {
                self.choose_at(0);
            }
        });
    }

    fn first_is(self, text: &str) -> bool {
        self.found.with_untracked(|found| match found {
            Found::Tickers(tickers) => {
                tickers.first().is_some_and(|found| found.ticker.symbol.as_str().eq_ignore_ascii_case(text))
            }
            _ => false,
        })
    }

    fn choose_at(self, at: usize) {
        let symbol = self.found.with_untracked(|found| match found {
            Found::Tickers(tickers) => tickers.get(at).map(|found| found.ticker.symbol),
            _ => None,
        });
        if let Some(symbol) = symbol {
            self.choose(symbol);
        }
    }
}
