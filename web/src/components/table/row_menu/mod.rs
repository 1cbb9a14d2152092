//! The menu of a row, or of all selected rows if it is one of them.

use super::quote_row::actions::{remove, shift};
use crate::components::controls::menu::MenuItem;
use crate::state::State;
use crate::texts;
use watchtape_shared::Symbol;

/// The entries of a row's menu.
pub(crate) fn entries(state: State, symbol: Symbol) -> Vec<MenuItem> {
    vec![
        MenuItem::new(texts::list::details(), move || state.price_card.show(symbol)).keys("I"),
        MenuItem::new(texts::alert::set(), move || state.open_alert_form(symbol, None)).keys("A"),
        MenuItem::new(texts::item::edit(), move || state.editing.edit(vec![symbol])).keys("E"),
        MenuItem::new(texts::item::select(), move || {
            state.editing.load();
            state.selection.toggle(symbol);
        })
        .keys("X"),
        MenuItem::new(texts::item::move_up(), move || shift(state, symbol, -1)).keys("Alt ↑"),
        MenuItem::new(texts::item::move_down(), move || shift(state, symbol, 1)).keys("Alt ↓"),
        MenuItem::new(texts::item::remove(), move || remove(state, symbol)).keys("Del"),
    ]
}
