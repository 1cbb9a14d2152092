//! Selecting a row by a long press.

use super::{DRAG_THRESHOLD, ignore_next_click, position, with};
use crate::state::State;
use crate::view::{event_target, listener};
use leptos::prelude::*;

/// How long a finger rests on a row to select it.
const LONG_PRESS: std::time::Duration = std::time::Duration::from_millis(500);

/// Selects the row that a finger rests on.
pub(super) fn follow(state: State) {
    let pressed = StoredValue::new(None::<((f64, f64), TimeoutHandle)>);
    // Whether the current touch has selected a row: its click would deselect it.
    let has_selected = StoredValue::new(false);
    let cancel = move || {
        if let Some((_, timer)) = pressed.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    };
    listener::capture("pointerdown", move |event| {
        cancel();
        with(&event, |event| {
            let is_control = event_target::element(event)
                .is_some_and(|at| at.closest("button, a, .menu").is_ok_and(|at| at.is_some()));
            let Some(symbol) = event_target::row(event).filter(|_| event.pointer_type() == "touch" && !is_control)
            else {
                return;
            };
            let press = move || {
                pressed.set_value(None);
                state.selection.toggle(symbol);
                has_selected.set_value(true);
            };
            if let Ok(timer) = set_timeout_with_handle(press, LONG_PRESS) {
                pressed.set_value(Some((position(event), timer)));
            }
        });
    });
    listener::capture("pointermove", move |event| {
        with(&event, |event| {
            let at = position(event);
            let is_far = |from: &(f64, f64)| (at.0 - from.0).hypot(at.1 - from.1) > 2.0 * DRAG_THRESHOLD;
            if pressed.with_value(|pressed| pressed.as_ref().is_some_and(|(from, _)| is_far(from))) {
                cancel();
            }
        });
    });
    for kind in ["pointerup", "pointercancel"] {
        listener::capture(kind, move |_| {
            cancel();
            if has_selected.get_value() {
                has_selected.set_value(false);
                ignore_next_click(state);
            }
        });
    }
    listener::capture("contextmenu", move |event| {
        with(&event, |event| {
            if event.pointer_type() == "touch" && event_target::row(event).is_some() {
                event.prevent_default();
            }
        });
    });
    on_cleanup(cancel);
}
