//! Tells above the table that it is sorted, with a button back to the list's own order.

use crate::components::controls::icon::{self, Icon};
use crate::state::lists::sorting::{Key, Sort};
use crate::state::state;
use crate::texts::list;
use crate::view::reactive::dynamic;
use leptos::prelude::*;

/// Shown while the list is sorted.
#[component]
pub(crate) fn SortNotice() -> impl IntoView {
    let sorting = state().sorting;
    let said = move || match sorting.by().get() {
        Some(sort) => view! {
            <p class="sort-notice">
                <span>{said_of(sort)}</span>
                <button type="button" on:click=move |_| sorting.clear()>
                    <Icon path=icon::CLOSE />
                    {list::own_order()}
                </button>
            </p>
        }
        .into_any(),
        None => ().into_any(),
    };
    view! { <div role="status">{dynamic(said)}</div> }
}

fn said_of(sort: Sort) -> String {
    let column = match sort.key {
        Key::Symbol => list::column_who(),
        Key::Price => list::column_price(),
        Key::Change => list::column_change(),
        Key::Volume => list::column_volume(),
        Key::Age => list::column_age(),
    };
    let mut said = list::sorted_by(&column);
    said.push_str(", ");
    said.push_str(if sort.descending { list::sort_falling() } else { list::sort_rising() });
    said
}
