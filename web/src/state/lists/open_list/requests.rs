//! Turns operations into requests. A move or an edit is sent with the list version that it was computed for; after a
//! 412 the list is read again and the operation computed anew.

use super::OpenList;
use super::annotations::Annotations;
use super::list_op::{self, ListOp};
use super::merge::ServerList;
use crate::api::{Failure, Version};
use crate::state::lists::item_order;
use leptos::prelude::*;
use watchtape_shared::transfer::BulkItem;
use watchtape_shared::watchlist::{AddItem, WatchlistItem};
use watchtape_shared::{Symbol, WatchlistId};

/// How often an operation is recomputed after a 412.
const TRIES: u32 = 5;
/// The size of a bulk request; the server accepts 64 KiB.
const BULK_BYTES: usize = 40_000;

/// How many operations a request carried out, the list's version after it, and what was done instead where that
/// differs.
pub(super) struct Sent {
    pub(super) steps: usize,
    pub(super) version: Version,
    pub(super) instead: Option<Vec<ListOp>>,
}

impl Sent {
    pub(super) fn one(version: Version) -> Self {
        Self { steps: 1, version, instead: None }
    }
}

impl OpenList {
    /// Sends the first operation, with those after it that fit into the same request.
    pub(super) async fn send_some(self, id: &WatchlistId, steps: &[ListOp], entry: u32) -> Result<Sent, Failure> {
        match steps {
            [] => Ok(Sent { steps: 0, version: None, instead: None }),
            [ListOp::Add(symbol, marks), ..] => {
                let (mut item, version) = self.api.add_item(id, &wish(*symbol, (**marks).clone(), None)).await?;
                self.quotes.insert(item.quote.take());
                let last = self.base.with_value(|base| base.items.last().map(|item| item.symbol));
                Ok(Sent { steps: 1, version, instead: Some(vec![ListOp::Insert(Box::new(item), last)]) })
            }
            [ListOp::Remove(symbol), ..] => match self.api.remove_item(id, *symbol).await {
                // Already removed by another device.
                Err(failure) if failure.status() == Some(404) => Ok(Sent::one(None)),
                answer => answer.map(Sent::one),
            },
            [ListOp::Insert(..), ListOp::Insert(..), ..] => self.send_many(id, steps).await,
            [ListOp::Insert(item, behind), ..] => {
                let item = self.placed(id, item, *behind);
                match self.api.add_item(id, &wish(item.symbol, Annotations::of(&item), Some(item.position))).await {
                    Err(failure) if failure.status() == Some(409) && self.holds_in_base(item.symbol) => {
                        Ok(Sent::one(None))
                    }
                    answer => answer.map(|(_, version)| Sent::one(version)),
                }
            }
            [ListOp::Move(..) | ListOp::Set(..), ..] => self.send_arranged(id, steps, entry).await,
        }
    }

    async fn send_many(self, id: &WatchlistId, steps: &[ListOp]) -> Result<Sent, Failure> {
        let mut items = self.base.with_value(|base| base.items.clone());
        let (mut bytes, mut count, mut wishes) = (0, 0, Vec::new());
        for step in steps {
            let ListOp::Insert(item, behind) = step else { break };
            bytes += 400 + 2 * item.note.as_ref().map_or(0, |note| note.as_str().len());
            if bytes > BULK_BYTES && count > 0 {
                break;
            }
            if self.is_open(id) {
                list_op::apply(&mut items, step);
            }
            let position = item_order::find(&items, item.symbol).filter(|_| behind.is_some() || self.is_open(id));
            let position = position.and_then(|at| u32::try_from(at).ok()).or(Some(item.position));
            wishes.push(bulk(item, position));
            count += 1;
        }
        let answer = self.api.add_items(id, wishes).await?;
        Ok(Sent { steps: count, version: Some(answer.version), instead: None })
    }

