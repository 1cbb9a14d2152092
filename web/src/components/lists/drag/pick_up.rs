//! Moving rows by keyboard: picked up, moved by the arrow keys, and dropped or put back. Each move is shown in the list
//! and announced to screen readers.

use super::slot::{self, Slot};
use crate::state::State;
use crate::state::lists::open_list::commit::describe;
use crate::texts;
use crate::view::reactive::effect;
use crate::view::{focus, listener};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use watchtape_shared::Symbol;
use web_sys::KeyboardEvent;

/// The rows that were picked up, and the slots that they move through.
struct PickedUp {
    symbols: Vec<Symbol>,
    slots: Vec<Slot>,
    at: usize,
    began: usize,
}

/// Handles a picked up row until it is dropped.
pub(super) fn follow(state: State) {
    let picked_up = StoredValue::new(None::<PickedUp>);
    effect(move || {
        let Some(symbol) = state.editing.picked.get() else { return };
        let symbols = state.selection.selected_or(symbol);
        let (slots, place) = state.open_list.items().with_untracked(|items| {
            let slots = slot::all(items, &symbols);
            // The slot of the first of them: after a row of its section, or at the section's start.
            let seen = slot::current(items, &symbols);
            let at = slots.iter().position(|slot| Some(slot) == seen.as_ref());
            (slots, at.unwrap_or(0))
        });
        if slots.is_empty() {
            return state.editing.picked.set(None);
        }
        state.selection.set_dragged(symbols.clone());
        state.toasts.announce(texts::item::picked_up(&describe(&symbols)));
        picked_up.set_value(Some(PickedUp { symbols, slots, at: place, began: place }));
    });
    listener::capture("keydown", move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        let (Some(symbol), true) = (state.editing.picked.get_untracked(), picked_up.with_value(Option::is_some)) else {
            return;
        };
        let step = match event.key().as_str() {
            "ArrowUp" => Step::By(-1),
            "ArrowDown" => Step::By(1),
            "Home" => Step::By(isize::MIN),
            "End" => Step::By(isize::MAX),
            "Enter" | " " => Step::Down,
            // Leaving cancels.
            "Escape" | "Tab" => Step::Back,
            "Control" | "Shift" | "Alt" | "Meta" => return,
            _ => Step::By(0),
        };
        if event.key() != "Tab" {
            event.prevent_default();
        }
        event.stop_propagation();
        take_step(state, picked_up, &step);
        focus::row(symbol);
    });
}

enum Step {
    By(isize),
    Down,
    Back,
}

fn take_step(state: State, picked_up: StoredValue<Option<PickedUp>>, step: &Step) {
    match step {
        Step::By(0) => {}
        &Step::By(by) => {
            picked_up.update_value(|picked_up| {
                let Some(picked_up) = picked_up else { return };
                picked_up.at = picked_up.at.saturating_add_signed(by).min(picked_up.slots.len() - 1);
                let Slot { behind, section } = &picked_up.slots[picked_up.at];
                state.open_list.preview_move(&picked_up.symbols, *behind, section.as_ref());
            });
        }
        Step::Down | Step::Back => {
            let Some(PickedUp { symbols, slots, at, began }) = picked_up.try_update_value(Option::take).flatten()
            else {
                return;
            };
            state.editing.picked.set(None);
            state.selection.set_dragged(Vec::new());
            state.open_list.clear_preview();
            let Slot { behind, section } = &slots[at];
            if matches!(step, Step::Down) && at != began {
                state.open_list.move_to(&symbols, *behind, section.as_ref(), false);
            } else {
                state.toasts.announce(texts::item::put_back(&describe(&symbols)));
            }
        }
    }
}
