//! How old the price is, and where it is from.

use crate::figures::age;
use crate::state::clock::Clock;
use crate::state::quotes::Cell;
use crate::state::state;
use crate::view::follow::{attribute, flag, text};
use crate::words::market;
use chrono::{DateTime, Utc};
use leptos::prelude::*;

/// The age in a few characters; time, source and mode for whoever points at it or stands on the row.
#[component]
pub(crate) fn PriceAge(cell: ArcRwSignal<Cell>) -> impl IntoView {
    let clock = state().clock;
    let (class, title, about, fresh, short) = (cell.clone(), cell.clone(), cell.clone(), cell.clone(), cell);
    let class = move || if class.with(as_of).is_some() { "age" } else { "age unknown" };
    let short = move || short.with(as_of).map_or_else(|| "–".into(), |as_of| age::short(clock.age_ms(as_of)));
    view! {
        <span
            class=text(class)
            title=attribute(move || title.with(|cell| origin(cell, clock)))
            data-about=attribute(move || about.with(|cell| origin(cell, clock)))
        >
            <span class="stale-mark" hidden=flag(move || fresh.with(|cell| !is_stale(cell)))>
                "stale"
            </span>
            {text(short)}
        </span>
    }
}

fn as_of(cell: &Cell) -> Option<DateTime<Utc>> {
    let quote = cell.quote.as_ref()?;
    quote.price.and(quote.as_of)
}

fn is_stale(cell: &Cell) -> bool {
    as_of(cell).is_some() && cell.quote.as_ref().is_some_and(|quote| quote.stale)
}

fn origin(cell: &Cell, clock: Clock) -> Option<String> {
    let (as_of, quote) = as_of(cell).zip(cell.quote.as_ref())?;
    let stale = if quote.stale { " The source has been silent since." } else { "" };
    let (kind, ago) = (market::mode_of_price(quote.mode), age::long(clock.age_ms(as_of)));
    Some(format!("{kind} from {}, made {ago}.{stale}", quote.source))
}
