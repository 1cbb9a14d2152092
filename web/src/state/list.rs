//! The list that is open: what is on it, as the server last said and as changes under way will have it.
//!
//! A change is shown at once and sent behind. Until every change has been answered, what the stream says of the list
//! waits, so that a row that was just removed does not come back for a moment.

use super::connection::Connection;
use super::lists::Lists;
use super::quotes::Quotes;
use super::toasts::Toasts;
use crate::api::{Api, Failure};
use futures::lock::Mutex;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;
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

/// What the stream said of the list while changes were under way.
struct Told {
    version: u64,
    items: Vec<WatchlistItem>,
}

/// The open list.
#[derive(Clone, Copy)]
pub(crate) struct List {
    pub(super) api: Api,
    pub(super) lists: Lists,
    pub(super) quotes: Quotes,
    pub(super) connection: Connection,
    pub(super) toasts: Toasts,
    pub(super) id: RwSignal<Option<WatchlistId>>,
    phase: RwSignal<Phase>,
    pub(super) items: RwSignal<Vec<WatchlistItem>>,
    /// The version that was last shown, not counting this tab's own changes since.
    version: StoredValue<u64>,
    pub(super) under_way: StoredValue<u32>,
    /// How many of the changes under way have been made.
    done: StoredValue<u64>,
    told: StoredValue<Option<Told>>,
    /// One change is sent at a time, so that none overtakes another.
    pub(super) turn: StoredValue<Rc<Mutex<()>>, LocalStorage>,
}

impl List {
    pub(super) fn new(api: Api, lists: Lists, quotes: Quotes, connection: Connection, toasts: Toasts) -> Self {
        Self {
            api,
            lists,
            quotes,
            connection,
            toasts,
            id: RwSignal::new(None),
            phase: RwSignal::new(Phase::Loading),
            items: RwSignal::default(),
            version: StoredValue::new(0),
            under_way: StoredValue::new(0),
            done: StoredValue::new(0),
            told: StoredValue::new(None),
            turn: StoredValue::new_local(Rc::new(Mutex::new(()))),
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

    pub(crate) fn holds(self, symbol: Symbol) -> bool {
        self.items.with(|items| items.iter().any(|item| item.symbol == symbol))
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
                    self.quotes.put(list.items.iter_mut().filter_map(|item| item.quote.take()));
                    self.told(&id, Some(list.summary.name), list.summary.version, list.items);
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
        self.version.set_value(0);
        self.done.set_value(0);
        self.told.set_value(None);
    }

    /// Takes over a whole list, unless something newer is known. A list without a name has been deleted.
    pub(crate) fn told(self, id: &WatchlistId, name: Option<ListName>, version: u64, items: Vec<WatchlistItem>) {
        let Some(name) = name else {
            self.lists.forget(id);
            if self.is_open(id) {
                self.phase.set(Phase::Deleted);
            }
            return;
        };
        self.lists.note(id, name, Some(items.len()));
        if !self.is_open(id) || version < self.version.get_value() {
            return;
        }
        if self.under_way.get_value() > 0 {
            self.told.set_value(Some(Told { version, items }));
        } else {
            self.show(version, items);
        }
    }

    /// Counts a change as answered. After the last one, what the stream said meanwhile is shown if it can hold them
    /// all; if it cannot, what does is on its way.
    pub(super) fn settle(self, id: &WatchlistId, done: bool) {
        self.under_way.update_value(|count| *count -= 1);
        if done && self.is_open(id) {
            self.done.update_value(|count| *count += 1);
        }
        if self.under_way.get_value() > 0 {
            return;
        }
        let expected = self.version.get_value() + self.done.get_value();
        self.done.set_value(0);
        let told = self.told.try_update_value(Option::take).flatten();
        if let Some(told) = told.filter(|told| told.version >= expected) {
            self.show(told.version, told.items);
        }
    }

    pub(super) fn is_open(self, id: &WatchlistId) -> bool {
        self.id.with_untracked(|held| held.as_ref() == Some(id))
    }

    fn show(self, version: u64, items: Vec<WatchlistItem>) {
        self.version.set_value(version);
        let symbols: Vec<Symbol> = items.iter().map(|item| item.symbol).collect();
        self.quotes.keep(&symbols);
        if self.items.with_untracked(|held| *held != items) {
            self.items.set(items);
        }
        if self.phase.get_untracked() != Phase::Ready {
            self.phase.set(Phase::Ready);
        }
    }
}
