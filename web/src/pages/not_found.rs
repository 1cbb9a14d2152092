//! The page of an unknown address.

use crate::components::controls::brand::Brand;
use crate::components::controls::notice::Notice;
use crate::view::title;
use crate::{route, texts};
use leptos::prelude::*;

/// Shown for every unknown address.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    title::set(texts::page::missing_tab());
    view! {
        <main class="alone">
            <Brand />
            <Notice title=texts::page::missing() code="404" alone=true>
                <p>{texts::page::missing_means()}</p>
                <a href=route::HOME class="button primary">
                    {texts::page::to_lists()}
                </a>
            </Notice>
        </main>
    }
}
