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
const MAX_TRIES: u32 = 5;
/// The size of a bulk request; the server accepts 64 KiB.
const BULK_BYTES: usize = 40_000;

/// How many operations a request carried out, the list's version after it, and what was done instead where that
/// differs.
pub(super) struct Sent {
    pub(super) ops: usize,
    pub(super) version: Version,
    pub(super) instead: Option<Vec<ListOp>>,
}

impl Sent {
    pub(super) fn one(version: Version) -> Self {
        Self { ops: 1, version, instead: None }
    }
}

impl OpenList {
    /// Sends the first operation, with those after it that fit into the same request.
    pub(super) async fn send_next(self, id: &WatchlistId, ops: &[ListOp], undo_id: u32) -> Result<Sent, Failure> {
        match ops {
            [] => Ok(Sent { ops: 0, version: None, instead: None }),
            [ListOp::Add(symbol, annotations), ..] => {
                let (mut item, version) =
                    self.api.add_item(id, &add_request(*symbol, (**annotations).clone(), None)).await?;
                self.quotes.insert(item.quote.take());
                let last = self.server.with_value(|server| server.items.last().map(|item| item.symbol));
                Ok(Sent { ops: 1, version, instead: Some(vec![ListOp::Insert(Box::new(item), last)]) })
            }
            [ListOp::Remove(symbol), ..] => match self.api.remove_item(id, *symbol).await {
                // Already removed by another device.
                Err(failure) if failure.status() == Some(404) => Ok(Sent::one(None)),
                answer => answer.map(Sent::one),
            },
            [ListOp::Insert(..), ListOp::Insert(..), ..] => self.send_bulk(id, ops).await,
            [ListOp::Insert(item, behind), ..] => {
                let item = self.with_position(id, item, *behind);
                match self
                    .api
                    .add_item(id, &add_request(item.symbol, Annotations::of(&item), Some(item.position)))
                    .await
                {
                    Err(failure) if failure.status() == Some(409) && self.server_has(item.symbol) => {
                        Ok(Sent::one(None))
                    }
                    answer => answer.map(|(_, version)| Sent::one(version)),
                }
            }
            [ListOp::Move(..) | ListOp::Set(..), ..] => self.send_versioned(id, ops, undo_id).await,
        }
    }

    async fn send_bulk(self, id: &WatchlistId, ops: &[ListOp]) -> Result<Sent, Failure> {
        let mut items = self.server.with_value(|server| server.items.clone());
        let (mut bytes, mut count, mut items_to_add) = (0, 0, Vec::new());
        for op in ops {
            let ListOp::Insert(item, behind) = op else { break };
            bytes += 400 + 2 * item.note.as_ref().map_or(0, |note| note.as_str().len());
            if bytes > BULK_BYTES && count > 0 {
                break;
            }
            if self.is_open(id) {
                list_op::apply(&mut items, op);
            }
            let position = item_order::find(&items, item.symbol).filter(|_| behind.is_some() || self.is_open(id));
            let position = position.and_then(|at| u32::try_from(at).ok()).or(Some(item.position));
            items_to_add.push(bulk(item, position));
            count += 1;
        }
        let answer = self.api.add_items(id, items_to_add).await?;
        Ok(Sent { ops: count, version: Some(answer.version), instead: None })
    }

    /// Sends a move, several, or an edit, computed on the list's latest version.
    async fn send_versioned(self, id: &WatchlistId, ops: &[ListOp], undo_id: u32) -> Result<Sent, Failure> {
        let mut tries = 0;
        loop {
            let server = self.latest(id, tries > 0).await?;
            let outcome = match ops {
                [ListOp::Move(..), ListOp::Move(..), ..] => {
                    let count = ops.iter().take_while(|op| matches!(op, ListOp::Move(..))).count();
                    let mut items = server.items;
                    list_op::apply_all(&mut items, &ops[..count]);
                    let symbols = items.iter().map(|item| item.symbol).collect();
                    let sent = self.api.set_order(id, symbols, server.version).await;
                    sent.map(|version| Sent { ops: count, version, instead: None })
                }
                _ => self.send_item(id, ops, server, undo_id).await,
            };
            match outcome {
                Err(failure) if failure.status() == Some(412) && tries < MAX_TRIES => tries += 1,
                outcome => return outcome,
            }
        }
    }

