//! Changes of the items of the open list: add, remove, edit. Each is shown at once, sent in the background, and can be
//! undone.

use super::OpenList;
use super::annotations::Annotations;
use super::commit::{ChangeText, ListChange, describe};
use super::list_op::{ListOp, annotation_edits};
use super::moves::{end_of, moves};
use crate::state::undo_stack::Direction;
use crate::texts;
use leptos::prelude::*;
use watchtape_shared::{Symbol, WatchlistId};

impl OpenList {
    /// Appends a symbol to the open list.
    pub(crate) fn add(self, symbol: Symbol) {
        let Some(list) = self.id.get_untracked() else { return };
        let part =
            ListChange { list, steps: vec![ListOp::Add(symbol, Box::default())], back: vec![ListOp::Remove(symbol)] };
        let said = ChangeText::new(texts::changes::added(&symbol), texts::changes::not_added(&symbol), true);
        self.carry_out(Direction::Do, said, vec![part]);
    }

    /// Removes symbols from the open list.
    pub(crate) fn remove_all(self, symbols: &[Symbol]) {
        let what = describe(symbols);
        let said = ChangeText::new(texts::changes::removed(&what), texts::changes::not_removed(&what), true);
        self.change(said, symbols.iter().map(|symbol| ListOp::Remove(*symbol)).collect());
    }

    /// Edits the annotations of symbols.
    pub(crate) fn edit(self, symbols: &[Symbol], edit: impl Fn(&mut Annotations)) {
        let steps = self.items().with_untracked(|items| annotation_edits(items, symbols, edit));
        let what = describe(symbols);
        self.change(ChangeText::new(texts::changes::edited(&what), texts::changes::not_edited(&what), true), steps);
    }

    /// Replaces the annotations that were shown in the editor by edited ones, merging what another device changed
    /// meanwhile. Of several symbols, annotations that were not edited stay as they are.
    pub(crate) fn rewrite(self, symbols: &[Symbol], was: &Annotations, will: &Annotations) {
        let mut steps = Vec::new();
        if will.section != was.section {
            steps = self.items().with_untracked(|items| {
                moves(items, symbols, end_of(items, symbols, will.section.as_ref()), will.section.as_ref())
            });
        }
        // The section is part of the move.
        let was = Annotations { section: will.section.clone(), ..was.clone() };
        if was != *will {
            let marks = Box::new((was, will.clone()));
            steps.extend(symbols.iter().map(|symbol| ListOp::Set(*symbol, marks.clone())));
        }
        let what = describe(symbols);
        self.change(ChangeText::new(texts::changes::edited(&what), texts::changes::not_edited(&what), true), steps);
    }

    /// Replaces an item's annotations, on any list.
    pub(in crate::state) fn set_marks(
        self,
        direction: Direction,
        list: &WatchlistId,
        symbol: Symbol,
        was: &Annotations,
        will: &Annotations,
    ) {
        let set =
            |from: &Annotations, to: &Annotations| vec![ListOp::Set(symbol, Box::new((from.clone(), to.clone())))];
        let part = ListChange { list: list.clone(), steps: set(was, will), back: set(will, was) };
        let said = ChangeText::new(texts::changes::edited(&symbol), texts::changes::not_edited(&symbol), true);
        self.carry_out(direction, said, vec![part]);
    }
}
