//! The place of the list's tools: empty until something of them is asked for, or there is a change to send.

use crate::chunks;
use crate::components::controls::lazy::Later;
use crate::state::state;
use crate::view::reactive::{effect, part};
use leptos::prelude::*;

/// The tools, once they are wanted.
#[component]
pub(crate) fn WantedTools() -> impl IntoView {
    let state = state();
    effect(move || {
        if state.connection.unsent() > 0 {
            state.tools.want();
        }
    });
    let wanted = Memo::new(move |_| state.tools.wanted());
    part(move || match wanted.get() {
        true => view! { <Later load=|| Box::pin(chunks::list_tools()) quiet=true /> }.into_any(),
        false => ().into_any(),
    })
}
