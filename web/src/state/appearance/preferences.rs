//! What the person at this browser prefers; stored in its local storage and not on the server.

use super::choices::{ChangeStyle, Density, Motion, Numbers, Palette, SingleKeys, TabStatus, Theme};
use super::number_format;
use super::stored_choice::Preference;
use crate::format::separators;
use crate::state::local_storage;
use leptos::prelude::*;
use watchtape_shared::WatchlistId;

const LIST_KEY: &str = "watchtape.list";

/// The preferences of this browser.
#[derive(Clone, Copy)]
pub(crate) struct Preferences {
    pub(crate) change: Preference<ChangeStyle>,
    pub(crate) theme: Preference<Theme>,
    pub(crate) density: Preference<Density>,
    pub(crate) palette: Preference<Palette>,
    pub(crate) motion: Preference<Motion>,
    pub(crate) tab_status: Preference<TabStatus>,
    pub(crate) numbers: Preference<Numbers>,
    pub(crate) keys: Preference<SingleKeys>,
}

impl Preferences {
    pub(in crate::state) fn load() -> Self {
        let preferences = Self {
            change: Preference::load(),
            theme: Preference::load(),
            density: Preference::load(),
            palette: Preference::load(),
            motion: Preference::load(),
            tab_status: Preference::load(),
            numbers: Preference::load(),
            keys: Preference::load(),
        };
        preferences.apply_numbers();
        preferences
    }

    /// Writes numbers with the chosen separators from now on.
    pub(crate) fn apply_numbers(self) {
        separators::choose(number_format::separators_of(untrack(|| self.numbers.get())));
    }

    /// The list that was last open in this browser.
    pub(crate) fn last_list(self) -> Option<WatchlistId> {
        WatchlistId::parse(&local_storage::read(LIST_KEY)?).ok()
    }

    pub(crate) fn remember_list(self, id: &WatchlistId) {
        local_storage::write(LIST_KEY, id.as_str());
    }
}
