//! The list that is open: what is on it, as the server last said and as changes under way will have it.
//!
//! What is shown is what the server last said, with the steps on top that it has not answered yet (`sending.rs`). So a
//! change is seen at once, what another device does meanwhile is seen with it, and a refusal takes back just that change.

pub(crate) mod annotations;
pub(crate) mod changes;
pub(crate) mod commit;
mod conflicts;
mod copy;
pub(crate) mod list_op;
mod moves;
mod pending_change;
mod requests;
pub(crate) mod sync;

use super::watchlists::Watchlists;
use crate::api::{Api, Failure};
use crate::state::prices::quotes::Quotes;
use crate::state::shell::toasts::Toasts;
use crate::state::undo_stack::UndoStack;
use crate::stream::connection::Connection;
use leptos::prelude::*;
use leptos::task::spawn_local;

use pending_change::PendingChange;
use std::collections::VecDeque;
use watchtape_shared::text::ListName;
use watchtape_shared::watchlist::WatchlistItem;
use watchtape_shared::{Symbol, WatchlistId};

/// Where the open list stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Phase {
    /// None is open, or its items are being read.
    Loading,
    Failed(Failure),
    /// There is no such list, or it is somebody else's.
    Missing,
    /// It was deleted while it was open.
    Deleted,
    Ready,
}

/// The open list as the server last said it is.
#[derive(Clone, Default)]
pub(in crate::state) struct ServerList {
    pub(in crate::state) version: u64,
    pub(in crate::state) items: Vec<WatchlistItem>,
}

/// The open list.
#[derive(Clone, Copy)]
pub(crate) struct OpenList {
    pub(in crate::state) api: Api,
    pub(in crate::state) lists: Watchlists,
    pub(in crate::state) quotes: Quotes,
    pub(in crate::state) connection: Connection,
    pub(in crate::state) toasts: Toasts,
    pub(in crate::state) id: RwSignal<Option<WatchlistId>>,
    phase: RwSignal<Phase>,
    items: RwSignal<Vec<WatchlistItem>>,
    pub(in crate::state) base: StoredValue<ServerList>,
    /// What is older than this has not all of this tab's own changes.
    floor: StoredValue<u64>,
    /// What the server has not answered yet, the oldest first.
    pub(in crate::state) queue: StoredValue<VecDeque<PendingChange>>,
    /// What a hand is trying out: seen, and not sent.
    preview: StoredValue<Vec<list_op::ListOp>>,
    pub(in crate::state) is_sending: StoredValue<bool>,
    /// How many changes are in the queue.
    unsent: RwSignal<usize>,
    pub(in crate::state) undo: UndoStack,
}

impl OpenList {
    pub(in crate::state) fn new(
        api: Api,
        lists: Watchlists,
        quotes: Quotes,
        connection: Connection,
        toasts: Toasts,
        undo: UndoStack,
    ) -> Self {
        Self {
            api,
            lists,
            quotes,
            connection,
            toasts,
            id: RwSignal::new(None),
            phase: RwSignal::new(Phase::Loading),
            items: RwSignal::default(),
            base: StoredValue::default(),
            floor: StoredValue::new(0),
            queue: StoredValue::default(),
            preview: StoredValue::default(),
            is_sending: StoredValue::new(false),
            unsent: RwSignal::new(0),
            undo,
        }
    }

    pub(crate) fn id(self) -> ReadSignal<Option<WatchlistId>> {
        self.id.read_only()
    }

    pub(crate) fn phase(self) -> ReadSignal<Phase> {
        self.phase.read_only()
    }

    pub(crate) fn items(self) -> ReadSignal<Vec<WatchlistItem>> {
        self.items.read_only()
    }

    pub(crate) fn contains(self, symbol: Symbol) -> bool {
        self.items.with(|items| items.iter().any(|item| item.symbol == symbol))
    }

    /// How many changes the server has not answered: leaving now would lose them.
    pub(crate) fn unsent(self) -> usize {
        self.unsent.get()
    }

