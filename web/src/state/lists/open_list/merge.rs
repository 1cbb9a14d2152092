//! The items on screen: those that the server last sent, with the operations on top that it has not answered. So a
//! change shows at once, what other devices do meanwhile shows with it, and a refusal takes back that change alone.

use super::phase::Phase;
use super::{OpenList, list_op};
use leptos::prelude::*;
use watchtape_shared::list_change::ListChange;
use watchtape_shared::text::ListName;
use watchtape_shared::watchlist::WatchlistItem;
use watchtape_shared::{Symbol, WatchlistId};

/// The open list as the server last sent it.
#[derive(Clone, Default)]
pub(super) struct ServerList {
    pub(super) version: u64,
    pub(super) items: Vec<WatchlistItem>,
}

impl OpenList {
    /// Takes over a whole list, unless a newer version is known. A list without a name has been deleted.
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
        self.lists.update(id, name, Some(items.len()));
        if !self.is_open(id)
            || version < self.server.with_value(|server| server.version).max(self.min_version.get_value())
        {
            return;
        }
        self.quotes.retain(&items.iter().map(|item| item.symbol).collect::<Vec<Symbol>>());
        self.server.set_value(ServerList { version, items });
        if self.phase.get_untracked() != Phase::Ready {
            self.phase.set(Phase::Ready);
        }
        self.recompute();
    }

    /// Takes over what changed between two versions. Where this tab holds neither, the list is read again.
    pub(crate) fn apply_server_changes(
        self,
        id: &WatchlistId,
        version: u64,
        from_version: u64,
        changes: Vec<ListChange>,
    ) {
        let held = self.server.with_value(|server| server.version);
        let Some(mut name) = untrack(|| self.lists.name(id)).filter(|_| self.is_open(id)) else { return };
        let continues = from_version == held && self.min_version.get_value() <= held;
        // Of a change of its own, which the answer has confirmed, this tab holds what it asked for: these are the server's items.
        let repeats = version == held && from_version + 1 == version;
        if !continues && !repeats {
            if version > held {
                self.open(id.clone());
            }
            return;
        }
        let mut server = self.server.get_value();
        let fits = ListChange::apply_all(changes, &mut name, &mut server.items);
        if continues && !fits {
            return self.open(id.clone());
        }
        self.apply_server_list(id, Some(name), version, server.items);
    }

    /// Takes over operations that the server has carried out, and the version that the list has now.
    pub(super) fn confirm(self, id: &WatchlistId, ops: &[list_op::ListOp], version: Option<u64>) {
        if !self.is_open(id) {
            return;
        }
        self.server.update_value(|server| {
            if version.is_some_and(|version| version <= server.version) {
                return;
            }
            list_op::apply_all(&mut server.items, ops);
            match version {
                Some(version) if version == server.version + 1 => server.version = version,
                // Another change came in between; the stream will send the list.
                Some(version) => self.min_version.set_value(version),
                None => {}
            }
        });
    }

    /// Shows operations without sending them, in the place of those before.
    pub(super) fn set_preview(self, ops: Vec<list_op::ListOp>) {
        self.preview.set_value(ops);
        self.recompute();
    }

    /// Computes the items on screen.
    pub(super) fn recompute(self) {
        let Some(id) = self.id.get_untracked() else { return };
        let mut items = self.server.with_value(|server| server.items.clone());
        self.queue.with_value(|queue| {
            for pending in queue.iter().filter(|pending| pending.list == id) {
                list_op::apply_all(&mut items, &pending.ops);
            }
        });
        self.preview.with_value(|ops| list_op::apply_all(&mut items, ops));
        if self.items.with_untracked(|held| *held != items) {
            self.items.set(items);
            self.lists.set_item_count(&id, self.items.with_untracked(Vec::len));
        }
    }
}