    /// Sends one item's position, its annotations, or both.
    async fn send_item(
        self,
        id: &WatchlistId,
        ops: &[ListOp],
        server: ServerList,
        undo_id: u32,
    ) -> Result<Sent, Failure> {
        let (ListOp::Move(symbol, _) | ListOp::Set(symbol, _)) = ops[0] else { return Ok(Sent::one(None)) };
        let along = ops[1..].iter().take_while(|op| matches!(op, ListOp::Set(next, _) if *next == symbol)).count();
        let ops = &ops[..1 + along];
        let held = item_order::find(&server.items, symbol).map(|at| server.items[at].clone());
        let mut items = server.items;
        list_op::apply_all(&mut items, ops);
        let edited = item_order::find(&items, symbol).map(|at| items[at].clone());
        // If the item is gone, the server answers 404.
        let mut patch = Annotations::default().patch_to(&Annotations::default());
        if let (Some(held), Some(edited)) = (&held, &edited) {
            patch = Annotations::of(held).patch_to(&Annotations::of(edited));
            patch.position = Some(edited.position).filter(|position| *position != held.position);
            if patch.position.is_none() && Annotations::of(held) == Annotations::of(edited) {
                self.warn_if_note_too_long(id, ops, held);
                return Ok(Sent { ops: ops.len(), version: None, instead: None });
            }
        }
        let version = self.api.update_item_at(id, symbol, &patch, server.version).await?;
        if let (Some(held), Some(ListOp::Set(_, annotations))) = (held, ops.last()) {
            self.warn_of_conflict(id, symbol, undo_id, &Annotations::of(&held), annotations);
        }
        Ok(Sent { ops: ops.len(), version, instead: None })
    }

    /// The list's latest known version; read from the server if it is not open or `anew` is set.
    async fn latest(self, id: &WatchlistId, anew: bool) -> Result<ServerList, Failure> {
        if !anew && self.is_open(id) && self.server.with_value(|server| server.version > 0) {
            return Ok(self.server.get_value());
        }
        let mut list = self.api.get_watchlist(id).await?;
        self.quotes.insert(list.items.iter_mut().filter_map(|item| item.quote.take()));
        let server = ServerList { version: list.summary.version, items: list.items };
        self.apply_server_list(id, Some(list.summary.name), server.version, server.items.clone());
        Ok(server)
    }

    /// An item with the position that it gets on the list as it is now.
    fn with_position(self, id: &WatchlistId, item: &WatchlistItem, behind: Option<Symbol>) -> WatchlistItem {
        let mut item = item.clone();
        if self.is_open(id) {
            let mut items = self.server.with_value(|server| server.items.clone());
            list_op::apply(&mut items, &ListOp::Insert(Box::new(item.clone()), behind));
            item.position =
                item_order::find(&items, item.symbol).and_then(|at| u32::try_from(at).ok()).unwrap_or(u32::MAX);
        }
        item
    }

    fn server_has(self, symbol: Symbol) -> bool {
        self.server.with_value(|server| item_order::find(&server.items, symbol).is_some())
    }
}

fn add_request(symbol: Symbol, annotations: Annotations, position: Option<u32>) -> AddItem {
    let Annotations { note, flag, section } = annotations;
    AddItem { symbol, note, flag, section, position }
}

/// An item of a bulk request.
pub(super) fn bulk(item: &WatchlistItem, position: Option<u32>) -> BulkItem {
    let Annotations { note, flag, section } = Annotations::of(item);
    BulkItem { symbol: item.symbol.to_string(), note, flag, section, position }
}
