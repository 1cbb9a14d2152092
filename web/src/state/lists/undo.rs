//! Undo and redo of changes of lists, by key or from the command palette.

use crate::state::State;
use crate::state::undo_stack::Direction;
use crate::texts;
use leptos::prelude::GetUntracked;

impl State {
    /// Undoes the last change of the open list or of the lists themselves, or redoes the last one that was undone.
    pub(crate) fn undo_or_redo(self, direction: Direction) {
        let open = self.open_list.id().get_untracked();
        if !self.undo_stack.step(direction, open.as_ref()) {
            self.toasts.announce(if direction == Direction::Undo {
                texts::changes::nothing_to_undo()
            } else {
                texts::changes::nothing_to_redo()
            });
        }
    }
}
