//! The header of a dialog: its title and the close button.

use super::icon::{self, Icon};
use crate::state::state;
use leptos::prelude::*;

/// The title and the close button, whose accessible name is `close`.
#[component]
pub(crate) fn DialogHeader(title: &'static str, close: &'static str) -> impl IntoView {
    let overlay = state().dialogs;
    view! {
        <header class="dialog-header">
            <h2 id="tool-title">{title}</h2>
            <button class="icon-button" type="button" aria-label=close on:click=move |_| overlay.close()>
                <Icon path=icon::CLOSE />
            </button>
        </header>
    }
}
