//! Loads the list tools when one of them is first used, or a change waits to be sent.

use crate::components::controls::lazy::Lazy;
use crate::state::state;
use crate::view::reactive::{dynamic, effect, memo};
use crate::view::{event_target, listener};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

/// The list tools, once they are needed.
#[component]
pub(crate) fn ListToolsLoader() -> impl IntoView {
    let state = state();
    effect(move || {
        if state.open_list.unsent() > 0 {
            state.editing.load();
        }
    });
    // A key that is pressed while they are loaded is not lost.
    listener::capture("keydown", move |event| {
        let is_theirs = event_target::row(&event).is_some() || event_target::tab(&event).is_some();
        if let (true, Ok(event)) = (is_theirs, event.dyn_into::<KeyboardEvent>()) {
            state.editing.press_early(event);
        }
    });
    let wanted = memo(move |_| state.editing.is_needed());
    dynamic(move || match wanted.get() {
        true => view! { <Lazy load=state.lazy.list_tools quiet=true /> }.into_any(),
        false => ().into_any(),
    })
}
