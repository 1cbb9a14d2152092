//! The age of a price, and its source.

use crate::format::age;
use crate::i18n::market;
use crate::state::prices::quotes::Cell;
use crate::state::state;
use crate::texts::price;
use crate::view::reactive::{flag, memo, text};
use chrono::{DateTime, Utc};
use leptos::prelude::*;

/// The age in a few characters, as a button that opens the price card. Its accessible name has source and mode, and
/// does not change every second.
#[component]
pub(crate) fn PriceAge(cell: ArcRwSignal<Cell>) -> impl IntoView {
    let clock = state().clock;
    let as_of = {
        let cell = cell.clone();
        memo(move |_| cell.with(as_of))
    };
    let fresh = cell.clone();
    let from = memo(move |_| cell.with(origin));
    let short = move || as_of.get().map_or_else(|| "–".into(), |as_of| age::short(clock.age_ms(as_of)));
    view! {
        <button class="price-age age" type="button" tabindex="-1" aria-haspopup="dialog">
            <span class="stale-mark" hidden=flag(move || fresh.with(|cell| !is_stale(cell)))>
                {price::stale()}
            </span>
            {text(short)}
            <span class="visually-hidden">" " {text(move || from.get())}</span>
        </button>
    }
}

fn as_of(cell: &Cell) -> Option<DateTime<Utc>> {
    let quote = cell.quote.as_ref()?;
    quote.price.and(quote.as_of)
}

fn is_stale(cell: &Cell) -> bool {
    as_of(cell).is_some() && cell.quote.as_ref().is_some_and(|quote| quote.stale)
}

fn origin(cell: &Cell) -> String {
    match cell.quote.as_ref().filter(|quote| quote.price.is_some()) {
        Some(quote) => price::origin(&market::mode_of_price(quote.mode), &quote.source),
        None => price::unknown().into(),
    }
}
