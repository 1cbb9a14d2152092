//! Edit conflicts: another device changed the same item. Neither version is lost; a toast offers the other one.

use super::OpenList;
use super::annotations::Annotations;
use super::list_op::ListOp;
use crate::i18n::flag;
use crate::state::shell::toasts::ToastAction;
use crate::state::undo_stack::{Direction, Inverse};
use crate::texts;
use std::sync::Arc;
use watchtape_shared::watchlist::WatchlistItem;
use watchtape_shared::{Symbol, WatchlistId};

impl OpenList {
    /// Warns if two notes together are too long. The other device's stays, and a toast offers this one's.
    pub(super) fn warn_if_note_too_long(self, id: &WatchlistId, ops: &[ListOp], held: &WatchlistItem) {
        let Some(ListOp::Set(symbol, annotations)) = ops.last() else { return };
        let held = Annotations::of(held);
        if held.merged(&annotations.0, &annotations.1).is_none() {
            let (id, symbol, mine) = (id.clone(), *symbol, annotations.1.clone());
            let replace: ToastAction = Arc::new(move || self.set_annotations(Direction::Do, &id, symbol, &held, &mine));
            self.toasts.warn(texts::changes::note_too_long(&symbol), texts::changes::use_mine().to_owned(), replace);
        }
    }

    /// Warns that another device changed the same item, and offers its version.
    pub(super) fn warn_of_conflict(
        self,
        id: &WatchlistId,
        symbol: Symbol,
        undo_id: u32,
        theirs: &Annotations,
        annotations: &(Annotations, Annotations),
    ) {
        let (was, will) = annotations;
        let Some(now) = theirs.merged(was, will) else { return };
        let both = now.note != will.note && will.note != was.note;
        let flagged = will.flag != was.flag && theirs.flag != was.flag && theirs.flag != will.flag;
        let section = will.section != was.section && theirs.section != was.section && theirs.section != will.section;
        if !(both || flagged || section) {
            return;
        }
        let (id, their_flag) = (id.clone(), theirs.flag);
        let theirs = theirs.clone();
        let back: Inverse = Arc::new(move |direction| self.set_annotations(direction, &id, symbol, &now, &theirs));
        self.undo.replace(undo_id, &back);
        let (text, label) = match both {
            true => (texts::changes::note_merged(&symbol), texts::changes::undo().to_owned()),
            false => (
                texts::changes::changed_elsewhere(&symbol),
                match their_flag {
                    Some(theirs) if flagged => texts::changes::use_theirs(&flag::name(theirs)),
                    _ => texts::changes::use_other().to_owned(),
                },
            ),
        };
        self.toasts.warn(text, label, Arc::new(move || self.undo.undo(undo_id)));
    }
}
