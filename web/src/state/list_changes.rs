//! Changes of the open list: adding, removing with a way back, and moving.

use super::list::List;
use super::order;
use crate::api::Failure;
use leptos::prelude::*;
use leptos::task::spawn_local;
use watchtape_shared::watchlist::{AddItem, ItemPatch, WatchlistItem};
use watchtape_shared::{Symbol, WatchlistId};

impl List {
    /// Puts a symbol at the end of the open list.
    pub(crate) fn add(self, symbol: Symbol) {
        let Some(id) = self.id.get_untracked() else { return };
        let wish = AddItem { symbol, note: None, flag: None, section: None, position: None };
        self.send_item(id, wish, format!("{symbol} was added."), format!("{symbol} was not added."));
    }

    /// Takes a symbol from the open list and offers to put it back.
    pub(crate) fn remove(self, symbol: Symbol) {
        let Some(id) = self.id.get_untracked() else { return };
        let Some(item) = self.items.try_update(|items| order::take(items, symbol)).flatten() else { return };
        self.count(&id);
        self.begin();
        spawn_local(async move {
            let outcome = self.in_turn(self.api.remove_item(&id, symbol)).await;
            // Somebody was faster: what was wished is so.
            let outcome = outcome.or_else(|failure| if failure.status() == Some(404) { Ok(()) } else { Err(failure) });
            if outcome.is_err() {
                self.show_item(&id, item.clone());
            }
            self.settle(&id, outcome.is_ok());
            match outcome {
                Ok(()) => self.toasts.offer_undo(format!("{symbol} was removed."), move || {
                    self.put_back(id.clone(), item.clone());
                }),
                Err(failure) => self.toasts.fail(&format!("{symbol} was not removed."), &failure),
            }
        });
    }

    /// Moves a symbol up (below zero) or down the open list.
    pub(crate) fn shift(self, symbol: Symbol, by: isize) {
        let Some(id) = self.id.get_untracked() else { return };
        let Some(place) = self.items.try_update(|items| order::shift(items, symbol, by)).flatten() else { return };
        let of = self.items.with_untracked(Vec::len);
        self.toasts.say(format!("{symbol} moved to place {} of {of}.", place + 1));
        self.begin();
        spawn_local(async move {
            let outcome = self.in_turn(self.send_place(&id, symbol)).await;
            if outcome.is_err() && self.is_open(&id) {
                self.items.update(|items| {
                    order::shift(items, symbol, -by);
                });
            }
            self.settle(&id, outcome == Ok(true));
            if let Err(failure) = outcome {
                self.toasts.fail(&format!("{symbol} was not moved."), &failure);
            }
        });
    }

    /// Sends where a symbol stands when its turn has come, which may be further than when it was moved. Says whether
    /// there was something to send.
    async fn send_place(self, id: &WatchlistId, symbol: Symbol) -> Result<bool, Failure> {
        let place = self.items.with_untracked(|items| {
            items.iter().find(|item| item.symbol == symbol).map(|item| item.position).filter(|_| self.is_open(id))
        });
        let Some(position) = place else { return Ok(false) };
        let patch = ItemPatch { position: Some(position), ..ItemPatch::default() };
        self.api.change_item(id, symbol, &patch).await.map(|_| true)
    }

    fn put_back(self, id: WatchlistId, item: WatchlistItem) {
        let symbol = item.symbol;
        let wish =
            AddItem { symbol, note: item.note, flag: item.flag, section: item.section, position: Some(item.position) };
        self.send_item(id, wish, format!("{symbol} is back."), format!("{symbol} was not put back."));
    }

    fn send_item(self, id: WatchlistId, wish: AddItem, done: String, attempt: String) {
        self.begin();
        spawn_local(async move {
            let outcome = self.in_turn(self.api.add_item(&id, &wish)).await;
            match outcome {
                Ok(mut item) => {
                    self.quotes.put(item.quote.take());
                    self.show_item(&id, item);
                    self.settle(&id, true);
                    self.toasts.tell(done);
                }
                Err(failure) => {
                    self.settle(&id, false);
                    self.toasts.fail(&attempt, &failure);
                }
            }
        });
    }

    fn show_item(self, id: &WatchlistId, item: WatchlistItem) {
        if self.is_open(id) {
            self.items.update(|items| order::place(items, item));
            self.count(id);
        }
    }

    fn count(self, id: &WatchlistId) {
        self.lists.note_count(id, self.items.with_untracked(Vec::len));
    }

    fn begin(self) {
        self.under_way.update_value(|count| *count += 1);
    }

    async fn in_turn<T>(self, change: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let turn = self.turn.get_value();
        let _mine = turn.lock().await;
        self.connection.reachable().await;
        change.await
    }
}
