//! Turns operations into requests. Those that depend on the list's version are in `version_conflict`.

use super::OpenList;
use super::annotations::Annotations;
use super::list_op::{self, ListOp};
use crate::api::{Failure, Version};
use crate::state::lists::item_order;
use leptos::prelude::*;
use watchtape_shared::transfer::BulkItem;
use watchtape_shared::watchlist::{AddItem, WatchlistItem};
use watchtape_shared::{Symbol, WatchlistId};

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
