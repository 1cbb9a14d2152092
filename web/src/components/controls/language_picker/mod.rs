//! Buttons for the app's languages, each by its own name.

use crate::state::appearance::language;
use crate::texts::{self, LANGUAGES};
use leptos::prelude::*;

/// Changes the language, for those who cannot read this one.
#[component]
pub(crate) fn LanguagePicker() -> impl IntoView {
    let language_code = texts::language_code();
    let language = |(language, name): &(&'static str, &'static str)| {
        let (language, name) = (*language, *name);
        let current = (language == language_code).then_some("true");
        view! {
            <button
                class="text-button"
                type="button"
                lang=language
                aria-current=current
                on:click=move |_| language::choose(language)
            >
                {name}
            </button>
        }
        .into_any()
    };
    view! {
        <nav class="languages" aria-label=texts::appearance::language()>
            {LANGUAGES.iter().map(language).collect_view()}
        </nav>
    }
}
