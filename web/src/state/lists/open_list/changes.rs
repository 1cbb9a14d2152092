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
            ListChange { list, ops: vec![ListOp::Add(symbol, Box::default())], inverse: vec![ListOp::Remove(symbol)] };
        let text = ChangeText::new(texts::changes::added(&symbol), texts::changes::not_added(&symbol), true);
        self.commit(Direction::Do, text, vec![part]);
    }

    /// Removes symbols from the open list.
    pub(crate) fn remove_all(self, symbols: &[Symbol]) {
        let what = describe(symbols);
        let text = ChangeText::new(texts::changes::removed(&what), texts::changes::not_removed(&what), true);
        self.change(text, symbols.iter().map(|symbol| ListOp::Remove(*symbol)).collect());
    }

    /// Edits the annotations of symbols.
    pub(crate) fn edit(self, symbols: &[Symbol], edit: impl Fn(&mut Annotations)) {
        let ops = self.items().with_untracked(|items| annotation_edits(items, symbols, edit));
        let what = describe(symbols);
        self.change(ChangeText::new(texts::changes::edited(&what), texts::changes::not_edited(&what), true), ops);
    }

    /// Replaces the annotations that were shown in the editor by edited ones, merging what another device changed
    /// meanwhile. Of several symbols, annotations that were not edited stay as they are.
    pub(crate) fn rewrite(self, symbols: &[Symbol], was: &Annotations, will: &Annotations) {
        let mut ops = Vec::new();
        if will.section != was.section {
            ops = self.items().with_untracked(|items| {
                moves(items, symbols, end_of(items, symbols, will.section.as_ref()), will.section.as_ref())
            });
        }
        // The section is part of the move.
        let was = Annotations { section: will.section.clone(), ..was.clone() };
        if was != *will {
            let annotations = Box::new((was, will.clone()));
            ops.extend(symbols.iter().map(|symbol| ListOp::Set(*symbol, annotations.clone())));
        }
        let what = describe(symbols);
        self.change(ChangeText::new(texts::changes::edited(&what), texts::changes::not_edited(&what), true), ops);
    }

    /// Replaces an item's annotations, on any list.
    pub(in crate::state) fn set_annotations(
        self,
        direction: Direction,
        list: &WatchlistId,
        symbol: Symbol,
        was: &Annotations,
        will: &Annotations,
    ) {
        let set =
            |from: &Annotations, to: &Annotations| vec![ListOp::Set(symbol, Box::new((from.clone(), to.clone())))];
        let part = ListChange { list: list.clone(), ops: set(was, will), inverse: set(will, was) };
        let text = ChangeText::new(texts::changes::edited(&symbol), texts::changes::not_edited(&symbol), true);
        self.commit(direction, text, vec![part]);
    }
}
