//! Which lists of the account hold one security.
//!
//! The lists are read one after another, that which it was opened from first: an account has fifty at most, and most
//! have three.

use super::watchlists::Listing;
use crate::state::State;
use crate::state::undo_stack::{Direction, Opposite};
use crate::texts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use watchtape_shared::text::{ListName, Note};
use watchtape_shared::watchlist::{AddItem, Flag, ItemPatch, WatchlistItem};
use watchtape_shared::{Patch, Symbol, WatchlistId};

/// What is known of one list.
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
    /// Whether a change of it is under way.
    pub(crate) busy: bool,
}

/// The lists, and which of them hold the security.
#[derive(Clone, Copy)]
pub(crate) struct ListsContaining {
    state: State,
    symbol: Symbol,
    /// The list that the page was opened from.
    home: StoredValue<Option<WatchlistId>>,
    held: RwSignal<Vec<ListMembership>>,
}

impl ListsContaining {
    /// Begins to look.
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

    /// The list that the page was opened from, or else the first that holds the security, and the item on it.
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

    /// Says what was done.
    pub(crate) fn show_toast(self, text: &str) {
        self.state.toasts.show(text);
    }

    /// Puts the security on a list, or takes it from it and offers to put it back.
    pub(crate) fn toggle(self, id: WatchlistId) {
        let Some(ListMembership { hold, busy: false, .. }) = untrack(|| self.find(&id)) else { return };
        match hold {
            Membership::Unknown => {}
            Membership::NotOnList => {
                self.add(id, AddItem { symbol: self.symbol, note: None, flag: None, section: None, position: None });
            }
            Membership::OnList(item) => self.remove(id, *item),
        }
    }

    /// Keeps a note and a flag. Says whether they were kept.
    pub(crate) async fn note(self, id: WatchlistId, note: Option<Note>, flag: Option<Flag>) -> bool {
        let patch = ItemPatch { note: wished(note), flag: wished(flag), ..ItemPatch::default() };
        self.set(&id, None, true);
        self.state.connection.reachable().await;
        let answer = self.state.api.update_item(&id, self.symbol, &patch).await;
        let kept = answer.is_ok();
        match answer {
            Ok(item) => self.set(&id, Some(Membership::OnList(Box::new(item))), false),
            Err(failure) => {
                self.set(&id, None, false);
                self.state.toasts.fail(texts::security::not_kept(), &failure);
            }
        }
        kept
    }

    fn add(self, id: WatchlistId, wish: AddItem) {
        self.set(&id, None, true);
        spawn_local(async move {
            self.state.connection.reachable().await;
            match self.state.api.add_item(&id, &wish).await {
                Ok((item, _)) => {
                    self.settle(&id, Some(item));
                    let name = untrack(|| self.name(&id));
                    self.state.toasts.announce(texts::security::added(&self.symbol, &name));
                }
                Err(failure) => {
                    self.set(&id, None, false);
                    self.state.toasts.fail(&texts::security::not_added(&self.symbol), &failure);
                }
            }
        });
    }

    fn remove(self, id: WatchlistId, item: WatchlistItem) {
        self.set(&id, None, true);
        spawn_local(async move {
            self.state.connection.reachable().await;
            match self.state.api.remove_item(&id, self.symbol).await {
                // Somebody was faster: what was wished is so.
                Err(failure) if failure.status() != Some(404) => {
                    self.set(&id, None, false);
                    self.state.toasts.fail(&texts::security::not_removed(&self.symbol), &failure);
                }
                _ => {
                    self.settle(&id, None);
                    let told = texts::security::removed(&self.symbol, &untrack(|| self.name(&id)));
                    let list = Some(id.clone());
                    let back: Opposite = Arc::new(move |_| self.add(id.clone(), wish_of(&item)));
                    let entry = self.state.undo_stack.remember(Direction::Do, list, back);
                    self.state.toasts.show_change(self.state.undo_stack, Direction::Do, entry, told, true);
                }
            }
        });
    }

    fn settle(self, id: &WatchlistId, item: Option<WatchlistItem>) {
        let step = if item.is_some() { 1 } else { -1 };
        if let Some(list) = untrack(|| self.state.lists.find(id)) {
            self.state.lists.note_count(id, (list.item_count as usize).saturating_add_signed(step));
        }
        self.set(id, Some(item.map_or(Membership::NotOnList, |item| Membership::OnList(Box::new(item)))), false);
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

    /// Follows which lists there are.
    fn take(self, ids: Vec<WatchlistId>) {
        self.held.update(|held| {
            let of = |id: WatchlistId| {
                let known = held.iter().find(|one| one.id == id).cloned();
                known.unwrap_or(ListMembership { id, hold: Membership::Unknown, busy: false })
            };
            *held = ids.into_iter().map(of).collect();
        });
    }

    /// Reads every list that is not known yet; stops when the page is left.
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

fn wished<T>(value: Option<T>) -> Patch<T> {
    value.map_or(Patch::Null, Patch::Value)
}

fn wish_of(item: &WatchlistItem) -> AddItem {
    AddItem {
        symbol: item.symbol,
        note: item.note.clone(),
        flag: item.flag,
        section: item.section.clone(),
        position: Some(item.position),
    }
}
