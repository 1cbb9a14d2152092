//! Parts of the page that stand in a row and keep their elements as they move: rows, tabs and messages. Each has a
//! name, and what it shows is looked up by that name, so one machinery serves them all.

use super::reactive::Reactive;
use leptos::prelude::*;
use std::sync::Arc;

type Make = Arc<dyn Fn(String) -> AnyView + Send + Sync>;

/// One part for each name, in the order of the names.
#[component]
pub(crate) fn Keyed(names: Reactive<Vec<String>>, make: Make) -> impl IntoView {
    let names = StoredValue::new_local(names);
    let each = move || names.try_update_value(|names| names()).unwrap_or_default();
    view! { <For each key=String::clone children=move |name| make(name) /> }
}

/// The names, read anew whenever what they are made of changes.
pub(crate) fn names(read: impl FnMut() -> Vec<String> + Send + 'static) -> Reactive<Vec<String>> {
    Box::new(read)
}

/// Makes the part of a name.
pub(crate) fn make(make: impl Fn(String) -> AnyView + Send + Sync + 'static) -> Make {
    Arc::new(make)
}
