//! The open list: its items, and the changes of them that are under way.
//!
//! ```text
//!   changes, moves, copy ─▶ commit ─▶ queue ─▶ sync ─▶ requests ─▶ server
//!                             │                  └─▶ conflicts, where another device was faster
//!                             ▼
//!                           merge (server's items + operations not answered) ─▶ items on screen
//! ```

pub(crate) mod annotations;
pub(crate) mod changes;
pub(crate) mod commit;
mod conflict_toasts;
mod copy;
pub(crate) mod list_op;
mod merge;
mod moves;
mod pending_change;
pub(crate) mod phase;
mod requests;
pub(crate) mod sync;
mod version_conflict;

use super::watchlists::Watchlists;
use crate::api::Api;
use crate::state::prices::quotes::Quotes;
use crate::state::shell::toasts::Toasts;
use crate::state::undo_stack::UndoStack;
use crate::stream::connection::Connection;
use leptos::prelude::*;
use leptos::task::spawn_local;

use merge::ServerList;
use pending_change::PendingChange;
use phase::Phase;
use std::collections::VecDeque;
use watchtape_shared::watchlist::WatchlistItem;
use watchtape_shared::{Symbol, WatchlistId};

/// The open list.
#[derive(Clone, Copy)]
pub(crate) struct OpenList {
    pub(in crate::state) api: Api,
    lists: Watchlists,
    quotes: Quotes,
    connection: Connection,
    toasts: Toasts,
    id: RwSignal<Option<WatchlistId>>,
    phase: RwSignal<Phase>,
    items: RwSignal<Vec<WatchlistItem>>,
    server: StoredValue<ServerList>,
    /// A version older than this lacks some of this tab's own changes.
    min_version: StoredValue<u64>,
    /// The changes that the server has not answered, oldest first.
    queue: StoredValue<VecDeque<PendingChange>>,
    /// Operations that are shown while rows are dragged, and not sent.
    preview: StoredValue<Vec<list_op::ListOp>>,
    is_sending: StoredValue<bool>,
    /// How many changes are in the queue.
    unsent: RwSignal<usize>,
    undo: UndoStack,
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
            server: StoredValue::default(),
            min_version: StoredValue::new(0),
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

    /// Opens a list, or reads the open one again.
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
        self.server.set_value(ServerList::default());
        self.min_version.set_value(0);
        self.preview.update_value(Vec::clear);
    }

    /// Discards changes that were not sent: whoever made them has signed out, or somebody else has signed in.
    pub(in crate::state) fn discard_changes(self) {
        self.queue.update_value(VecDeque::clear);
        self.note_unsent();
    }

    /// Sends the changes that have waited for whoever made them.
    pub(in crate::state) fn resume(self) {
        self.send();
    }

    fn is_open(self, id: &WatchlistId) -> bool {
        self.id.with_untracked(|held| held.as_ref() == Some(id))
    }
}
