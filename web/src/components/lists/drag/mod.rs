//! Moving rows and tabs: by mouse, pen or finger from a row's handle or a tab, and by keyboard (`pick_up.rs`).
//!
//! Only the handle starts a drag by finger, and only where the finger rests on it first, so that the list still scrolls by
//! touch. Rows stay in place until they are dropped; a line shows where they would go.

mod long_press;
mod pick_up;
mod slot;
mod tabs;

use crate::state::lists::open_list::commit::describe;
use crate::state::{State, state};
use crate::view::reactive::{effect, flag, text};
use crate::view::{event_target, listener};
use leptos::html::Div;
use leptos::prelude::*;
use slot::Slot;
use std::time::Duration;
use wasm_bindgen::JsCast;
use watchtape_shared::Symbol;
use web_sys::{Event, HtmlElement, KeyboardEvent, PointerEvent};

/// Pixels that the pointer must move to start a drag.
const DRAG_THRESHOLD: f64 = 4.0;
/// How long a finger rests on a handle to drag by it.
const HOLD: Duration = Duration::from_millis(250);
/// The distance from the window's edge at which the page scrolls, and the most that it scrolls in a frame, in pixels.
const SCROLL_EDGE: f64 = 72.0;
const SCROLL_STEP: f64 = 14.0;

/// The rows that are dragged.
#[derive(Clone)]
struct Dragged {
    pointer: i32,
    symbols: Vec<Symbol>,
    from: (f64, f64),
    at: (f64, f64),
    /// Whether a move of the pointer drags. That of a finger that has not rested scrolls.
    is_held: bool,
    has_moved: bool,
    slot: Option<Slot>,
}

/// Dragging rows of the list.
#[derive(Clone, Copy)]
struct RowDrag {
    state: State,
    dragged: StoredValue<Option<Dragged>>,
    chip: NodeRef<Div>,
    line: NodeRef<Div>,
    /// The text of the chip; empty while nothing is dragged.
    chip_text: RwSignal<String>,
}

/// The line where rows would be dropped, and the chip beside the pointer.
#[component]
pub(crate) fn Drag() -> impl IntoView {
    let state = state();
    let (chip, line) = (NodeRef::new(), NodeRef::new());
    let drag = RowDrag { state, dragged: StoredValue::new(None), chip, line, chip_text: RwSignal::default() };
    listener::capture("pointerdown", move |event| with(&event, |event| drag.start(event)));
    listener::capture("pointermove", move |event| with(&event, |event| drag.move_to(event)));
    listener::capture("pointerup", move |event| with(&event, |event| drag.drop(event)));
    listener::capture("pointercancel", move |_| drag.cancel());
    listener::capture("keydown", move |event| {
        let is_escape = event.dyn_ref::<KeyboardEvent>().is_some_and(|event| event.key() == "Escape");
        if is_escape && drag.is_moving() {
            event.prevent_default();
            event.stop_propagation();
            drag.cancel();
        }
    });
    long_press::follow(state);
    tabs::reorder(state);
    pick_up::follow(state);
    effect(move || {
        // While something is dragged, nothing reacts to hovering.
        let is_moving = !drag.chip_text.read().is_empty();
        if let Some(body) = document().body() {
            let _ = body.class_list().toggle_with_force("drag-carrying", is_moving);
        }
    });
    let idle = move || drag.chip_text.read().is_empty();
    view! {
        <div class="drag-line" node_ref=line hidden=flag(idle) aria-hidden="true"></div>
        <div class="drag-chip" node_ref=chip hidden=flag(idle) aria-hidden="true">
            {text(move || drag.chip_text.get())}
        </div>
    }
}

impl RowDrag {
    fn start(self, event: &PointerEvent) {
        let is_handle = event_target::element(event)
            .is_some_and(|at| at.closest(".row-handle").is_ok_and(|handle| handle.is_some()));
        let Some(symbol) = event_target::row(event).filter(|_| is_handle && event.button() == 0 && event.is_primary())
        else {
            return;
        };
        let at = position(event);
        let symbols = self.state.selection.selected_or(symbol);
        let pointer = event.pointer_id();
        let is_held = event.pointer_type() != "touch";
        self.dragged.set_value(Some(Dragged { pointer, symbols, from: at, at, is_held, has_moved: false, slot: None }));
        if !is_held {
            set_timeout(move || self.hold(pointer), HOLD);
        }
        if let Some(handle) = event_target::element(event) {
            // Without the capture, events stop outside the window.
            let _ = handle.set_pointer_capture(pointer);
        }
    }

