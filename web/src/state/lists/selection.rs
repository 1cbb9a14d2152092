//! Which rows are selected, and which are being dragged.

use super::item_order;
use super::open_list::OpenList;
use super::rows::Rows;
use leptos::prelude::*;
use watchtape_shared::Symbol;

/// The selected rows of the open list.
#[derive(Clone, Copy)]
pub(crate) struct Selection {
    list: OpenList,
    rows: Rows,
    selected: RwSignal<Vec<Symbol>>,
    /// Where a range begins.
    anchor: StoredValue<Option<Symbol>>,
    dragged: RwSignal<Vec<Symbol>>,
}

impl Selection {
    pub(in crate::state) fn new(list: OpenList, rows: Rows) -> Self {
        let (selected, dragged) = (RwSignal::default(), RwSignal::default());
        Self { list, rows, selected, anchor: StoredValue::default(), dragged }
    }

    /// The selected symbols that are still on the list, in display order.
    pub(crate) fn symbols(self) -> Vec<Symbol> {
        let selected = self.selected.get();
        self.list.items().with(|items| {
            let seen = item_order::arranged(items).into_iter().map(|item| item.symbol);
            seen.filter(|symbol| selected.contains(symbol)).collect()
        })
    }

    pub(crate) fn is_empty(self) -> bool {
        self.selected.with(Vec::is_empty)
    }

    pub(crate) fn contains(self, symbol: Symbol) -> bool {
        self.selected.with(|selected| selected.contains(&symbol))
    }

    /// Whether a row is being dragged.
    pub(crate) fn is_dragged(self, symbol: Symbol) -> bool {
        self.dragged.with(|dragged| dragged.contains(&symbol))
    }

    pub(crate) fn set_dragged(self, symbols: Vec<Symbol>) {
        if self.dragged.with_untracked(|dragged| *dragged != symbols) {
            self.dragged.set(symbols);
        }
    }

    /// What an action on one row applies to: the whole selection if the row is part of it, else the row.
    pub(crate) fn selected_or(self, symbol: Symbol) -> Vec<Symbol> {
        untrack(|| if self.contains(symbol) { self.symbols() } else { vec![symbol] })
    }

    /// Selects or deselects a row.
    pub(crate) fn toggle(self, symbol: Symbol) {
        self.anchor.set_value(Some(symbol));
        self.selected.update(|selected| match selected.iter().position(|held| *held == symbol) {
            Some(at) => drop(selected.remove(at)),
            None => selected.push(symbol),
        });
    }

    /// Selects the range from the anchor to a row.
    pub(crate) fn extend(self, from: Symbol, to: Symbol) {
        let anchor = self.anchor.get_value().filter(|_| !self.selected.with_untracked(Vec::is_empty)).unwrap_or(from);
        self.anchor.set_value(Some(anchor));
        let seen = untrack(|| self.rows.symbols());
        let place = |symbol| seen.iter().position(|held| *held == symbol).unwrap_or(0);
        let (one, other) = (place(anchor), place(to));
        let range = seen.iter().take(one.max(other) + 1).skip(one.min(other)).copied().collect();
        self.selected.set(range);
    }

    pub(crate) fn all(self) {
        self.selected.set(self.list.items().with_untracked(|items| items.iter().map(|item| item.symbol).collect()));
    }

    pub(in crate::state) fn forget(self) {
        let Self { list: _, rows: _, selected, anchor, dragged } = self;
        selected.set(Vec::new());
        anchor.set_value(None);
        dragged.set(Vec::new());
    }

    pub(crate) fn clear(self) {
        self.anchor.set_value(None);
        if !self.selected.with_untracked(Vec::is_empty) {
            self.selected.update(Vec::clear);
        }
    }
}
