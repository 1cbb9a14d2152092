//! A figure with its name, as one of a list of them.

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
