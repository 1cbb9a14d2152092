//! The account button of the header. Its panel is loaded when it is first opened.

use crate::components::controls::lazy::Lazy;
use crate::state::state;
use crate::texts::account;
use crate::view::reactive::{dynamic, text};
use leptos::prelude::*;

/// The account's initial, opening a panel that the browser closes by itself.
#[component]
pub(crate) fn AccountMenu() -> impl IntoView {
    let state = state();
    let name = move || state.session.user().map_or_else(String::new, |user| user.display_name.to_string());
    // Capitalised by CSS: Rust's case tables would add to the download.
    let initial = move || name().chars().next().map_or_else(String::new, String::from);
    let opened = RwSignal::new(false);
    view! {
        <button
            class="account-menu"
            type="button"
            popovertarget="account-panel"
            aria-label=account::account()
            on:click=move |_| opened.set(true)
        >
            {text(initial)}
        </button>
        <div id="account-panel" class="account-panel" popover="auto">
            {dynamic(move || match opened.get() {
                true => view! { <Lazy quiet=true load=state.lazy.account_panel /> }.into_any(),
                false => ().into_any(),
            })}
        </div>
    }
}
