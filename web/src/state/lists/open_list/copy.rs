//! Copying and moving items to another list.

use super::OpenList;
use super::commit::{ChangeText, ListChange, describe};
use super::list_op::ListOp;
use super::requests::bulk;
use crate::api::IdempotencyKey;
use crate::state::undo_stack::Direction;
use crate::texts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use watchtape_shared::transfer::BulkStatus;
use watchtape_shared::watchlist::WatchlistItem;
use watchtape_shared::{Symbol, WatchlistId};

impl OpenList {
    /// Copies or moves symbols with their annotations to another list. Those that it has already stay in place on
    /// both.
    pub(crate) fn copy_or_move_to(self, symbols: &[Symbol], to: WatchlistId, moves: bool) {
        let Some(from) = self.id.get_untracked() else { return };
        let items: Vec<WatchlistItem> = self
            .items()
            .with_untracked(|items| items.iter().filter(|item| symbols.contains(&item.symbol)).cloned().collect());
        let name = untrack(|| self.lists.name(&to)).map_or_else(String::new, |name| name.to_string());
        spawn_local(async move {
            let items_to_add = items.iter().map(bulk).collect();
            let answer = match self.api.add_items(&to, items_to_add, &IdempotencyKey::new()).await {
                Ok(answer) => answer,
                Err(failure) => return self.toasts.fail(texts::changes::not_handed_over(), &failure),
            };
            let added: Vec<WatchlistItem> = items
                .into_iter()
                .zip(answer.results)
                .filter_map(|(item, result)| (result.status == BulkStatus::Added).then_some(item))
                .collect();
            let gone: Vec<Symbol> = added.iter().map(|item| item.symbol).collect();
            if gone.is_empty() {
                return self.toasts.show(texts::changes::all_there(&name));
            }
            let mut parts = vec![ListChange {
                list: to,
                ops: added
                    .into_iter()
                    .map(|item| ListOp::Insert(Box::new(WatchlistItem { position: u32::MAX, ..item }), None))
                    .collect(),
                inverse: gone.iter().map(|symbol| ListOp::Remove(*symbol)).collect(),
            }];
            if moves {
                let ops: Vec<ListOp> = gone.iter().map(|symbol| ListOp::Remove(*symbol)).collect();
                if let Some(inverse) = self.inverse_of(&from, &ops) {
                    parts.push(ListChange { list: from.clone(), ops, inverse });
                }
            }
            let what = describe(&gone);
            let done = match moves {
                true => texts::changes::moved_to(&what, &name),
                false => texts::changes::copied_to(&what, &name),
            };
            self.remember(
                Direction::Do,
                ChangeText::new(done, texts::changes::not_handed_over().to_owned(), true),
                parts,
                1,
                Some(from),
            );
        });
    }
}
