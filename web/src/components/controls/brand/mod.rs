//! The logo: a strip of punched tape with a rising line.

use crate::{route, texts};
use leptos::prelude::*;

/// The logo alone.
#[component]
pub(crate) fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <rect class="mark-tape" width="32" height="32" rx="8" />
            <g class="mark-holes">
                <circle cx="7" cy="6.5" r="1.6" />
                <circle cx="13" cy="6.5" r="1.6" />
                <circle cx="19" cy="6.5" r="1.6" />
                <circle cx="25" cy="6.5" r="1.6" />
                <circle cx="7" cy="25.5" r="1.6" />
                <circle cx="13" cy="25.5" r="1.6" />
                <circle cx="19" cy="25.5" r="1.6" />
                <circle cx="25" cy="25.5" r="1.6" />
            </g>
            <path class="mark-ink" d="M5.5 19.5 11 14l4.5 3.6L21 12l5.5-1" />
        </svg>
    }
}

/// The logo and the name, linked to the start page.
#[component]
pub(crate) fn Brand() -> impl IntoView {
    view! {
        <a href=route::HOME class="brand" aria-label=texts::page::home()>
            <Mark />
            <span class="brand-name" aria-hidden="true">
                "Watch"<b>"tape"</b>
            </span>
        </a>
    }
}
