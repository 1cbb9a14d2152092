//! The lists of the account: their names and order, not what is on them.

use crate::api::{Api, Failure};
use crate::state::shell::toasts::Toasts;
use crate::state::undo_stack::{Direction, UndoStack};
use crate::texts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use watchtape_shared::WatchlistId;
use watchtape_shared::text::ListName;
use watchtape_shared::watchlist::WatchlistSummary;

/// Where the lists stand.
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
    /// Counts what was asked for, so that an answer to an earlier question is not taken for the last one's.
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

    /// Where a list stands among the others, from 0.
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
                // What is on screen may be a little old; an error in its place would be less.
                Err(_) if matches!(self.listing.get_untracked(), Listing::Ready(_)) => {}
                Err(failure) => self.listing.set(Listing::Failed(failure)),
            }
        });
    }

    pub(crate) async fn create(self, name: ListName) -> Result<WatchlistId, Failure> {
        let list = self.api.create_watchlist(name).await?;
        let id = list.summary.id.clone();
        self.change(|lists| lists.push(list.summary));
        Ok(id)
    }

    /// Makes a list with what another one holds, and gives it.
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

    /// Gives a list another name.
    pub(crate) async fn rename(self, id: WatchlistId, name: ListName, direction: Direction) -> Result<(), Failure> {
        let Some(was) = untrack(|| self.name(&id)).filter(|was| *was != name) else { return Ok(()) };
        self.api.rename_watchlist(&id, name.clone()).await?;
        self.note(&id, name.clone(), None);
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

    /// Puts a list at another place among the lists, and sends that behind.
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

    /// Deletes a list. What is on it is kept here for as long as that can be taken back.
    pub(crate) async fn delete(self, id: WatchlistId, direction: Direction) -> Result<(), Failure> {
        let file = self.api.export_as_json(&id).await?;
        let held = untrack(|| self.find(&id));
        self.api.delete_watchlist(&id).await?;
        self.forget(&id);
        let Some(held) = held else { return Ok(()) };
        let done = texts::tabs::deleted(&held.name);
        self.remember(direction, done, move |direction| {
            self.restore(held.name.clone(), held.position, file.clone(), direction)
        });
        Ok(())
    }

    /// Makes a deleted list again: its name, its place and what was on it. Its address is another one.
    fn restore(self, name: ListName, position: u32, file: String, direction: Direction) {
        spawn_local(async move {
            match self.create_with(name.clone(), file).await {
                Ok(id) => {
                    // It is back, if at the end, where this does not succeed.
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

    /// Takes over what the stream or a change said of one list.
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
        // What is under way was asked before this change and would undo it on screen.
        self.asked.update_value(|asked| *asked += 1);
        self.listing.update(|listing| {
            if let Listing::Ready(lists) = listing {
                change(lists);
            }
        });
    }
}
