//! The session's low and high, with the price between them.

use crate::format::money;
use crate::format::range_position::Span;
use crate::state::prices::quotes::Cell;
use crate::texts::price;
use crate::view::reactive::{attribute, dynamic, memo, text};
use leptos::prelude::*;

/// A bar from low to high with a marker at the price.
#[component]
pub(crate) fn DayRange(cell: ArcRwSignal<Cell>) -> impl IntoView {
    let span = memo(move |_| cell.with(|cell| cell.quote.as_ref().and_then(Span::of)));
    let is_known = memo(move |_| span.with(Option::is_some));
    let bounds = memo(move |_| span.get().map(|span| (span.low, span.high)));
    let low = move || bounds.get().map_or_else(String::new, |bounds| money::price(bounds.0));
    let high = move || bounds.get().map_or_else(String::new, |bounds| money::price(bounds.1));
    dynamic(move || match is_known.get() {
        true => view! {
            <span class="day-range">
                <span class="visually-hidden">{price::low()}</span>
                <span class="figure">{text(low)}</span>
                <span class="range-bar" aria-hidden="true">
                    <span class="range-pin" style=("--place", attribute(move || span.get().map(place_of)))></span>
                </span>
                <span class="visually-hidden">{price::high()}</span>
                <span class="figure">{text(high)}</span>
            </span>
        }
        .into_any(),
        false => view! { <Unknown /> }.into_any(),
    })
}

/// A dash, read as "unknown" by screen readers.
#[component]
pub(crate) fn Unknown() -> impl IntoView {
    view! {
        <span class="unknown">
            <span aria-hidden="true">"–"</span>
            <span class="visually-hidden">{price::unknown()}</span>
        </span>
    }
}

fn place_of(span: Span) -> String {
    let mut place = (span.permille / 10).to_string();
    place.push('.');
    place.push_str(&(span.permille % 10).to_string());
    place.push('%');
    place
}