    /// A finger has rested on a handle: its row is picked up, which is to be seen before it moves.
    fn hold(self, pointer: i32) {
        let held = self.dragged.try_update_value(|dragged| {
            let dragged = dragged.as_mut().filter(|dragged| dragged.pointer == pointer && !dragged.is_held)?;
            dragged.is_held = true;
            Some(dragged.symbols.clone())
        });
        if let Some(symbols) = held.flatten() {
            self.pick_up(symbols);
        }
    }

    fn move_to(self, event: &PointerEvent) {
        let at = position(event);
        let moved = self.dragged.try_update_value(|dragged| {
            let dragged = dragged.as_mut().filter(|dragged| dragged.pointer == event.pointer_id())?;
            dragged.at = at;
            let is_far = (at.0 - dragged.from.0).hypot(at.1 - dragged.from.1) > DRAG_THRESHOLD;
            dragged.has_moved |= is_far;
            dragged.has_moved.then(|| (dragged.is_held, dragged.symbols.clone()))
        });
        let Some((is_held, symbols)) = moved.flatten() else { return };
        if !is_held {
            return self.cancel();
        }
        event.prevent_default();
        let is_picked_up = !self.chip_text.read_untracked().is_empty();
        if is_picked_up || self.pick_up(symbols) {
            self.show();
        }
    }

    /// Begins to drag; false where the order of the rows is not theirs.
    fn pick_up(self, symbols: Vec<Symbol>) -> bool {
        if untrack(|| self.state.sorting.is_sorted()) {
            self.state.toasts.show(crate::texts::list::sorted_no_move());
            self.cancel();
            return false;
        }
        self.chip_text.set(describe(&symbols));
        self.state.selection.set_dragged(symbols);
        self.show();
        self.scroll();
        true
    }

    /// Shows the chip at the pointer, and the line where the rows would go.
    fn show(self) {
        let Some(Some(dragged)) = self.dragged.try_get_value() else { return };
        let found = slot::under(self.state, dragged.at.1);
        if let (Some(line), Some((_, edge))) = (self.line.get_untracked(), &found) {
            set(&line, "top", edge.top);
            set(&line, "left", edge.left);
            set(&line, "width", edge.width);
        }
        if let Some(chip) = self.chip.get_untracked() {
            set(&chip, "left", dragged.at.0 + 14.0);
            set(&chip, "top", dragged.at.1 + 10.0);
        }
        self.dragged.update_value(|dragged| {
            if let Some(dragged) = dragged {
                dragged.slot = found.map(|(slot, _)| slot);
            }
        });
    }

    /// Scrolls while the pointer drags near an edge of the window.
    fn scroll(self) {
        request_animation_frame(move || {
            let Some(Some(dragged)) = self.dragged.try_get_value() else { return };
            let height = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(0.0);
            let into = |depth: f64| (depth / SCROLL_EDGE).clamp(0.0, 1.0) * SCROLL_STEP;
            let by = into(dragged.at.1 - (height - SCROLL_EDGE)) - into(2.0 * SCROLL_EDGE - dragged.at.1);
            if by != 0.0 {
                window().scroll_by_with_x_and_y(0.0, by);
                self.show();
            }
            self.scroll();
        });
    }

    fn drop(self, event: &PointerEvent) {
        let is_mine = |dragged: &Dragged| dragged.pointer == event.pointer_id();
        let Some(dragged) = self.dragged.get_value().filter(is_mine) else { return };
        self.cancel();
        if let Some(Slot { behind, section }) = dragged.slot.filter(|_| dragged.has_moved) {
            event.prevent_default();
            self.state.open_list.move_to(&dragged.symbols, behind, section.as_ref(), true);
        }
    }

    fn cancel(self) {
        self.dragged.set_value(None);
        if !self.chip_text.read_untracked().is_empty() {
            self.chip_text.set(String::new());
            self.state.selection.set_dragged(Vec::new());
        }
    }

    fn is_moving(self) -> bool {
        self.dragged.with_value(|dragged| dragged.as_ref().is_some_and(|dragged| dragged.has_moved))
    }
}

/// Ignores the click that follows at once.
fn ignore_next_click(state: State) {
    let ignores_next_click = state.editing.ignores_next_click;
    ignores_next_click.set_value(true);
    set_timeout(move || ignores_next_click.set_value(false), Duration::ZERO);
}

fn with(event: &Event, act: impl FnOnce(&PointerEvent)) {
    if let Some(event) = event.dyn_ref::<PointerEvent>() {
        act(event);
    }
}

fn position(event: &PointerEvent) -> (f64, f64) {
    (f64::from(event.client_x()), f64::from(event.client_y()))
}

fn set(element: &HtmlElement, property: &str, pixels: f64) {
    // These properties accept a length.
    let _ = element.style().set_property(property, &[pixels.round().to_string().as_str(), "px"].concat());
}
