//! Commits a change: applies it on screen, pushes its inverse on the undo stack, announces it, and queues it for the
//! server.

use super::OpenList;
use super::list_op::{self, ListOp};
use super::pending_change::PendingChange;
use crate::api::IdempotencyKey;
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
    pub(super) ops: Vec<ListOp>,
    pub(super) inverse: Vec<ListOp>,
}

/// The texts about a change.
#[derive(Clone)]
pub(crate) struct ChangeText {
    /// "AAPL added."
    pub(super) done: String,
    /// "AAPL could not be added."
    pub(super) attempt: String,
    /// Whether a toast is shown; a change that is plain to see is only announced to screen readers.
    pub(super) shows_toast: bool,
}

impl ChangeText {
    pub(crate) fn new(done: String, attempt: String, shows_toast: bool) -> Self {
        Self { done, attempt, shows_toast }
    }
}

impl OpenList {
    /// Changes the open list. Returns whether there was anything to change.
    pub(super) fn change(self, text: ChangeText, ops: Vec<ListOp>) -> bool {
        let Some(list) = self.id.get_untracked() else { return false };
        let inverse = self.inverse_of(&list, &ops).unwrap_or_default();
        if inverse.is_empty() {
            return false;
        }
        self.commit(Direction::Do, text, vec![ListChange { list, ops, inverse }]);
        true
    }

    /// The inverses of operations; `None` if the list is not open.
    pub(super) fn inverse_of(self, list: &WatchlistId, ops: &[ListOp]) -> Option<Vec<ListOp>> {
        self.is_open(list).then(|| list_op::apply_all(&mut self.items().get_untracked(), ops))
    }

    pub(super) fn commit(self, direction: Direction, text: ChangeText, parts: Vec<ListChange>) {
        let lists = || parts.iter().map(|part| &part.list);
        let made_on = lists().find(|list| self.is_open(list)).or(lists().next()).cloned();
        self.remember(direction, text, parts, 0, made_on);
    }

    /// Pushes the inverse on the undo stack and queues the changes, except the first `done` ones. It is undone by key where it was
    /// made: on this list, which need not be one that it changed.
    pub(super) fn remember(
        self,
        direction: Direction,
        text: ChangeText,
        parts: Vec<ListChange>,
        done: usize,
        made_on: Option<WatchlistId>,
    ) {
        let inverse: Vec<ListChange> = parts
            .iter()
            .map(|part| ListChange { list: part.list.clone(), ops: part.inverse.clone(), inverse: part.ops.clone() })
            .collect();
        let (words, place) = (text.clone(), made_on.clone());
        let run = Arc::new(move |direction| self.remember(direction, words.clone(), inverse.clone(), 0, place.clone()));
        let undo_id = self.undo.remember(direction, made_on, run);
        let attempt = if direction == Direction::Undo { texts::changes::not_undone().to_owned() } else { text.attempt };
        self.queue.update_value(|queue| {
            for ListChange { list, ops, .. } in parts.into_iter().skip(done) {
                let (attempt, key) = (attempt.clone(), IdempotencyKey::new());
                queue.push_back(PendingChange { undo_id, list, ops, attempt, key });
            }
        });
        self.recompute();
        self.toasts.show_change(self.undo, direction, undo_id, text.done, text.shows_toast);
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
