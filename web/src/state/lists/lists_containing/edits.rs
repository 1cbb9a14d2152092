//! Adding the security to a list, removing it, and editing its note and flag there.

use super::{ListMembership, ListsContaining, Membership};
use crate::api::{Failure, IdempotencyKey};
use crate::state::undo_stack::{Direction, Inverse};
use crate::texts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;
use watchtape_shared::text::Note;
use watchtape_shared::watchlist::{AddItem, Flag, ItemPatch, WatchlistItem};
use watchtape_shared::{Patch, WatchlistId};

/// How long to wait for a server that is away, if the stream does not say earlier that it is back, and how often.
const ABSENCE_WAIT: Duration = Duration::from_secs(2);
const MAX_WAITS: u32 = 60;

impl ListsContaining {
    /// Adds the security to a list, or removes it and offers to undo that.
    pub(crate) fn toggle(self, id: WatchlistId) {
        let Some(ListMembership { membership, busy: false, .. }) = untrack(|| self.find(&id)) else { return };
        match membership {
            Membership::Unknown => {}
            Membership::NotOnList => {
                self.add(id, AddItem::at_end(self.symbol), None);
            }
            Membership::OnList(item) => self.remove(id, *item),
        }
    }

    /// Saves a note and a flag. Returns whether that succeeded.
    pub(crate) async fn annotate(self, id: WatchlistId, note: Option<Note>, flag: Option<Flag>) -> bool {
        let patch = ItemPatch { note: Patch::from(note), flag: Patch::from(flag), ..ItemPatch::default() };
        self.set(&id, None, true);
        let answer = self.held_back(async || self.state.api.update_item(&id, self.symbol, &patch).await).await;
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

    /// Adds the security to a list; `undoes` is what does so again, where it undoes or redoes.
    fn add(self, id: WatchlistId, request: AddItem, undoes: Option<(Direction, Inverse)>) {
        self.set(&id, None, true);
        spawn_local(async move {
            let (key, told) = (IdempotencyKey::new(), Cell::new(0));
            let adding = async || {
                told.set(self.state.lists.times_told());
                self.state.api.add_item(&id, &request, &key).await
            };
            match self.held_back(adding).await {
                Ok((item, _)) => {
                    self.finish(&id, Some(item), told.get());
                    let name = untrack(|| self.name(&id));
                    self.state.toasts.announce(texts::security::added(&self.symbol, &name));
                }
                Err(failure) => {
                    self.set(&id, None, false);
                    let attempt = texts::security::not_added(&self.symbol);
                    let Some((direction, run)) = undoes else { return self.state.toasts.fail(&attempt, &failure) };
                    let entry = self.state.undo_stack.put_back(direction, Some(id), run);
                    self.state.toasts.fail_to_undo(self.state.undo_stack, &attempt, &failure, entry);
                }
            }
        });
    }

    fn remove(self, id: WatchlistId, item: WatchlistItem) {
        self.set(&id, None, true);
        spawn_local(async move {
            let told = Cell::new(0);
            let removing = async || {
                told.set(self.state.lists.times_told());
                self.state.api.remove_item(&id, self.symbol).await
            };
            match self.held_back(removing).await {
                // Already removed by another device.
                Err(failure) if failure.status() != Some(404) => {
                    self.set(&id, None, false);
                    self.state.toasts.fail(&texts::security::not_removed(&self.symbol), &failure);
                }
                _ => {
                    self.finish(&id, None, told.get());
                    let text = texts::security::removed(&self.symbol, &untrack(|| self.name(&id)));
                    let list = Some(id.clone());
                    let entry = self.state.undo_stack.remember(Direction::Do, list, self.adding(id, item));
                    self.state.toasts.show_change(self.state.undo_stack, Direction::Do, entry, text, true);
                }
            }
        });
    }

    fn adding(self, id: WatchlistId, item: WatchlistItem) -> Inverse {
        Arc::new(move |direction| {
            let again = self.adding(id.clone(), item.clone());
            self.add(id.clone(), add_request(&item), Some((direction, again)));
        })
    }

    /// Makes a call once the server can be reached, and again while it is away.
    async fn held_back<T>(self, call: impl AsyncFn() -> Result<T, Failure>) -> Result<T, Failure> {
        let connection = self.state.connection;
        for _ in 0..MAX_WAITS {
            connection.reachable().await;
            match call().await {
                Err(failure) if failure.is_absence() => connection.restored_within(ABSENCE_WAIT).await,
                answer => return answer,
            }
        }
        call().await
    }

    fn finish(self, id: &WatchlistId, item: Option<WatchlistItem>, told_before: u32) {
        self.state.lists.count_item(id, if item.is_some() { 1 } else { -1 }, told_before);
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
