//! The bell of a security: how many alerts are watched for, and the way to the form.

use crate::components::controls::icon::{self, Icon};
use crate::state::state;
use crate::texts::alert;
use crate::view::reactive::{Reactive, dynamic, flag, text};
use leptos::prelude::*;
use watchtape_shared::Symbol;

/// A button with the number of active alerts beside the bell, if there are any.
#[component]
pub(crate) fn Bell(
    symbol: Symbol,
    /// Whether the button is reached with the tab key.
    #[prop(optional)]
    tabindex: Option<Reactive<String>>,
) -> impl IntoView {
    let state = state();
    let count = move || state.alerts.active_of(symbol);
    view! {
        <button
            class="icon-button bell"
            class:set=flag(move || count() > 0)
            type="button"
            tabindex=tabindex
            aria-haspopup="dialog"
            aria-label=text(move || label(symbol, count()))
            title=text(move || label(symbol, count()))
            on:click=move |_| state.open_alert_form(symbol, None)
        >
            <Icon path=icon::BELL />
            {dynamic(move || match count() {
                0 => ().into_any(),
                count => view! { <span class="corner-count" aria-hidden="true">{count.to_string()}</span> }.into_any(),
            })}
        </button>
    }
}

/// What the bell says.
pub(crate) fn label(symbol: Symbol, count: usize) -> String {
    match count {
        0 => alert::bell_none(&symbol),
        1 => alert::bell_one(&symbol),
        count => alert::bell_many(&count, &symbol),
    }
}
