//! Turns operations into requests. A place is sent as the symbol before it, so that it holds on whatever the list has become;
//! edits of annotations depend on the list's version, and are in `version_conflict`.

use super::OpenList;
use super::annotations::Annotations;
use super::list_op::ListOp;
use crate::api::{Failure, IdempotencyKey, Version};
use crate::state::lists::item_order;
use leptos::prelude::*;
use watchtape_shared::watchlist::{AddItem, MoveItems, NewItem, WatchlistItem};
use watchtape_shared::{Patch, Symbol, WatchlistId};

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
    pub(super) async fn send_next(
        self,
        id: &WatchlistId,
        ops: &[ListOp],
        undo_id: u32,
        key: &IdempotencyKey,
    ) -> Result<Sent, Failure> {
        match ops {
            [] => Ok(Sent { ops: 0, version: None, instead: None }),
            [ListOp::Add(symbol, annotations), ..] => {
                let (mut item, version) = self.api.add_item(id, &add_request(*symbol, annotations), key).await?;
                self.quotes.insert(item.quote.take());
                let last = self.server.with_value(|server| server.items.last().map(|item| item.symbol));
                Ok(Sent { ops: 1, version, instead: Some(vec![ListOp::Insert(Box::new(item), last)]) })
            }
            [ListOp::Remove(symbol), ..] => match self.api.remove_item(id, *symbol).await {
                // Already removed by another device.
                Err(failure) if failure.status() == Some(404) => Ok(Sent::one(None)),
                answer => answer.map(Sent::one),
            },
            [ListOp::Insert(..), ListOp::Insert(..), ..] => self.send_bulk(id, ops, key).await,
            [ListOp::Insert(item, behind), ..] => {
                let item_to_add = AddItem {
                    after: (*behind).into(),
                    position: Some(item.position),
                    ..add_request(item.symbol, &Annotations::of(item))
                };
                match self.api.add_item(id, &item_to_add, key).await {
                    Err(failure) if failure.status() == Some(409) && self.server_has(item.symbol) => {
                        Ok(Sent::one(None))
                    }
                    answer => answer.map(|(_, version)| Sent::one(version)),
                }
            }
            [ListOp::Move(moved, _), ListOp::Set(edited, _), ..] if moved == edited => {
                self.send_edit(id, ops, undo_id).await
            }
            [ListOp::Move(..), ..] => {
                let (ops, request) = joined_moves(ops);
                self.api.move_items(id, &request).await.map(|version| Sent { ops, version, instead: None })
            }
            [ListOp::Set(..), ..] => self.send_edit(id, ops, undo_id).await,
        }
    }

    async fn send_bulk(self, id: &WatchlistId, ops: &[ListOp], key: &IdempotencyKey) -> Result<Sent, Failure> {
        let (mut bytes, mut count, mut items_to_add) = (0, 0, Vec::new());
        for op in ops {
            let ListOp::Insert(item, behind) = op else { break };
            bytes += 400 + 2 * item.note.as_ref().map_or(0, |note| note.as_str().len());
            if bytes > BULK_BYTES && count > 0 {
                break;
            }
            items_to_add.push(NewItem { after: (*behind).into(), position: Some(item.position), ..bulk(item) });
            count += 1;
        }
        let answer = self.api.add_items(id, items_to_add, key).await?;
        Ok(Sent { ops: count, version: Some(answer.version), instead: None })
    }

    fn server_has(self, symbol: Symbol) -> bool {
        self.server.with_value(|server| item_order::find(&server.items, symbol).is_some())
    }
}

/// Appends a symbol with these annotations.
fn add_request(symbol: Symbol, annotations: &Annotations) -> AddItem {
    let Annotations { note, flag, section } = annotations.clone();
    AddItem { note, flag, section, ..AddItem::at_end(symbol) }
}

/// An item of a bulk request, appended.
pub(super) fn bulk(item: &WatchlistItem) -> NewItem {
    let Annotations { note, flag, section } = Annotations::of(item);
    NewItem { symbol: item.symbol.to_string(), note, flag, section, after: Patch::Absent, position: None }
}

/// As many of the moves at the beginning as one request can carry, and that request. The moves of a selection stand each
/// after the one before; those that take them back all stand after the same symbol, the last of them first.
fn joined_moves(ops: &[ListOp]) -> (usize, MoveItems) {
    let moves = || {
        ops.iter().map_while(|op| match op {
            ListOp::Move(symbol, behind) => Some((*symbol, *behind)),
            _ => None,
        })
    };
    let Some((first, place)) = moves().next() else { return (0, MoveItems { symbols: Vec::new(), after: None }) };
    let mut symbols = vec![first];
    for (symbol, behind) in moves().skip(1) {
        if behind != symbols.last().copied() || symbols.contains(&symbol) {
            break;
        }
        symbols.push(symbol);
    }
    if symbols.len() == 1 {
        for (symbol, behind) in moves().skip(1) {
            if behind != place || symbols.contains(&symbol) {
                break;
            }
            symbols.push(symbol);
        }
        symbols.reverse();
    }
    (symbols.len(), MoveItems { symbols, after: place })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::lists::item_order::tests::{list, shown, symbol};
    use crate::state::lists::open_list::list_op;
    use wasm_bindgen_test::wasm_bindgen_test;

    /// What the server does with a request to move.
    fn move_on(items: &mut Vec<WatchlistItem>, request: &MoveItems) {
        let mut behind = request.after;
        for symbol in &request.symbols {
            list_op::apply(items, &ListOp::Move(*symbol, behind));
            behind = Some(*symbol);
        }
    }

    #[wasm_bindgen_test]
    fn one_request_moves_a_selection_and_one_takes_it_back() {
        let mut items = list("A B C D E");
        let ops = [ListOp::Move(symbol("B"), Some(symbol("E"))), ListOp::Move(symbol("C"), Some(symbol("B")))];
        let mut applied = items.clone();
        let inverse = list_op::apply_all(&mut applied, &ops);
        for (ops, order) in [(&ops[..], "A D E B C"), (&inverse[..], "A B C D E")] {
            let (count, request) = joined_moves(ops);
            assert_eq!(count, 2);
            move_on(&mut items, &request);
            assert_eq!(shown(&items), order);
        }
    }

    #[wasm_bindgen_test]
    fn moves_to_several_places_are_requests_of_their_own() {
        let ops = [ListOp::Move(symbol("A"), Some(symbol("C"))), ListOp::Move(symbol("B"), Some(symbol("D")))];
        assert_eq!(joined_moves(&ops).0, 1);
    }
}
