//! A panel with a heading and a description.

use leptos::prelude::*;

/// One matter of a section.
#[component]
pub(super) fn Panel(title: &'static str, about: &'static str, children: Children) -> impl IntoView {
    view! {
        <section class="matter">
            <header>
                <h2>{title}</h2>
                <p>{about}</p>
            </header>
            {children()}
        </section>
    }
}
