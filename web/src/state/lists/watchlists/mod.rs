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
pub(crate) enum Listing {
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
    listing: RwSignal<Listing>,
    /// Counts requests: an answer to any but the last is dropped.
    asked: StoredValue<u32>,
}

impl Watchlists {
    pub(in crate::state) fn new(api: Api, toasts: Toasts, undo: UndoStack) -> Self {
        Self { api, toasts, undo, listing: RwSignal::default(), asked: StoredValue::new(0) }
    }

    pub(crate) fn listing(self) -> ReadSignal<Listing> {
        self.listing.read_only()
    }

    pub(crate) fn find(self, id: &WatchlistId) -> Option<WatchlistSummary> {
        self.listing.with(|listing| match listing {
            Listing::Ready(lists) => lists.iter().find(|list| list.id == *id).cloned(),
            _ => None,
        })
    }

    pub(crate) fn name(self, id: &WatchlistId) -> Option<ListName> {
        self.find(id).map(|list| list.name)
    }

    /// The list at a place, from 0.
    pub(crate) fn nth(self, at: usize) -> Option<WatchlistId> {
        self.listing.with_untracked(|listing| match listing {
            Listing::Ready(lists) => lists.get(at).map(|list| list.id.clone()),
            _ => None,
        })
    }

    /// A list's position, from 0.
    pub(crate) fn place_of(self, id: &WatchlistId) -> Option<usize> {
        self.listing.with_untracked(|listing| match listing {
            Listing::Ready(lists) => lists.iter().position(|list| list.id == *id),
            _ => None,
        })
    }

    /// Reads the lists, keeping those on screen until the answer is there.
    pub(crate) fn load(self) {
        self.asked.update_value(|asked| *asked += 1);
        let asked = self.asked.get_value();
        if matches!(self.listing.get_untracked(), Listing::Failed(_)) {
            self.listing.set(Listing::Loading);
        }
        spawn_local(async move {
            let answer = self.api.list_watchlists().await;
            if self.asked.get_value() != asked {
                return;
            }
            match answer {
                Ok(lists) => self.listing.set(Listing::Ready(lists)),
                // The lists on screen stay; they may be slightly out of date.
                Err(_) if matches!(self.listing.get_untracked(), Listing::Ready(_)) => {}
                Err(failure) => self.listing.set(Listing::Failed(failure)),
            }
        });
    }

    /// Updates a list's name and item count.
    pub(crate) fn note(self, id: &WatchlistId, name: ListName, item_count: Option<usize>) {
        self.change(|lists| {
            if let Some(list) = lists.iter_mut().find(|list| list.id == *id) {
                list.name = name;
                if let Some(count) = item_count {
                    list.item_count = u32::try_from(count).unwrap_or(u32::MAX);
                }
            }
        });
    }

    pub(crate) fn note_count(self, id: &WatchlistId, item_count: usize) {
        if let Some(name) = untrack(|| self.name(id)) {
            self.note(id, name, Some(item_count));
        }
    }

    pub(crate) fn forget(self, id: &WatchlistId) {
        self.change(|lists| lists.retain(|list| list.id != *id));
    }

    pub(in crate::state) fn clear(self) {
        self.asked.update_value(|asked| *asked += 1);
        self.listing.set(Listing::Loading);
    }

    fn change(self, change: impl FnOnce(&mut Vec<WatchlistSummary>)) {
        if !self.listing.with_untracked(|listing| matches!(listing, Listing::Ready(_))) {
            return;
        }
        // A request under way would bring the lists from before this change.
        self.asked.update_value(|asked| *asked += 1);
        self.listing.update(|listing| {
            if let Listing::Ready(lists) = listing {
                change(lists);
            }
        });
    }
}
