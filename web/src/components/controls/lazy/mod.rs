//! Shows a view that is loaded on demand.

use super::notice::{LoadFailure, Splash};
use crate::view::lazy::LoadView;
use crate::view::reactive::dynamic;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The view once it is loaded, the app's mark until then, and a failure with a button to try again.
#[component]
pub(crate) fn Lazy(
    load: LoadView,
    /// Shows nothing while it loads.
    #[prop(optional)]
    quiet: bool,
) -> impl IntoView {
    let loaded = RwSignal::new(None::<Option<fn() -> AnyView>>);
    let fetch = move || {
        loaded.set(None);
        spawn_local(async move {
            let view = load().await.ok();
            // The component may have been disposed.
            loaded.try_set(Some(view));
        });
    };
    fetch();
    dynamic(move || match loaded.get() {
        None if quiet => ().into_any(),
        None => view! { <Splash /> }.into_any(),
        Some(Some(view)) => view(),
        Some(None) => view! { <LoadFailure on_retry=move |()| fetch() /> }.into_any(),
    })
}
