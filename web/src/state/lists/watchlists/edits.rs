//! Creating, duplicating, renaming, moving and deleting lists. All but the first two can be undone, and what could not be undone
//! can be tried again.

use super::Watchlists;
use crate::api::{Failure, IdempotencyKey};
use crate::state::undo_stack::{Direction, Inverse};
use crate::texts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use watchtape_shared::WatchlistId;
use watchtape_shared::text::ListName;

impl Watchlists {
    /// Creates a list; once for a key.
    pub(crate) async fn create(self, name: ListName, key: &IdempotencyKey) -> Result<WatchlistId, Failure> {
        let made = self.changing(self.api.create_watchlist(name, key), |_| None).await?;
        let id = made.summary.id.clone();
        self.change(|lists| {
            // The stream may have told it already.
            if lists.iter().all(|list| list.id != made.summary.id) {
                lists.push(made.summary.into());
            }
        });
        Ok(id)
    }

    /// Creates a copy of a list, once for a key, and returns its id.
    pub(crate) async fn duplicate(
        self,
        id: &WatchlistId,
        name: ListName,
        key: &IdempotencyKey,
    ) -> Result<WatchlistId, Failure> {
        let file = self.api.export_as_json(id).await?;
        self.create_with(name, file, key).await
    }

    async fn create_with(self, name: ListName, file: String, key: &IdempotencyKey) -> Result<WatchlistId, Failure> {
        let id = self.create(name, key).await?;
        self.api.import_json(&id, file).await?;
        self.load();
        Ok(id)
    }

    /// Renames a list.
    pub(crate) async fn rename(self, id: WatchlistId, name: ListName, direction: Direction) -> Result<(), Failure> {
        let Some(was) = untrack(|| self.name(&id)).filter(|was| *was != name) else { return Ok(()) };
        let request = self.api.rename_watchlist(&id, name.clone());
        self.changing(request, |answer| Some((id.clone(), answer.as_ref().ok().copied().flatten()?))).await?;
        self.update(&id, name.clone(), None);
        let done = texts::tabs::renamed(&was, &name);
        self.remember(direction, done, self.renaming(id, was));
        Ok(())
    }

    fn renaming(self, id: WatchlistId, name: ListName) -> Inverse {
        Arc::new(move |direction| {
            let (id, name) = (id.clone(), name.clone());
            spawn_local(async move {
                if let Err(failure) = self.rename(id.clone(), name.clone(), direction).await {
                    self.put_back(direction, &failure, self.renaming(id, name));
                }
            });
        })
    }

    /// Moves a list among the others; the request is sent in the background.
    pub(crate) fn move_to(self, id: &WatchlistId, place: usize, direction: Direction) {
        let mut moved = None;
        self.change(|lists| {
            let Some(from) = lists.iter().position(|list| list.id == *id) else { return };
            let to = place.min(lists.len() - 1);
            if to != from {
                let list = lists.remove(from);
                moved = Some((from, to, lists.len() + 1, list.name.clone()));
                lists.insert(to, list);
            }
        });
        let Some((from, to, of, name)) = moved else { return };
        let id = id.clone();
        self.toasts.announce(texts::changes::place(&name, &(to + 1), &of));
        let entry = self.undo.remember(direction, None, self.moving(id.clone(), from));
        spawn_local(async move {
            let request = self.api.move_watchlist(&id, u32::try_from(to).unwrap_or(u32::MAX));
            let made =
                |answer: &Result<Option<u64>, Failure>| Some((id.clone(), answer.as_ref().ok().copied().flatten()?));
            if let Err(failure) = self.changing(request, made).await {
                self.undo.forget(entry);
                match direction {
                    Direction::Do => self.toasts.fail(&texts::changes::not_moved(&name), &failure),
                    _ => self.put_back(direction, &failure, self.moving(id, place)),
                }
                self.load();
            }
        });
    }

    fn moving(self, id: WatchlistId, place: usize) -> Inverse {
        Arc::new(move |direction| self.move_to(&id, place, direction))
    }

    /// Deletes a list. Its content is kept in this tab for undo.
    pub(crate) async fn delete(self, id: WatchlistId, direction: Direction) -> Result<(), Failure> {
        let file = self.api.export_as_json(&id).await?;
        let (name, place) = (untrack(|| self.name(&id)), self.place_of(&id));
        self.changing(self.api.delete_watchlist(&id), |_| None).await?;
        self.forget(&id);
        let Some((name, place)) = name.zip(place) else { return Ok(()) };
        let done = texts::tabs::deleted(&name);
        self.remember(direction, done, self.restoring(DeletedList { name, place, file, key: IdempotencyKey::new() }));
        Ok(())
    }

    fn deleting(self, id: WatchlistId) -> Inverse {
        Arc::new(move |direction| {
            let id = id.clone();
            spawn_local(async move {
                if let Err(failure) = self.delete(id.clone(), direction).await {
                    self.put_back(direction, &failure, self.deleting(id));
                }
            });
        })
    }

    /// Creates a deleted list again with its name, position and content, under a new id.
    fn restoring(self, deleted: DeletedList) -> Inverse {
        let deleted = Arc::new(deleted);
        Arc::new(move |direction| {
            let deleted = Arc::clone(&deleted);
            spawn_local(async move {
                let DeletedList { name, place, file, key } = (*deleted).clone();
                match self.create_with(name.clone(), file.clone(), &key).await {
                    Ok(id) => {
                        // If this fails, the list stays at the end.
                        let _ = self.api.move_watchlist(&id, u32::try_from(place).unwrap_or(u32::MAX)).await;
                        self.load();
                        self.remember(direction, texts::tabs::deleted(&name), self.deleting(id));
                    }
                    Err(failure) => {
                        // What an earlier try has made, and somebody has deleted since, is made anew.
                        let key = if failure.status() == Some(404) { IdempotencyKey::new() } else { key };
                        self.put_back(direction, &failure, self.restoring(DeletedList { name, place, file, key }));
                    }
                }
            });
        })
    }

    fn remember(self, direction: Direction, done: String, run: Inverse) {
        let entry = self.undo.remember(direction, None, run);
        self.toasts.show_change(self.undo, direction, entry, done, true);
    }

    /// An undo or redo has failed: it can be tried again, by the toast or by key.
    fn put_back(self, direction: Direction, failure: &Failure, run: Inverse) {
        let entry = self.undo.put_back(direction, None, run);
        self.toasts.fail_to_undo(self.undo, texts::changes::not_undone(), failure, entry);
    }
}

/// What is kept of a deleted list.
#[derive(Clone)]
struct DeletedList {
    name: ListName,
    /// Its position among the others, from 0.
    place: usize,
    /// Its items, as JSON.
    file: String,
    /// With which it is made again: once, however often that is tried.
    key: IdempotencyKey,
}
