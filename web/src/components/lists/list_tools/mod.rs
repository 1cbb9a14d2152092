//! The editing tools of a list, loaded when somebody first points at it: keys and clicks that select rows, the
//! selection bar, the item editor, the list dialog, drag and drop.
//!
//! Rows know nothing of them: keys and clicks are caught in the capture phase, and a row is known by its `data-symbol`.

mod clicks;
mod keys;

use super::drag::Drag;
use super::item_editor::ItemEditor;
use super::list_dialog::ListDialog;
use super::selection_bar::SelectionBar;
use crate::state::state;
use crate::view::reactive::effect;
use crate::view::{event_target, listener};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

/// All list tools.
#[component]
pub(crate) fn ListTools() -> impl IntoView {
    let state = state();
    // Whether the last key was the `g` of a `g 1` sequence.
    let goes = StoredValue::new(false);
    listener::capture("keydown", move |event| {
        if let Some(event) = event.dyn_ref::<KeyboardEvent>() {
            keys::on_key(state, goes, event);
        }
    });
    listener::capture("click", move |event| {
        if state.editing.ignores_next_click.get_value() {
            event.prevent_default();
            event.stop_propagation();
        } else {
            clicks::on_click(state, &event);
        }
    });
    listener::capture("dblclick", move |event| {
        if let Some(id) = event_target::tab(&event) {
            state.editing.rename(id);
        }
    });
    for event in state.editing.arrive() {
        keys::on_key(state, goes, &event);
    }
    on_cleanup(move || state.editing.depart());
    // Another list begins without a selection, and without an editor.
    let before = StoredValue::new(untrack(|| state.open_list.id().get()));
    effect(move || {
        let id = state.open_list.id().get();
        state.selection.clear();
        if before.try_update_value(|before| std::mem::replace(before, id.clone())).flatten() != id {
            state.editing.edited.update(Vec::clear);
        }
    });
    view! {
        <SelectionBar />
        <Drag />
        <ItemEditor />
        <ListDialog />
    }
}
