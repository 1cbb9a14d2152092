//! Undo and redo stacks of changes, each with its inverse.

use leptos::prelude::*;
use std::sync::Arc;
use watchtape_shared::WatchlistId;

const MOST: usize = 50;

/// Whether a change is made for the first time, undone, or redone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Do,
    Undo,
    Redo,
}

/// Applies the inverse of a change. It outlives the component that the change was made in.
pub(in crate::state) type Inverse = Arc<dyn Fn(Direction) + Send + Sync>;

/// One change and its inverse.
#[derive(Clone)]
struct Entry {
    id: u32,
    /// The list that it changed; `None` for changes of the lists themselves.
    list: Option<WatchlistId>,
    run: Inverse,
}

/// The changes of this tab, the newest last.
#[derive(Clone, Copy)]
pub(crate) struct UndoStack {
    done: StoredValue<Vec<Entry>>,
    undone: StoredValue<Vec<Entry>>,
    last_id: StoredValue<u32>,
}

impl UndoStack {
    pub(in crate::state) fn new() -> Self {
        Self { done: StoredValue::default(), undone: StoredValue::default(), last_id: StoredValue::default() }
    }

    /// Pushes the inverse of a change that was just made, and returns the entry's id.
    pub(in crate::state) fn remember(self, direction: Direction, list: Option<WatchlistId>, run: Inverse) -> u32 {
        self.last_id.update_value(|id| *id += 1);
        let id = self.last_id.get_value();
        if direction == Direction::Do {
            self.undone.update_value(Vec::clear);
        }
        let stack = if direction == Direction::Undo { self.undone } else { self.done };
        stack.update_value(|entries| {
            entries.push(Entry { id, list, run });
            if entries.len() > MOST {
                entries.remove(0);
            }
        });
        id
    }

    /// Puts an entry back whose undo or redo has failed, to be tried again, and returns its new id.
    pub(in crate::state) fn put_back(self, direction: Direction, list: Option<WatchlistId>, run: Inverse) -> u32 {
        let was_on = if direction == Direction::Redo { Direction::Undo } else { Direction::Redo };
        self.remember(was_on, list, run)
    }

    /// Undoes or redoes the change of an entry, if it is still there.
    pub(in crate::state) fn try_again(self, id: u32) {
        for (stack, direction) in [(self.done, Direction::Undo), (self.undone, Direction::Redo)] {
            let entry = stack.try_update_value(|entries| {
                let at = entries.iter().position(|entry| entry.id == id)?;
                Some(entries.remove(at))
            });
            if let Some(entry) = entry.flatten() {
                return (entry.run)(direction);
            }
        }
    }

    /// Replaces the inverse of a change that turned out otherwise.
    pub(in crate::state) fn replace(self, id: u32, run: &Inverse) {
        for stack in [self.done, self.undone] {
            stack.update_value(|entries| {
                if let Some(entry) = entries.iter_mut().find(|entry| entry.id == id) {
                    entry.run = Arc::clone(run);
                }
            });
        }
    }

    /// Removes the entry of a change that failed.
    pub(in crate::state) fn forget(self, id: u32) {
        for stack in [self.done, self.undone] {
            stack.update_value(|entries| entries.retain(|entry| entry.id != id));
        }
    }

    /// Undoes one change, if it has not been undone.
    pub(crate) fn undo(self, id: u32) {
        let entry = self.done.try_update_value(|entries| {
            let at = entries.iter().position(|entry| entry.id == id)?;
            Some(entries.remove(at))
        });
        if let Some(entry) = entry.flatten() {
            (entry.run)(Direction::Undo);
        }
    }

    /// Undoes or redoes the last change of the open list or of the lists themselves. Returns whether there was one.
    pub(crate) fn step(self, direction: Direction, open: Option<&WatchlistId>) -> bool {
        let stack = if direction == Direction::Redo { self.undone } else { self.done };
        let entry = stack.try_update_value(|entries| {
            let at = entries.iter().rposition(|entry| entry.list.is_none() || entry.list.as_ref() == open)?;
            Some(entries.remove(at))
        });
        let Some(entry) = entry.flatten() else { return false };
        (entry.run)(direction);
        true
    }

    /// Whether a change of this list or of the lists themselves can be undone.
    pub(crate) fn can_undo(self, open: Option<&WatchlistId>) -> bool {
        self.done.with_value(|entries| entries.iter().any(|entry| entry.list.is_none() || entry.list.as_ref() == open))
    }

    pub(in crate::state) fn clear(self) {
        self.done.update_value(Vec::clear);
        self.undone.update_value(Vec::clear);
    }
}
