//! A part of the app that is loaded when it is first shown.

use crate::components::controls::notice::{LoadFailure, Splash};
use crate::view::reactive::part;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::SplitLoaderError;
use std::pin::Pin;

/// Makes the view, or there is none to be had: the file could not be loaded.
pub(crate) type Loaded = Result<fn() -> AnyView, SplitLoaderError>;

/// Begins to load.
pub(crate) type Load = fn() -> Pin<Box<dyn Future<Output = Loaded>>>;

/// Shows the mark until the part is there. A failure is said, and another try offered.
#[component]
pub(crate) fn Later(
    load: Load,
    /// Shows nothing while it loads, where a mark would be more than what comes.
    #[prop(optional)]
    quiet: bool,
) -> impl IntoView {
    let loaded = RwSignal::new(None::<Option<fn() -> AnyView>>);
    let fetch = move || {
        loaded.set(None);
        spawn_local(async move {
            let view = load().await.ok();
            // Whoever has gone on to another page meanwhile needs none.
            loaded.try_set(Some(view));
        });
    };
    fetch();
    part(move || match loaded.get() {
        None if quiet => ().into_any(),
        None => view! { <Splash /> }.into_any(),
        Some(Some(view)) => view(),
        Some(None) => view! { <LoadFailure on_retry=move |()| fetch() /> }.into_any(),
    })
}
