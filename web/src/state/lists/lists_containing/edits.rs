//! Adding the security to a list, removing it, and editing its note and flag there.

use super::{ListMembership, ListsContaining, Membership};
use crate::state::undo_stack::{Direction, Inverse};
use crate::texts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use watchtape_shared::text::Note;
use watchtape_shared::watchlist::{AddItem, Flag, ItemPatch, WatchlistItem};
use watchtape_shared::{Patch, WatchlistId};

impl ListsContaining {
    /// Adds the security to a list, or removes it and offers to undo that.
    pub(crate) fn toggle(self, id: WatchlistId) {
        let Some(ListMembership { membership, busy: false, .. }) = untrack(|| self.find(&id)) else { return };
        match membership {
            Membership::Unknown => {}
            Membership::NotOnList => {
                self.add(id, AddItem::at_end(self.symbol));
            }
            Membership::OnList(item) => self.remove(id, *item),
        }
    }

    /// Saves a note and a flag. Returns whether that succeeded.
    pub(crate) async fn annotate(self, id: WatchlistId, note: Option<Note>, flag: Option<Flag>) -> bool {
        let patch = ItemPatch { note: Patch::from(note), flag: Patch::from(flag), ..ItemPatch::default() };
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

    fn add(self, id: WatchlistId, request: AddItem) {
        self.set(&id, None, true);
        spawn_local(async move {
            self.state.connection.reachable().await;
            match self.state.api.add_item(&id, &request).await {
                Ok((item, _)) => {
                    self.finish(&id, Some(item));
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
                // Already removed by another device.
                Err(failure) if failure.status() != Some(404) => {
                    self.set(&id, None, false);
                    self.state.toasts.fail(&texts::security::not_removed(&self.symbol), &failure);
                }
                _ => {
                    self.finish(&id, None);
                    let text = texts::security::removed(&self.symbol, &untrack(|| self.name(&id)));
                    let list = Some(id.clone());
                    let inverse: Inverse = Arc::new(move |_| self.add(id.clone(), add_request(&item)));
                    let entry = self.state.undo_stack.remember(Direction::Do, list, inverse);
                    self.state.toasts.show_change(self.state.undo_stack, Direction::Do, entry, text, true);
                }
            }
        });
    }

    fn finish(self, id: &WatchlistId, item: Option<WatchlistItem>) {
        let step = if item.is_some() { 1 } else { -1 };
        if let Some(list) = untrack(|| self.state.lists.find(id)) {
            self.state.lists.set_item_count(id, (list.item_count as usize).saturating_add_signed(step));
        }
        self.set(id, Some(item.map_or(Membership::NotOnList, |item| Membership::OnList(Box::new(item)))), false);
    }
}

fn add_request(item: &WatchlistItem) -> AddItem {
    AddItem {
        note: item.note.clone(),
        flag: item.flag,
        section: item.section.clone(),
        position: Some(item.position),
        ..AddItem::at_end(item.symbol)
    }
}
