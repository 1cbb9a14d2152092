//! Dragging a tab among the others.

use super::{DRAG_THRESHOLD, position, with};
use crate::state::State;
use crate::state::undo_stack::Direction;
use crate::view::{event_target, listener};
use leptos::prelude::*;
use watchtape_shared::WatchlistId;
use web_sys::Element;

#[derive(Clone)]
struct Dragged {
    id: WatchlistId,
    from: (f64, f64),
    to: Option<usize>,
}

/// Tabs are dragged by mouse or pen; a finger scrolls them.
pub(super) fn reorder(state: State) {
    let dragged = StoredValue::new(None::<Dragged>);
    let mark = move |at: Option<usize>| {
        for (index, tab) in tabs().into_iter().enumerate() {
            let _ = tab.class_list().toggle_with_force("drop-before", at == Some(index));
        }
    };
    listener::capture("pointerdown", move |event| {
        with(&event, |event| {
            if event.pointer_type() == "touch" || event.button() != 0 {
                return;
            }
            let tab = event_target::element(event).and_then(|at| at.closest("[data-list]").ok().flatten());
            let id = tab.and_then(|tab| WatchlistId::parse(&tab.get_attribute("data-list")?).ok());
            dragged.set_value(id.map(|id| Dragged { id, from: position(event), to: None }));
        });
    });
    // The browser would drag the link itself.
    listener::capture("dragstart", move |event| {
        if dragged.with_value(Option::is_some) {
            event.prevent_default();
        }
    });
    listener::capture("pointermove", move |event| {
        with(&event, |event| {
            let at = position(event);
            let moved = dragged.try_update_value(|dragged| {
                let dragged = dragged.as_mut()?;
                if dragged.to.is_none() && (at.0 - dragged.from.0).abs() < 3.0 * DRAG_THRESHOLD {
                    return None;
                }
                let from = state.lists.place_of(&dragged.id)?;
                let to = place_at(at.0);
                dragged.to = Some(to);
                Some((from, to))
            });
            if let Some((from, to)) = moved.flatten() {
                mark(Some(to).filter(|to| *to != from && *to != from + 1));
            }
        });
    });
    listener::capture("pointerup", move |_| {
        let Some(Dragged { id, to: Some(to), .. }) = dragged.try_update_value(Option::take).flatten() else { return };
        mark(None);
        crate::components::lists::drag::ignore_next_click(state);
        let Some(from) = state.lists.place_of(&id) else { return };
        state.lists.move_to(&id, if to > from { to - 1 } else { to }, Direction::Do);
    });
    listener::capture("pointercancel", move |_| {
        dragged.set_value(None);
        mark(None);
    });
}

/// The index of the tab before which a drop there goes.
fn place_at(x: f64) -> usize {
    let is_rtl = crate::texts::language::direction() == "rtl";
    let is_passed = |tab: &Element| {
        let shape = tab.get_bounding_client_rect();
        let middle = shape.left() + shape.width() / 2.0;
        if is_rtl { x < middle } else { x > middle }
    };
    tabs().iter().filter(|tab| is_passed(tab)).count()
}

fn tabs() -> Vec<Element> {
    use wasm_bindgen::JsCast;
    let Ok(found) = document().query_selector_all("[data-list]") else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok()).collect()
}
