//! Creating, duplicating, renaming, moving and deleting lists. All but the first two can be undone.

use super::Watchlists;
use crate::api::Failure;
use crate::state::undo_stack::Direction;
use crate::texts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use watchtape_shared::WatchlistId;
use watchtape_shared::text::ListName;

impl Watchlists {
    pub(crate) async fn create(self, name: ListName) -> Result<WatchlistId, Failure> {
        let list = self.api.create_watchlist(name).await?;
        let id = list.summary.id.clone();
        self.change(|lists| lists.push(list.summary));
        Ok(id)
    }

    /// Creates a copy of a list, and returns its id.
    pub(crate) async fn duplicate(self, id: &WatchlistId, name: ListName) -> Result<WatchlistId, Failure> {
        let file = self.api.export_as_json(id).await?;
        self.create_with(name, file).await
    }

    async fn create_with(self, name: ListName, file: String) -> Result<WatchlistId, Failure> {
        let id = self.create(name).await?;
        self.api.import_json(&id, file).await?;
        self.load();
        Ok(id)
    }

    /// Renames a list.
    pub(crate) async fn rename(self, id: WatchlistId, name: ListName, direction: Direction) -> Result<(), Failure> {
        let Some(was) = untrack(|| self.name(&id)).filter(|was| *was != name) else { return Ok(()) };
        self.api.rename_watchlist(&id, name.clone()).await?;
        self.update(&id, name.clone(), None);
        let done = texts::tabs::renamed(&was, &name);
        self.remember(direction, done, move |direction| {
            let (id, was) = (id.clone(), was.clone());
            spawn_local(async move {
                if let Err(failure) = self.rename(id, was, direction).await {
                    self.toasts.fail(texts::changes::not_undone(), &failure);
                }
            });
        });
        Ok(())
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
        let back = id.clone();
        self.toasts.announce(texts::changes::place(&name, &(to + 1), &of));
        let entry =
            self.undo.remember(direction, None, Arc::new(move |direction| self.move_to(&back, from, direction)));
        spawn_local(async move {
            if let Err(failure) = self.api.move_watchlist(&id, u32::try_from(to).unwrap_or(u32::MAX)).await {
                self.undo.forget(entry);
                self.toasts.fail(&texts::changes::not_moved(&name), &failure);
                self.load();
            }
        });
    }

    /// Deletes a list. Its content is kept in this tab for undo.
    pub(crate) async fn delete(self, id: WatchlistId, direction: Direction) -> Result<(), Failure> {
        let file = self.api.export_as_json(&id).await?;
        let held = untrack(|| self.find(&id));
        self.api.delete_watchlist(&id).await?;
        self.forget(&id);
        let Some(held) = held else { return Ok(()) };
        let done = texts::tabs::deleted(&held.name);
        self.remember(direction, done, move |direction| {
            self.restore(held.name.clone(), held.position, file.clone(), direction);
        });
        Ok(())
    }

    /// Creates a deleted list again with its name, position and content, under a new id.
    fn restore(self, name: ListName, position: u32, file: String, direction: Direction) {
        spawn_local(async move {
            match self.create_with(name.clone(), file).await {
                Ok(id) => {
                    // If this fails, the list stays at the end.
                    let _ = self.api.move_watchlist(&id, position).await;
                    self.load();
                    self.remember(direction, texts::tabs::deleted(&name), move |direction| {
                        let id = id.clone();
                        spawn_local(async move {
                            if let Err(failure) = self.delete(id, direction).await {
                                self.toasts.fail(texts::changes::not_undone(), &failure);
                            }
                        });
                    });
                }
                Err(failure) => self.toasts.fail(texts::changes::not_undone(), &failure),
            }
        });
    }

    fn remember(self, direction: Direction, done: String, run: impl Fn(Direction) + Send + Sync + 'static) {
        let entry = self.undo.remember(direction, None, Arc::new(run));
        self.toasts.show_change(self.undo, direction, entry, done, true);
    }
}
