//! Which alerts the page shows: those of one state, or the history; of all symbols, or of those that begin so.

use crate::state::State;
use crate::state::alerts::AlertsState;
use crate::texts::alerts as t;
use crate::view::reactive::memo;
use leptos::prelude::*;
use watchtape_shared::alert::{Alert, AlertEvent, AlertState};
use watchtape_shared::{AlertEventId, AlertId, Symbol};

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    State(AlertState),
    History,
}

impl View {
    pub(super) const ALL: [Self; 5] = [
        Self::State(AlertState::Active),
        Self::State(AlertState::Triggered),
        Self::State(AlertState::Paused),
        Self::State(AlertState::Expired),
        Self::History,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::State(AlertState::Active) => t::view_active(),
            Self::State(AlertState::Triggered) => t::view_triggered(),
            Self::State(AlertState::Paused) => t::view_paused(),
            Self::State(AlertState::Expired) => t::view_expired(),
            Self::History => t::view_history(),
        }
    }
}

/// The choice, and the alerts that are selected in it.
#[derive(Clone, Copy)]
pub(super) struct Filter {
    state: State,
    view: RwSignal<View>,
    query: RwSignal<String>,
    selected: RwSignal<Vec<AlertId>>,
    shown: Memo<Vec<Alert>>,
    /// The triggers that were new when the page was opened, which stay marked on it.
    new: StoredValue<Vec<AlertEventId>>,
}

impl Filter {
    pub(super) fn new(state: State) -> Self {
        // Whoever comes for what has triggered sees it first.
        let unread = untrack(|| state.alerts.unread());
        let begins = if unread > 0 { View::History } else { View::ALL[0] };
        let new = state
            .alerts
            .history()
            .with_untracked(|history| history.events.iter().take(unread).map(|event| event.id.clone()).collect());
        let (view, query) = (RwSignal::new(begins), RwSignal::new(String::new()));
        let shown = memo(move |_| {
            let View::State(wanted) = view.get() else { return Vec::new() };
            state.alerts.state().with(|alerts| match alerts {
                AlertsState::Ready(alerts) => query.with(|query| {
                    let is_shown = |alert: &&Alert| alert.state == wanted && is_match(alert.symbol, query);
                    alerts.iter().filter(is_shown).cloned().collect()
                }),
                _ => Vec::new(),
            })
        });
        Self { state, view, query, selected: RwSignal::default(), shown, new: StoredValue::new(new) }
    }

    pub(super) fn view(self) -> View {
        self.view.get()
    }

    pub(super) fn show(self, view: View) {
        self.selected.update(Vec::clear);
        self.view.set(view);
    }

    pub(super) fn query(self) -> String {
        self.query.get()
    }

    pub(super) fn set_query(self, query: String) {
        self.selected.update(Vec::clear);
        self.query.set(query);
    }

    /// What a view is called, and how many are in it.
    pub(super) fn label(self, view: View) -> String {
        let View::State(wanted) = view else { return view.name().to_owned() };
        let count = self.state.alerts.state().with(|alerts| match alerts {
            AlertsState::Ready(alerts) => alerts.iter().filter(|alert| alert.state == wanted).count(),
            _ => 0,
        });
        if count == 0 { view.name().to_owned() } else { t::counted(&view.name(), &count) }
    }

    /// The alerts of the view.
    pub(super) fn shown(self) -> Memo<Vec<Alert>> {
        self.shown
    }

    /// Those of the history.
    pub(super) fn events(self) -> Vec<AlertEvent> {
        self.state.alerts.history().with(|history| {
            self.query
                .with(|query| history.events.iter().filter(|event| is_match(event.symbol, query)).cloned().collect())
        })
    }

    /// Whether a trigger was new when the page was opened.
    pub(super) fn is_new(self, event: &AlertEvent) -> bool {
        self.new.with_value(|new| new.contains(&event.id))
    }

    /// Why nothing is shown.
    pub(super) fn nothing(self) -> String {
        let query = self.query.get();
        match (query.trim(), self.view.get()) {
            ("", View::History) => t::no_history().to_owned(),
            ("", View::State(_)) => t::none_here().to_owned(),
            (query, _) => t::none_found(&query),
        }
    }

    pub(super) fn is_selected(self, id: &AlertId) -> bool {
        self.selected.with(|selected| selected.contains(id))
    }

    pub(super) fn toggle(self, id: &AlertId) {
        self.selected.update(|selected| {
            let count = selected.len();
            selected.retain(|held| held != id);
            if selected.len() == count {
                selected.push(id.clone());
            }
        });
    }

    pub(super) fn select_all(self, all: bool) {
        let ids = self.shown.with_untracked(|shown| shown.iter().map(|alert| alert.id.clone()).collect());
        self.selected.set(if all { ids } else { Vec::new() });
    }

    /// Those that are selected and shown: others may have gone meanwhile.
    pub(super) fn selected(self) -> Vec<AlertId> {
        self.selected.with(|selected| {
            self.shown.with(|shown| {
                shown.iter().filter(|alert| selected.contains(&alert.id)).map(|alert| alert.id.clone()).collect()
            })
        })
    }
}

fn is_match(symbol: Symbol, query: &str) -> bool {
    let query = query.trim();
    symbol.as_str().get(..query.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(query))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_symbol_is_found_by_how_it_begins() {
        let symbol = Symbol::parse("BRK.B").expect("a symbol");
        for query in ["", " ", "b", "BRK", "brk.b "] {
            assert!(is_match(symbol, query), "{query:?}");
        }
        for query in ["RK", "BRK.BX", "ü"] {
            assert!(!is_match(symbol, query), "{query:?}");
        }
    }
}
