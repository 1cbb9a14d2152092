//! Which lists of the account contain one security.
//!
//! The lists are read one after another, beginning with the one that the page was opened from: an account has at most
//! 50, and most have three.

mod edits;

use super::watchlists::Listing;
use crate::state::State;
use leptos::prelude::*;
use leptos::task::spawn_local;
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
    pub(crate) hold: Membership,
    /// Whether a change is under way.
    pub(crate) busy: bool,
}

/// The account's lists, and which of them contain the security.
#[derive(Clone, Copy)]
pub(crate) struct ListsContaining {
    state: State,
    symbol: Symbol,
    /// The list that the page was opened from.
    home: StoredValue<Option<WatchlistId>>,
    held: RwSignal<Vec<ListMembership>>,
}

impl ListsContaining {
    /// Starts reading the lists.
    pub(crate) fn open(state: State, symbol: Symbol) -> Self {
        let home = state.open_list.id().get_untracked().or_else(|| state.preferences.last_list());
        let lists_containing = Self { state, symbol, home: StoredValue::new(home), held: RwSignal::default() };
        let looking = StoredValue::new(false);
        crate::view::reactive::effect(move || {
            let ids = state.lists.listing().with(|listing| match listing {
                Listing::Ready(lists) => lists.iter().map(|list| list.id.clone()).collect(),
                _ => Vec::new(),
            });
            let known =
                lists_containing.held.with_untracked(|held| held.iter().map(|one| one.id.clone()).collect::<Vec<_>>());
            if ids != known {
                lists_containing.take(ids);
                if looking.try_update_value(|looking| std::mem::replace(looking, true)) == Some(false) {
                    spawn_local(async move {
                        lists_containing.look().await;
                        looking.try_set_value(false);
                    });
                }
            }
        });
        lists_containing
    }

    /// The lists in the account's order.
    pub(crate) fn ids(self) -> Vec<String> {
        self.held.with(|held| held.iter().map(|one| one.id.to_string()).collect())
    }

    pub(crate) fn find(self, id: &WatchlistId) -> Option<ListMembership> {
        self.held.with(|held| held.iter().find(|one| one.id == *id).cloned())
    }

    /// The item on the list that the page was opened from, or else on the first list that contains the security.
    pub(crate) fn item(self) -> Option<(WatchlistId, WatchlistItem)> {
        let home = self.home.get_value();
        self.held.with(|held| {
            let items = held.iter().filter_map(|one| match &one.hold {
                Membership::OnList(item) => Some((one.id.clone(), (**item).clone())),
                _ => None,
            });
            let mut items = items.collect::<Vec<_>>();
            let at = items.iter().position(|(id, _)| Some(id) == home.as_ref()).unwrap_or(0);
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

    fn set(self, id: &WatchlistId, hold: Option<Membership>, busy: bool) {
        // The page may have been left while the answer was on its way.
        self.held.try_update(|held| {
            if let Some(one) = held.iter_mut().find(|one| one.id == *id) {
                one.busy = busy;
                one.hold = hold.unwrap_or_else(|| one.hold.clone());
            }
        });
    }

    /// Takes over the lists that exist.
    fn take(self, ids: Vec<WatchlistId>) {
        self.held.update(|held| {
            let of = |id: WatchlistId| {
                let known = held.iter().find(|one| one.id == id).cloned();
                known.unwrap_or(ListMembership { id, hold: Membership::Unknown, busy: false })
            };
            *held = ids.into_iter().map(of).collect();
        });
    }

    /// Reads every list that was not read yet; stops when the page is left.
    async fn look(self) {
        let mut failed = Vec::new();
        while let Some(Some(id)) = self.held.try_with_untracked(|held| {
            let mut unknown = held.iter().filter(|one| one.hold == Membership::Unknown && !failed.contains(&one.id));
            let home = self.home.get_value();
            unknown
                .clone()
                .find(|one| Some(&one.id) == home.as_ref())
                .or_else(|| unknown.next())
                .map(|one| one.id.clone())
        }) {
            match self.state.api.get_watchlist_items(&id).await {
                Ok(items) => {
                    let item = items.into_iter().find(|item| item.symbol == self.symbol);
                    self.set(
                        &id,
                        Some(item.map_or(Membership::NotOnList, |item| Membership::OnList(Box::new(item)))),
                        false,
                    );
                }
                Err(_) => failed.push(id),
            }
        }
    }
}
