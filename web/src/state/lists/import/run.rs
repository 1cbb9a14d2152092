//! Carries out an import, and undoes it.

use super::draft::Draft;
use crate::api::Failure;
use crate::state::State;
use crate::state::undo_stack::{Direction, Inverse};
use crate::texts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use watchtape_shared::{Symbol, WatchlistId};

/// Imports, and returns the symbols that were added.
pub(super) async fn run(state: State, id: &WatchlistId, draft: Draft) -> Result<Vec<Symbol>, Failure> {
    Ok(state.api.import(id, draft.format, draft.content, false).await?.symbols)
}

pub(super) fn finish(state: State, id: WatchlistId, added: Vec<Symbol>) {
    refresh(state, &id);
    let name = untrack(|| state.lists.name(&id)).map_or_else(String::new, |name| name.to_string());
    let said = match added.len() {
        1 => texts::transfer::imported_one(&name),
        count => texts::transfer::imported(&count, &name),
    };
    // It is undone by key where it was made, which need not be the list that was imported into.
    let made_on = state.open_list.id().get_untracked().or_else(|| Some(id.clone()));
    let entry = state.undo_stack.remember(Direction::Do, made_on.clone(), removing(state, made_on, id, added));
    state.toasts.show_change(state.undo_stack, Direction::Do, entry, said, true);
}

fn removing(state: State, made_on: Option<WatchlistId>, id: WatchlistId, added: Vec<Symbol>) -> Inverse {
    Arc::new(move |_| undo(state, made_on.clone(), id.clone(), added.clone()))
}

/// Removes what was added, one after the other.
fn undo(state: State, made_on: Option<WatchlistId>, id: WatchlistId, added: Vec<Symbol>) {
    spawn_local(async move {
        let mut outcome = Ok(());
        for symbol in &added {
            outcome = state.api.remove_item(&id, *symbol).await.map(drop);
            // Already removed by another device.
            if outcome.as_ref().is_err_and(|failure| failure.status() != Some(404)) {
                break;
            }
            outcome = Ok(());
        }
        refresh(state, &id);
        match outcome {
            Ok(()) => state.toasts.show(texts::transfer::taken_back()),
            Err(failure) => {
                let run = removing(state, made_on.clone(), id, added);
                let entry = state.undo_stack.put_back(Direction::Undo, made_on, run);
                state.toasts.fail_to_undo(state.undo_stack, texts::transfer::not_taken_back(), &failure, entry);
            }
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
