//! The session's low and high, and the price's place between them.

use super::price_figure::Figure;
use crate::figures::money;
use crate::figures::span::Span;
use crate::state::quotes::Cell;
use crate::view::follow::{attribute, text};
use leptos::prelude::*;

/// A bar from low to high with a pin at the price.
#[component]
pub(crate) fn DayRange(cell: ArcRwSignal<Cell>) -> impl IntoView {
    let (class, low, place, high) = (cell.clone(), cell.clone(), cell.clone(), cell);
    let class = move || if class.with(span_of).is_some() { "range" } else { "range unknown" };
    view! {
        <span class=text(class)>
            <span class="visually-hidden">"low"</span>
            <Figure figure=move || low.with(span_of).map(|span| money::price(span.low)) />
            <span class="range-bar" aria-hidden="true">
                <span class="range-pin" style:left=attribute(move || place.with(span_of).map(place_of))></span>
            </span>
            <span class="visually-hidden">"high"</span>
            <Figure figure=move || high.with(span_of).map(|span| money::price(span.high)) />
        </span>
    }
}

fn span_of(cell: &Cell) -> Option<Span> {
    cell.quote.as_ref().and_then(Span::of)
}

fn place_of(span: Span) -> String {
    format!("{}.{}%", span.permille / 10, span.permille % 10)
}
