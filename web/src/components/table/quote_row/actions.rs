//! Moving and removing a row, with the focus following it or going to its neighbour.

use crate::state::State;
use crate::state::lists::rows::line::Line;
use crate::texts::list;
use crate::view::focus;
use watchtape_shared::Symbol;

/// Moves a row up (`by` < 0) or down, unless the list is sorted.
pub(crate) fn shift(state: State, symbol: Symbol, by: isize) {
    if state.sorting.is_sorted() {
        state.toasts.show(list::sorted_no_move());
        return;
    }
    state.open_list.shift(symbol, by);
    // The browser takes the focus from a row that is moved in the page.
    focus::row(symbol);
}

/// Removes a row, or all selected rows if it is one of them.
pub(crate) fn remove(state: State, symbol: Symbol) {
    let symbols = state.selection.selected_or(symbol);
    let next = neighbour(state, symbol, 1, &symbols).or_else(|| neighbour(state, symbol, -1, &symbols));
    state.open_list.remove_all(&symbols);
    state.selection.clear();
    match next {
        Some(next) => focus::row(next),
        None => focus::search(),
    }
}

/// The next row in this direction that stays, skipping headings.
fn neighbour(state: State, symbol: Symbol, by: isize, gone: &[Symbol]) -> Option<Symbol> {
    let mut line = Line::Row(symbol);
    loop {
        let next = state.rows.neighbour(&line, by).filter(|next| *next != line)?;
        if let Some(symbol) = next.symbol().filter(|symbol| !gone.contains(symbol)) {
            return Some(symbol);
        }
        line = next;
    }
}
