//! Moving items of the open list, and showing where they would go while they are dragged.

use super::OpenList;
use super::commit::{ChangeText, describe};
use super::list_op::{ListOp, annotation_edits};
use crate::state::lists::item_order;
use crate::texts;
use leptos::prelude::*;
use watchtape_shared::Symbol;
use watchtape_shared::text::Section;
use watchtape_shared::watchlist::WatchlistItem;

impl OpenList {
    /// Moves a symbol up (`by` < 0) or down by one place. At the edge of a section it leaves the section first.
    pub(crate) fn shift(self, symbol: Symbol, by: isize) {
        let target = self.items().with_untracked(|items| {
            let seen = item_order::arranged(items);
            let at = seen.iter().position(|item| item.symbol == symbol)?;
            let next = seen.get(at.checked_add_signed(by)?)?;
            // Entering the next section is a move of its own.
            let is_out = next.section != seen[at].section;
            let behind = if is_out == (by < 0) { Some(next.symbol) } else { item_order::before(items, next.symbol)? };
            Some((behind, next.section.clone()))
        });
        if let Some((behind, section)) = target {
            self.move_to(&[symbol], behind, section.as_ref(), false);
        }
    }

    /// Moves symbols after another one, or to the top, and into a section.
    pub(crate) fn move_to(
        self,
        symbols: &[Symbol],
        behind: Option<Symbol>,
        section: Option<&Section>,
        shows_toast: bool,
    ) {
        let ops = self.items().with_untracked(|items| moves(items, symbols, behind, section));
        let what = describe(symbols);
        let text = ChangeText::new(texts::changes::moved(&what), texts::changes::not_moved(&what), shows_toast);
        if self.change(text, ops) {
            self.announce_place(symbols, section);
        }
    }

    /// Shows symbols at another place and announces it; nothing is sent.
    pub(crate) fn preview_move(self, symbols: &[Symbol], behind: Option<Symbol>, section: Option<&Section>) {
        self.clear_preview();
        let ops = self.items().with_untracked(|items| moves(items, symbols, behind, section));
        self.set_preview(ops);
        self.announce_place(symbols, section);
    }

    /// Ends the preview.
    pub(crate) fn clear_preview(self) {
        self.set_preview(Vec::new());
    }

    pub(super) fn announce_place(self, symbols: &[Symbol], section: Option<&Section>) {
        let Some(first) = symbols.first() else { return };
        let (place, of) = self.items().with_untracked(|items| (item_order::find(items, *first), items.len()));
        let mut text = texts::changes::place(&describe(symbols), &(place.unwrap_or(0) + 1), &of);
        if let Some(section) = section {
            text.push(' ');
            text += &texts::changes::in_section(section);
        }
        self.toasts.announce(text);
    }
}

/// The operations that move symbols after another one and into a section.
pub(super) fn moves(
    items: &[WatchlistItem],
    symbols: &[Symbol],
    behind: Option<Symbol>,
    section: Option<&Section>,
) -> Vec<ListOp> {
    // A symbol that moves too cannot be the one before.
    let still = |symbol: &Symbol| !symbols.contains(symbol);
    let mut before = behind.and_then(|behind| {
        let at = item_order::find(items, behind)?;
        items[..=at].iter().rev().map(|item| item.symbol).find(still)
    });
    let mut ops = Vec::new();
    for symbol in symbols {
        ops.push(ListOp::Move(*symbol, before));
        before = Some(*symbol);
    }
    // The move and the edit of one item are adjacent, so that one request carries both.
    ops.extend(annotation_edits(items, symbols, |annotations| annotations.section = section.cloned()));
    ops
}

/// The symbol after which symbols go that are put into a section: its last, or for a new section the last of the
/// section that the first of them leaves.
pub(super) fn end_of(items: &[WatchlistItem], symbols: &[Symbol], section: Option<&Section>) -> Option<Symbol> {
    let last = |wanted: Option<&Section>| items.iter().rev().find(|item| item.section.as_ref() == wanted);
    let first = items.iter().find(|item| symbols.contains(&item.symbol))?;
    last(section).or_else(|| last(first.section.as_ref())).map(|item| item.symbol)
}