    /// Sends a move, several, or an edit, computed on the list's latest version.
    async fn send_arranged(self, id: &WatchlistId, steps: &[ListOp], entry: u32) -> Result<Sent, Failure> {
        let mut tries = 0;
        loop {
            let base = self.read_base(id, tries > 0).await?;
            let outcome = match steps {
                [ListOp::Move(..), ListOp::Move(..), ..] => {
                    let count = steps.iter().take_while(|step| matches!(step, ListOp::Move(..))).count();
                    let mut items = base.items;
                    list_op::apply_all(&mut items, &steps[..count]);
                    let symbols = items.iter().map(|item| item.symbol).collect();
                    let sent = self.api.set_order(id, symbols, base.version).await;
                    sent.map(|version| Sent { steps: count, version, instead: None })
                }
                _ => self.send_one(id, steps, base, entry).await,
            };
            match outcome {
                Err(failure) if failure.status() == Some(412) && tries < TRIES => tries += 1,
                outcome => return outcome,
            }
        }
    }

    /// Sends one item's position, its annotations, or both.
    async fn send_one(self, id: &WatchlistId, steps: &[ListOp], base: ServerList, entry: u32) -> Result<Sent, Failure> {
        let (ListOp::Move(symbol, _) | ListOp::Set(symbol, _)) = steps[0] else { return Ok(Sent::one(None)) };
        let along =
            steps[1..].iter().take_while(|step| matches!(step, ListOp::Set(next, _) if *next == symbol)).count();
        let steps = &steps[..1 + along];
        let held = item_order::find(&base.items, symbol).map(|at| base.items[at].clone());
        let mut items = base.items;
        list_op::apply_all(&mut items, steps);
        let wished = item_order::find(&items, symbol).map(|at| items[at].clone());
        // If the item is gone, the server answers 404.
        let mut patch = Annotations::default().patch_to(&Annotations::default());
        if let (Some(held), Some(wished)) = (&held, &wished) {
            patch = Annotations::of(held).patch_to(&Annotations::of(wished));
            patch.position = Some(wished.position).filter(|position| *position != held.position);
            if patch.position.is_none() && Annotations::of(held) == Annotations::of(wished) {
                self.say_if_too_much(id, steps, held);
                return Ok(Sent { steps: steps.len(), version: None, instead: None });
            }
        }
        let version = self.api.update_item_at(id, symbol, &patch, base.version).await?;
        if let (Some(held), Some(ListOp::Set(_, marks))) = (held, steps.last()) {
            self.settle_conflict(id, symbol, entry, &Annotations::of(&held), marks);
        }
        Ok(Sent { steps: steps.len(), version, instead: None })
    }

    /// The list's latest known version; read from the server if it is not open or `anew` is set.
    async fn read_base(self, id: &WatchlistId, anew: bool) -> Result<ServerList, Failure> {
        if !anew && self.is_open(id) && self.base.with_value(|base| base.version > 0) {
            return Ok(self.base.get_value());
        }
        let mut list = self.api.get_watchlist(id).await?;
        self.quotes.insert(list.items.iter_mut().filter_map(|item| item.quote.take()));
        let base = ServerList { version: list.summary.version, items: list.items };
        self.apply_server_list(id, Some(list.summary.name), base.version, base.items.clone());
        Ok(base)
    }

    /// An item with the position that it gets on the list as it is now.
    fn placed(self, id: &WatchlistId, item: &WatchlistItem, behind: Option<Symbol>) -> WatchlistItem {
        let mut item = item.clone();
        if self.is_open(id) {
            let mut items = self.base.with_value(|base| base.items.clone());
            list_op::apply(&mut items, &ListOp::Insert(Box::new(item.clone()), behind));
            item.position =
                item_order::find(&items, item.symbol).and_then(|at| u32::try_from(at).ok()).unwrap_or(u32::MAX);
        }
        item
    }

    fn holds_in_base(self, symbol: Symbol) -> bool {
        self.base.with_value(|base| item_order::find(&base.items, symbol).is_some())
    }
}

fn wish(symbol: Symbol, marks: Annotations, position: Option<u32>) -> AddItem {
    let Annotations { note, flag, section } = marks;
    AddItem { symbol, note, flag, section, position }
}

/// An item of a bulk request.
pub(super) fn bulk(item: &WatchlistItem, position: Option<u32>) -> BulkItem {
    let Annotations { note, flag, section } = Annotations::of(item);
    BulkItem { symbol: item.symbol.to_string(), note, flag, section, position }
}
