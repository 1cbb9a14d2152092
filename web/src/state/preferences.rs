//! How the person at this browser likes to see things; remembered here and not on the server.

use super::storage;
use leptos::prelude::*;
use watchtape_shared::WatchlistId;

const CHANGE_KEY: &str = "watchtape.change";
const LIST_KEY: &str = "watchtape.list";

/// How a change since the previous close is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChangeStyle {
    Percent,
    Amount,
}

/// The preferences of this browser.
#[derive(Clone, Copy)]
pub(crate) struct Preferences {
    change: RwSignal<ChangeStyle>,
}

impl Preferences {
    pub(super) fn load() -> Self {
        let change = match storage::read(CHANGE_KEY).as_deref() {
            Some("amount") => ChangeStyle::Amount,
            _ => ChangeStyle::Percent,
        };
        Self { change: RwSignal::new(change) }
    }

    pub(crate) fn change(self) -> ChangeStyle {
        self.change.get()
    }

    pub(crate) fn toggle_change(self) {
        let (next, name) = match self.change.get_untracked() {
            ChangeStyle::Percent => (ChangeStyle::Amount, "amount"),
            ChangeStyle::Amount => (ChangeStyle::Percent, "percent"),
        };
        self.change.set(next);
        storage::write(CHANGE_KEY, name);
    }

    /// The list that was open last in this browser.
    pub(crate) fn last_list(self) -> Option<WatchlistId> {
        WatchlistId::parse(&storage::read(LIST_KEY)?).ok()
    }

    pub(crate) fn remember_list(self, id: &WatchlistId) {
        storage::write(LIST_KEY, id.as_str());
    }
}
