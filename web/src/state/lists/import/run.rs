//! Carries out an import, and undoes it.

use super::draft::Draft;
use crate::api::Failure;
use crate::state::State;
use crate::state::undo_stack::Direction;
use crate::texts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use watchtape_shared::{Symbol, WatchlistId};

/// Imports, and returns the symbols that were added: the server only returns their number.
pub(super) async fn run(state: State, id: &WatchlistId, draft: Draft) -> Result<Vec<Symbol>, Failure> {
    let before = symbols(state, id).await?;
    state.api.import(id, draft.format, draft.content, false).await?;
    let mut after = symbols(state, id).await?;
    after.retain(|symbol| !before.contains(symbol));
    Ok(after)
}

async fn symbols(state: State, id: &WatchlistId) -> Result<Vec<Symbol>, Failure> {
    let list = state.api.get_watchlist(id).await?;
    Ok(list.items.into_iter().map(|item| item.symbol).collect())
}

pub(super) fn finish(state: State, id: WatchlistId, added: Vec<Symbol>) {
    refresh(state, &id);
    let name = untrack(|| state.lists.name(&id)).map_or_else(String::new, |name| name.to_string());
    let said = match added.len() {
        1 => texts::transfer::imported_one(&name),
        count => texts::transfer::imported(&count, &name),
    };
    let list = Some(id.clone());
    let entry =
        state.undo_stack.remember(Direction::Do, list, Arc::new(move |_| undo(state, id.clone(), added.clone())));
    state.toasts.show_change(state.undo_stack, Direction::Do, entry, said, true);
}

/// Removes what was added, one after the other.
fn undo(state: State, id: WatchlistId, added: Vec<Symbol>) {
    spawn_local(async move {
        let mut outcome = Ok(());
        for symbol in added {
            outcome = state.api.remove_item(&id, symbol).await.map(drop);
            // Already removed by another device.
            if outcome.as_ref().is_err_and(|failure| failure.status() != Some(404)) {
                break;
            }
            outcome = Ok(());
        }
        refresh(state, &id);
        match outcome {
            Ok(()) => state.toasts.show(texts::transfer::taken_back()),
            Err(failure) => state.toasts.fail(texts::transfer::not_taken_back(), &failure),
        }
    });
}

/// Reads the lists again, in case the stream is not connected.
fn refresh(state: State, id: &WatchlistId) {
    state.lists.load();
    if state.open_list.id().with_untracked(|open| open.as_ref() == Some(id)) {
        state.open_list.open(id.clone());
    }
}
