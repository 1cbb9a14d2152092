//! A name and its value, as an entry of a list.

use crate::view::reactive::Reactive;
use leptos::prelude::*;

/// One entry of a `<dl>`.
pub(crate) fn figure_row(name: &'static str, value: Reactive<String>) -> AnyView {
    view! {
        <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
        </div>
    }
    .into_any()
}
