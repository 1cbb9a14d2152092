//! The table of the open list; pointing at it loads the list tools.

use crate::components::table::quote_table::QuoteTable;
use crate::state::state;
use crate::view::reactive::flag;
use leptos::prelude::*;

/// The table, with a class while rows are selected.
#[component]
pub(crate) fn ListBody() -> impl IntoView {
    let state = state();
    let is_choosing = move || !state.selection.is_empty();
    let want = move || state.editing.load();
    view! {
        <div
            class="list-body"
            class:choosing=flag(is_choosing)
            on:pointerover=move |_| want()
            on:focusin=move |_| want()
        >
            <QuoteTable />
        </div>
    }
}
