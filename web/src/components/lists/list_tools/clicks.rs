//! Clicks and taps that select rows.

use crate::state::State;
use crate::view::{event_target, focus};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use watchtape_shared::Symbol;
use web_sys::{Event, MouseEvent};

/// Selects rows: up to the clicked one with Shift, one more or one less with Ctrl, or by a tap once a row is selected.
pub(super) fn on_click(state: State, event: &Event) {
    let (Some(event), Some(target)) = (event.dyn_ref::<MouseEvent>(), event_target::element(event)) else { return };
    let Some(symbol) = event_target::row(event) else { return };
    let ctrl = event.ctrl_key() || event.meta_key();
    // Once a row is selected, a tap selects others.
    let is_tap = is_touch(event) && !untrack(|| state.selection.is_empty());
    let is_control = target.closest("button, .menu").is_ok_and(|control| control.is_some());
    if event.shift_key() {
        let from = focused_row().unwrap_or(symbol);
        state.selection.extend(from, symbol);
    } else if (ctrl || is_tap) && !is_control {
        state.selection.toggle(symbol);
    } else {
        return;
    }
    focus::row(symbol);
    event.prevent_default();
    event.stop_propagation();
}

/// Whether a click was made by a finger.
fn is_touch(event: &MouseEvent) -> bool {
    let kind = js_sys::Reflect::get(event, &"pointerType".into());
    kind.is_ok_and(|kind| kind.as_string().as_deref() == Some("touch"))
}

fn focused_row() -> Option<Symbol> {
    event_target::row_around(&document().active_element()?)
}
