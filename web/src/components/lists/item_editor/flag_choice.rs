//! The choice of one colour in the editor.

use crate::i18n::flag;
use crate::texts;
use leptos::prelude::*;
use watchtape_shared::watchlist::Flag;

/// A colour with its name.
#[component]
pub(super) fn FlagChoice(colour: Option<Flag>, chosen: RwSignal<Option<Flag>>) -> impl IntoView {
    let name = colour.map_or_else(texts::changes::no_flag, flag::name);
    let value = colour.map_or("none", Flag::as_str);
    view! {
        <label class="flag-choice" data-flag=value>
            <input
                type="radio"
                name="flag"
                value=value
                prop:checked=chosen.get_untracked() == colour
                on:change=move |_| chosen.set(colour)
            />
            <span class="flag-colour" aria-hidden="true"></span>
            {name}
        </label>
    }
}
