//! An address that leads nowhere.

use crate::components::brand::Brand;
use crate::components::notice::Notice;
use crate::route;
use leptos::prelude::*;

/// Stands wherever nothing else does.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    document().set_title("Page not found – Watchtape");
    view! {
        <main class="alone">
            <Brand />
            <Notice title="This page does not exist" code="404">
                <p>"The address may be mistyped, or what was here is gone."</p>
                <a href=route::HOME class="button primary">
                    "Go to your lists"
                </a>
            </Notice>
        </main>
    }
}