    /// Opens a list, or reads the open one anew.
    pub(crate) fn open(self, id: WatchlistId) {
        if self.id.with_untracked(|held| held.as_ref() != Some(&id)) {
            self.close();
            self.id.set(Some(id.clone()));
        } else if !matches!(self.phase.get_untracked(), Phase::Ready) {
            self.phase.set(Phase::Loading);
        }
        spawn_local(async move {
            let answer = self.api.get_watchlist(&id).await;
            if !self.is_open(&id) {
                return;
            }
            match answer {
                Ok(mut list) => {
                    self.quotes.insert(list.items.iter_mut().filter_map(|item| item.quote.take()));
                    self.apply_server_list(&id, Some(list.summary.name), list.summary.version, list.items);
                }
                Err(failure) if failure.status() == Some(404) => {
                    self.lists.forget(&id);
                    self.phase.set(Phase::Missing);
                }
                Err(_) if self.phase.get_untracked() == Phase::Ready => {}
                Err(failure) => self.phase.set(Phase::Failed(failure)),
            }
        });
    }

    pub(crate) fn close(self) {
        self.id.set(None);
        self.items.update(Vec::clear);
        self.phase.set(Phase::Loading);
        self.base.set_value(ServerList::default());
        self.floor.set_value(0);
        self.preview.update_value(Vec::clear);
    }

    /// Forgets what was done and not sent: whoever did it is no longer here.
    pub(in crate::state) fn discard_changes(self) {
        self.queue.update_value(VecDeque::clear);
        self.note_unsent();
        self.undo.clear();
    }

    /// Takes over a whole list, unless something newer is known. A list without a name has been deleted.
    pub(crate) fn apply_server_list(
        self,
        id: &WatchlistId,
        name: Option<ListName>,
        version: u64,
        items: Vec<WatchlistItem>,
    ) {
        let Some(name) = name else {
            self.lists.forget(id);
            if self.is_open(id) {
                self.phase.set(Phase::Deleted);
            }
            return;
        };
        self.lists.note(id, name, Some(items.len()));
        if !self.is_open(id) || version < self.base.with_value(|base| base.version).max(self.floor.get_value()) {
            return;
        }
        self.quotes.retain(&items.iter().map(|item| item.symbol).collect::<Vec<Symbol>>());
        self.base.set_value(ServerList { version, items });
        if self.phase.get_untracked() != Phase::Ready {
            self.phase.set(Phase::Ready);
        }
        self.recompute();
    }

    /// Takes over what the server has done for this tab, and the version that the list has of it.
    pub(in crate::state) fn confirm(self, id: &WatchlistId, steps: &[list_op::ListOp], version: Option<u64>) {
        if !self.is_open(id) {
            return;
        }
        self.base.update_value(|base| {
            if version.is_some_and(|version| version <= base.version) {
                return;
            }
            list_op::apply_all(&mut base.items, steps);
            match version {
                Some(version) if version == base.version + 1 => base.version = version,
                // Something else happened in between, which the stream is about to tell.
                Some(version) => self.floor.set_value(version),
                None => {}
            }
        });
    }

    pub(in crate::state) fn is_open(self, id: &WatchlistId) -> bool {
        self.id.with_untracked(|held| held.as_ref() == Some(id))
    }

    /// Shows steps that are not to be sent yet, in the place of those before.
    pub(in crate::state) fn set_preview(self, steps: Vec<list_op::ListOp>) {
        self.preview.set_value(steps);
        self.recompute();
    }

    /// Shows what the server said with what is on its way to it.
    pub(in crate::state) fn recompute(self) {
        let Some(id) = self.id.get_untracked() else { return };
        let mut items = self.base.with_value(|base| base.items.clone());
        self.queue.with_value(|queue| {
            for pending in queue.iter().filter(|pending| pending.list == id) {
                list_op::apply_all(&mut items, &pending.steps);
            }
        });
        self.preview.with_value(|steps| list_op::apply_all(&mut items, steps));
        if self.items.with_untracked(|held| *held != items) {
            self.items.set(items);
            self.lists.note_count(&id, self.items.with_untracked(Vec::len));
        }
    }
}
