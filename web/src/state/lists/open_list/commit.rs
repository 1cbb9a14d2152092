//! Commits a change: applies it on screen, pushes its inverse on the undo stack, announces it, and queues it for the
//! server.

use super::OpenList;
use super::list_op::{self, ListOp};
use super::pending_change::PendingChange;
use crate::state::undo_stack::Direction;
use crate::texts;
use leptos::prelude::*;
use std::sync::Arc;
use watchtape_shared::Symbol;
use watchtape_shared::WatchlistId;

/// Operations on one list, and their inverses.
#[derive(Clone)]
pub(super) struct ListChange {
    pub(super) list: WatchlistId,
    pub(super) steps: Vec<ListOp>,
    pub(super) back: Vec<ListOp>,
}

/// The texts about a change.
#[derive(Clone)]
pub(crate) struct ChangeText {
    /// "AAPL added."
    pub(super) done: String,
    /// "AAPL could not be added."
    pub(super) attempt: String,
    /// Whether a toast is shown; a change that is plain to see is only announced to screen readers.
    pub(super) aloud: bool,
}

impl ChangeText {
    pub(crate) fn new(done: String, attempt: String, aloud: bool) -> Self {
        Self { done, attempt, aloud }
    }
}

impl OpenList {
    /// Changes the open list. Returns whether there was anything to change.
    pub(super) fn change(self, said: ChangeText, steps: Vec<ListOp>) -> bool {
        let Some(list) = self.id.get_untracked() else { return false };
        let back = self.back_of(&list, &steps).unwrap_or_default();
        if back.is_empty() {
            return false;
        }
        self.carry_out(Direction::Do, said, vec![ListChange { list, steps, back }]);
        true
    }

    /// The inverses of operations; `None` if the list is not open.
    pub(super) fn back_of(self, list: &WatchlistId, steps: &[ListOp]) -> Option<Vec<ListOp>> {
        self.is_open(list).then(|| list_op::apply_all(&mut self.items().get_untracked(), steps))
    }

    pub(super) fn carry_out(self, direction: Direction, said: ChangeText, parts: Vec<ListChange>) {
        self.remember(direction, said, parts, 0);
    }

    /// Pushes the inverse on the undo stack and queues the changes, except the first `done` ones.
    pub(super) fn remember(self, direction: Direction, said: ChangeText, parts: Vec<ListChange>, done: usize) {
        let opposite: Vec<ListChange> = parts
            .iter()
            .map(|part| ListChange { list: part.list.clone(), steps: part.back.clone(), back: part.steps.clone() })
            .collect();
        let seen_on = parts
            .iter()
            .map(|part| &part.list)
            .find(|list| self.is_open(list))
            .or(parts.first().map(|part| &part.list));
        let words = said.clone();
        let run = Arc::new(move |direction| self.carry_out(direction, words.clone(), opposite.clone()));
        let entry = self.undo.remember(direction, seen_on.cloned(), run);
        let attempt = if direction == Direction::Undo { texts::changes::not_undone().to_owned() } else { said.attempt };
        self.queue.update_value(|queue| {
            for ListChange { list, steps, .. } in parts.into_iter().skip(done) {
                queue.push_back(PendingChange { entry, list, steps, attempt: attempt.clone() });
            }
        });
        self.recompute();
        self.toasts.show_change(self.undo, direction, entry, said.done, said.aloud);
        self.send();
    }
}

/// One symbol by its name, several by their number.
pub(crate) fn describe(symbols: &[Symbol]) -> String {
    match symbols {
        [symbol] => symbol.to_string(),
        symbols => texts::changes::securities(&symbols.len()),
    }
}
