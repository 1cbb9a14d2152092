//! Which lists of the account contain one security: one request when the page opens, and one whenever a list was added.

mod edits;

use super::watchlists::ListsState;
use crate::state::State;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::HashMap;
use watchtape_shared::text::ListName;
use watchtape_shared::watchlist::WatchlistItem;
use watchtape_shared::{Symbol, WatchlistId};

/// Whether the security is on one list.
#[derive(Clone, PartialEq)]
pub(crate) enum Membership {
    Unknown,
    NotOnList,
    OnList(Box<WatchlistItem>),
}

/// One list.
#[derive(Clone)]
pub(crate) struct ListMembership {
    pub(crate) id: WatchlistId,
    pub(crate) membership: Membership,
    /// Whether a change is under way.
    pub(crate) busy: bool,
}

/// The account's lists, and which of them contain the security.
#[derive(Clone, Copy)]
pub(crate) struct ListsContaining {
    state: State,
    symbol: Symbol,
    /// The list that the page was opened from.
    opened_from: StoredValue<Option<WatchlistId>>,
    lists: RwSignal<Vec<ListMembership>>,
}

impl ListsContaining {
    /// Starts asking for the lists.
    pub(crate) fn open(state: State, symbol: Symbol) -> Self {
        let opened_from = state.open_list.id().get_untracked().or_else(|| state.preferences.last_list());
        let lists_containing =
            Self { state, symbol, opened_from: StoredValue::new(opened_from), lists: RwSignal::default() };
        let is_reading = StoredValue::new(false);
        crate::view::reactive::effect(move || {
            let ids = state.lists.state().with(|lists| match lists {
                ListsState::Ready(lists) => lists.iter().map(|list| list.id.clone()).collect(),
                _ => Vec::new(),
            });
            let known = lists_containing
                .lists
                .with_untracked(|lists| lists.iter().map(|entry| entry.id.clone()).collect::<Vec<_>>());
            if ids != known {
                lists_containing.set_ids(ids);
                if is_reading.try_update_value(|is_reading| std::mem::replace(is_reading, true)) == Some(false) {
                    spawn_local(async move {
                        // Again where a list was added while the answer was on its way.
                        loop {
                            let asked = lists_containing.unknown();
                            if asked.is_empty() || !lists_containing.read(&asked).await {
                                break;
                            }
                        }
                        is_reading.try_set_value(false);
                    });
                }
            }
        });
        lists_containing
    }

    /// The lists in the account's order.
    pub(crate) fn ids(self) -> Vec<String> {
        self.lists.with(|lists| lists.iter().map(|entry| entry.id.to_string()).collect())
    }

    pub(crate) fn find(self, id: &WatchlistId) -> Option<ListMembership> {
        self.lists.with(|lists| lists.iter().find(|entry| entry.id == *id).cloned())
    }

    /// The item on the list that the page was opened from, or else on the first list that contains the security.
    pub(crate) fn item(self) -> Option<(WatchlistId, WatchlistItem)> {
        let opened_from = self.opened_from.get_value();
        self.lists.with(|lists| {
            let items = lists.iter().filter_map(|entry| match &entry.membership {
                Membership::OnList(item) => Some((entry.id.clone(), (**item).clone())),
                _ => None,
            });
            let mut items = items.collect::<Vec<_>>();
            let at = items.iter().position(|(id, _)| Some(id) == opened_from.as_ref()).unwrap_or(0);
            (at < items.len()).then(|| items.swap_remove(at))
        })
    }

    pub(crate) fn name(self, id: &WatchlistId) -> String {
        self.state.lists.name(id).map_or_else(String::new, |name: ListName| name.to_string())
    }

    /// Shows a toast about what was done.
    pub(crate) fn show_toast(self, text: &str) {
        self.state.toasts.show(text);
    }

    fn set(self, id: &WatchlistId, membership: Option<Membership>, busy: bool) {
        // The page may have been left while the answer was on its way.
        self.lists.try_update(|lists| {
            if let Some(entry) = lists.iter_mut().find(|entry| entry.id == *id) {
                entry.busy = busy;
                entry.membership = membership.unwrap_or_else(|| entry.membership.clone());
            }
        });
    }

    /// Takes over the lists that exist.
    fn set_ids(self, ids: Vec<WatchlistId>) {
        self.lists.update(|lists| {
            let of = |id: WatchlistId| {
                let known = lists.iter().find(|entry| entry.id == id).cloned();
                known.unwrap_or(ListMembership { id, membership: Membership::Unknown, busy: false })
            };
            *lists = ids.into_iter().map(of).collect();
        });
    }

    /// The lists to ask about. What is being changed just now has its own answer.
    fn unknown(self) -> Vec<WatchlistId> {
        let is_unknown = |entry: &&ListMembership| entry.membership == Membership::Unknown && !entry.busy;
        let unknown =
            |lists: &Vec<ListMembership>| lists.iter().filter(is_unknown).map(|entry| entry.id.clone()).collect();
        // The page may have been left while the answer was on its way.
        self.lists.try_with_untracked(unknown).unwrap_or_default()
    }

    /// Asks which of these lists contain the security; the answer says nothing of lists that were added after it was
    /// asked for, or changed since. Returns whether there was an answer; without one the lists stay unknown.
    async fn read(self, asked: &[WatchlistId]) -> bool {
        let Ok(containing) = self.state.api.list_watchlists_of_ticker(self.symbol).await else { return false };
        let mut items: HashMap<WatchlistId, WatchlistItem> =
            containing.into_iter().map(|list| (list.summary.id, list.item)).collect();
        self.lists.try_update(|lists| {
            for entry in lists.iter_mut().filter(|entry| asked.contains(&entry.id) && !entry.busy) {
                if entry.membership == Membership::Unknown {
                    let item = items.remove(&entry.id);
                    entry.membership = item.map_or(Membership::NotOnList, |item| Membership::OnList(Box::new(item)));
                }
            }
        });
        true
    }
}
