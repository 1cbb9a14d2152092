//! The keys of the table's lines. Buttons and menus in a line handle theirs and stop them.

use super::{Viewport, line_at};
use crate::components::table::quote_row::actions;
use crate::route;
use crate::state::State;
use crate::state::lists::rows::line::Line;
use crate::view::focus;
use leptos::ev::KeyboardEvent;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// A key was pressed on a line.
pub(super) fn press(state: State, viewport: Viewport, event: &KeyboardEvent) {
    let Some(line) = line_at(event.target()) else { return };
    if event.ctrl_key() || event.meta_key() || event.shift_key() {
        return;
    }
    let to = |by| go(state, viewport, &line, by);
    match (event.key().as_str(), event.alt_key(), &line) {
        ("ArrowUp", false, _) => to(-1),
        ("ArrowDown", false, _) => to(1),
        ("PageUp", false, _) => to(-viewport.page()),
        ("PageDown", false, _) => to(viewport.page()),
        ("Home", false, _) => to(isize::MIN),
        ("End", false, _) => to(isize::MAX),
        ("ArrowUp", true, Line::Row(symbol)) => actions::shift(state, *symbol, -1),
        ("ArrowDown", true, Line::Row(symbol)) => actions::shift(state, *symbol, 1),
        ("Delete", false, Line::Row(symbol)) => actions::remove(state, *symbol),
        // On the line itself: buttons and links handle Enter themselves.
        ("Enter", false, Line::Row(symbol)) if is_line(event) => state.location.go(&route::security(*symbol)),
        ("a", false, Line::Row(symbol)) => state.open_alert_form(*symbol, None),
        ("i", false, Line::Row(symbol)) => state.price_card.show(*symbol),
        _ => return,
    }
    event.prevent_default();
}

fn is_line(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.has_attribute("data-line"))
}

/// Moves the focus by lines. A line out of view is brought into the page first.
fn go(state: State, viewport: Viewport, line: &Line, by: isize) {
    if let Some(next) = state.rows.neighbour(line, by) {
        let number = viewport.number(&next);
        state.rows.visit(next);
        focus::line(&number);
    }
}
