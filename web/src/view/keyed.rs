//! Keyed lists of elements, which keep their elements as they move: rows, tabs, toasts. Keys are strings and views are
//! type-erased, so that the machinery is compiled once.

use super::reactive::Reactive;
use leptos::prelude::*;
use std::sync::Arc;

type Make = Arc<dyn Fn(String) -> AnyView + Send + Sync>;

/// One view for each key, in the order of the keys.
#[component]
pub(crate) fn Keyed(names: Reactive<Vec<String>>, make: Make) -> impl IntoView {
    let names = StoredValue::new_local(names);
    let each = move || names.try_update_value(|names| names()).unwrap_or_default();
    view! { <For each key=String::clone children=move |name| make(name) /> }
}

/// The keys, reactive.
pub(crate) fn names(read: impl FnMut() -> Vec<String> + Send + 'static) -> Reactive<Vec<String>> {
    Box::new(read)
}

/// Makes the view of a key.
pub(crate) fn make(make: impl Fn(String) -> AnyView + Send + Sync + 'static) -> Make {
    Arc::new(make)
}
