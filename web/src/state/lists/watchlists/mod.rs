//! The account's lists: their names and order. Their items are in `open_list`.

mod edits;

use crate::api::{Api, Failure};
use crate::state::shell::toasts::Toasts;
use crate::state::undo_stack::UndoStack;
use leptos::prelude::*;
use leptos::task::spawn_local;
use watchtape_shared::WatchlistId;
use watchtape_shared::text::ListName;
use watchtape_shared::watchlist::WatchlistSummary;

/// The lists, or why they are not there.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum ListsState {
    #[default]
    Loading,
    Failed(Failure),
    Ready(Vec<WatchlistSummary>),
}

/// The account's lists, in its order.
#[derive(Clone, Copy)]
pub(crate) struct Watchlists {
    api: Api,
    toasts: Toasts,
    undo: UndoStack,
    state: RwSignal<ListsState>,
    /// Counts requests: an answer to any but the last is dropped.
    asked: StoredValue<u32>,
}

impl Watchlists {
    pub(in crate::state) fn new(api: Api, toasts: Toasts, undo: UndoStack) -> Self {
        Self { api, toasts, undo, state: RwSignal::default(), asked: StoredValue::new(0) }
    }

    pub(crate) fn state(self) -> ReadSignal<ListsState> {
        self.state.read_only()
    }

    pub(crate) fn find(self, id: &WatchlistId) -> Option<WatchlistSummary> {
        self.state.with(|lists| match lists {
            ListsState::Ready(lists) => lists.iter().find(|list| list.id == *id).cloned(),
            _ => None,
        })
    }

    pub(crate) fn name(self, id: &WatchlistId) -> Option<ListName> {
        self.find(id).map(|list| list.name)
    }

    /// The list at a place, from 0.
    pub(crate) fn nth(self, at: usize) -> Option<WatchlistId> {
        self.state.with_untracked(|lists| match lists {
            ListsState::Ready(lists) => lists.get(at).map(|list| list.id.clone()),
            _ => None,
        })
    }

    /// A list's position, from 0.
    pub(crate) fn place_of(self, id: &WatchlistId) -> Option<usize> {
        self.state.with_untracked(|lists| match lists {
            ListsState::Ready(lists) => lists.iter().position(|list| list.id == *id),
            _ => None,
        })
    }

    /// Reads the lists, keeping those on screen until the answer is there.
    pub(crate) fn load(self) {
        self.asked.update_value(|asked| *asked += 1);
        let asked = self.asked.get_value();
        if matches!(self.state.get_untracked(), ListsState::Failed(_)) {
            self.state.set(ListsState::Loading);
        }
        spawn_local(async move {
            let answer = self.api.list_watchlists().await;
            if self.asked.get_value() != asked {
                return;
            }
            match answer {
                Ok(lists) => self.state.set(ListsState::Ready(lists)),
                // The lists on screen stay; they may be slightly out of date.
                Err(_) if matches!(self.state.get_untracked(), ListsState::Ready(_)) => {}
                Err(failure) => self.state.set(ListsState::Failed(failure)),
            }
        });
    }

    /// Updates a list's name and item count.
    pub(crate) fn update(self, id: &WatchlistId, name: ListName, item_count: Option<usize>) {
        self.change(|lists| {
            if let Some(list) = lists.iter_mut().find(|list| list.id == *id) {
                list.name = name;
                if let Some(count) = item_count {
                    list.item_count = u32::try_from(count).unwrap_or(u32::MAX);
                }
            }
        });
    }

    pub(crate) fn set_item_count(self, id: &WatchlistId, item_count: usize) {
        if let Some(name) = untrack(|| self.name(id)) {
            self.update(id, name, Some(item_count));
        }
    }

    pub(crate) fn forget(self, id: &WatchlistId) {
        self.change(|lists| lists.retain(|list| list.id != *id));
    }

    pub(in crate::state) fn clear(self) {
        self.asked.update_value(|asked| *asked += 1);
        self.state.set(ListsState::Loading);
    }

    fn change(self, change: impl FnOnce(&mut Vec<WatchlistSummary>)) {
        if !self.state.with_untracked(|lists| matches!(lists, ListsState::Ready(_))) {
            return;
        }
        // A request under way would bring the lists from before this change.
        self.asked.update_value(|asked| *asked += 1);
        self.state.update(|lists| {
            if let ListsState::Ready(lists) = lists {
                change(lists);
            }
        });
    }
}
