//! Loads the list tools when one of them is first used, or a change waits to be sent.

use crate::components::controls::lazy::Lazy;
use crate::state::state;
use crate::view::reactive::{dynamic, effect};
use leptos::prelude::*;

/// The list tools, once they are needed.
#[component]
pub(crate) fn ListToolsLoader() -> impl IntoView {
    let state = state();
    effect(move || {
        if state.open_list.unsent() > 0 {
            state.editing.load();
        }
    });
    let wanted = Memo::new(move |_| state.editing.is_needed());
    dynamic(move || match wanted.get() {
        true => view! { <Lazy load=state.lazy.list_tools quiet=true /> }.into_any(),
        false => ().into_any(),
    })
}
