//! Edits of annotations, which depend on what they replace: sent with `If-Match`; after a 412 (version conflict) the list is
//! read again, and the edit merged with what another device wrote.

use super::OpenList;
use super::annotations::Annotations;
use super::list_op::{self, ListOp};
use super::merge::ServerList;
use super::requests::Sent;
use crate::api::Failure;
use crate::state::lists::item_order;
use leptos::prelude::*;
use watchtape_shared::{Patch, WatchlistId};

/// How often an edit is recomputed after a 412.
const MAX_TRIES: u32 = 5;

impl OpenList {
    /// Sends the edits of one item, and its move where that comes first, computed on the list's latest version.
    pub(super) async fn send_edit(self, id: &WatchlistId, ops: &[ListOp], undo_id: u32) -> Result<Sent, Failure> {
        let mut tries = 0;
        loop {
            let server = self.latest(id, tries > 0).await?;
            match self.send_item(id, ops, server, undo_id).await {
                Err(failure) if failure.status() == Some(412) && tries < MAX_TRIES => tries += 1,
                outcome => return outcome,
            }
        }
    }

    /// Sends one item's annotations and place.
    async fn send_item(
        self,
        id: &WatchlistId,
        ops: &[ListOp],
        server: ServerList,
        undo_id: u32,
    ) -> Result<Sent, Failure> {
        let (symbol, place) = match ops[0] {
            ListOp::Move(symbol, behind) => (symbol, Patch::from(behind)),
            ListOp::Set(symbol, _) => (symbol, Patch::Absent),
            _ => return Ok(Sent::one(None)),
        };
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
            if place.is_absent() && Annotations::of(held) == Annotations::of(edited) {
                self.warn_if_note_too_long(id, ops, held);
                return Ok(Sent { ops: ops.len(), version: None, instead: None });
            }
        }
        patch.after = place;
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
}
