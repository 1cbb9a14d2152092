//! The account's lists: their names and order. Their items are in `open_list`.
//!
//! They are read once by a call, and then told by the stream whenever any of them changes (`server_set`).

mod edits;
mod server_set;

use crate::api::{Api, Failure};
use crate::state::shell::toasts::Toasts;
use crate::state::undo_stack::UndoStack;
use leptos::prelude::*;
use leptos::task::spawn_local;
use server_set::OwnChanges;
use watchtape_shared::WatchlistId;
use watchtape_shared::stream::WatchlistEntry;
use watchtape_shared::text::ListName;

/// The lists, or why they are not there.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum ListsState {
    #[default]
    Loading,
    Failed(Failure),
    Ready(Vec<WatchlistEntry>),
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
    /// Counts changes of the lists: an answer that was asked for before one may be from before it, and is asked for again.
    changed: StoredValue<u32>,
    own: StoredValue<OwnChanges>,
}

impl Watchlists {
    pub(in crate::state) fn new(api: Api, toasts: Toasts, undo: UndoStack) -> Self {
        Self {
            api,
            toasts,
            undo,
            state: RwSignal::default(),
            asked: StoredValue::new(0),
            changed: StoredValue::new(0),
            own: StoredValue::default(),
        }
    }

    pub(crate) fn state(self) -> ReadSignal<ListsState> {
        self.state.read_only()
    }

    pub(crate) fn find(self, id: &WatchlistId) -> Option<WatchlistEntry> {
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
            let answer = loop {
                let changed = self.changed.get_value();
                let answer = self.api.list_watchlists().await;
                if self.asked.get_value() != asked {
                    return;
                }
                if self.changed.get_value() == changed {
                    break answer;
                }
            };
            match answer {
                Ok(lists) => {
                    self.state.set(ListsState::Ready(lists.into_iter().map(WatchlistEntry::from).collect()));
                }
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
                    list.count = u32::try_from(count).unwrap_or(u32::MAX);
                }
            }
        });
    }

    pub(crate) fn set_item_count(self, id: &WatchlistId, item_count: usize) {
        if let Some(name) = untrack(|| self.name(id)) {
            self.update(id, name, Some(item_count));
        }
    }

    /// Counts an item that was added to a list or removed from it, unless the stream has told of the lists since: then that is
    /// counted, or is told next.
    pub(crate) fn count_item(self, id: &WatchlistId, by: isize, told_before: u32) {
        if self.times_told() == told_before
            && let Some(list) = untrack(|| self.find(id))
        {
            self.set_item_count(id, (list.count as usize).saturating_add_signed(by));
        }
    }

    /// Drops a list that is deleted.
    pub(crate) fn forget(self, id: &WatchlistId) {
        self.own.update_value(|own| own.note_deleted(id));
        self.change(|lists| lists.retain(|list| list.id != *id));
    }

    pub(in crate::state) fn forget_all(self) {
        self.asked.update_value(|asked| *asked += 1);
        self.state.set(ListsState::Loading);
        self.own.set_value(OwnChanges::default());
    }

    fn change(self, change: impl FnOnce(&mut Vec<WatchlistEntry>)) {
        let Some(before) = self.state.with_untracked(|lists| match lists {
            ListsState::Ready(lists) => Some(lists.clone()),
            _ => None,
        }) else {
            return;
        };
        let mut lists = before.clone();
        change(&mut lists);
        if lists != before {
            self.changed.update_value(|changed| *changed += 1);
            self.state.set(ListsState::Ready(lists));
        }
    }
}
