//! What can be done with one row, or with all chosen ones where it is among them.

use super::menu::Entry;
use crate::state::State;
use crate::texts;
use crate::view::focus;
use leptos::prelude::*;
use watchtape_shared::Symbol;

/// The entries of a row's menu.
pub(crate) fn entries(state: State, symbol: Symbol) -> Vec<Entry> {
    vec![
        Entry::new(texts::item::edit(), move || state.tools.edit(vec![symbol])).keys("E"),
        Entry::new(texts::item::select(), move || {
            state.tools.want();
            state.selection.toggle(symbol);
        })
        .keys("X"),
        Entry::new(texts::item::move_up(), move || shift(state, symbol, -1)).keys("Alt ↑"),
        Entry::new(texts::item::move_down(), move || shift(state, symbol, 1)).keys("Alt ↓"),
        Entry::new(texts::item::remove(), move || remove(state, symbol)).keys("Del"),
    ]
}

/// Moves a row by one place, and the focus with it.
pub(crate) fn shift(state: State, symbol: Symbol, by: isize) {
    state.list.shift(symbol, by);
    // The browser takes the focus from a row that is moved in the page.
    focus::row(symbol);
}

/// Removes a row, or all chosen ones with it; the focus goes to what comes after.
pub(crate) fn remove(state: State, symbol: Symbol) {
    let symbols = state.selection.with(symbol);
    let next = state.list.items().with_untracked(|items| {
        let at = items.iter().position(|item| item.symbol == symbol)?;
        let stays = |item: &&watchtape_shared::watchlist::WatchlistItem| !symbols.contains(&item.symbol);
        let after = items[at..].iter().find(stays).or_else(|| items[..at].iter().rev().find(stays))?;
        Some(after.symbol)
    });
    state.list.remove_all(&symbols);
    state.selection.clear();
    match next {
        Some(next) => focus::row(next),
        None => focus::search(),
    }
}
