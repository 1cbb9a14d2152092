//! The price, or why there is none.

use crate::format::change::Trend;
use crate::format::money;
use crate::i18n::market;
use crate::state::prices::quotes::{Cell, LastMove};
use crate::texts;
use crate::view::reactive::{attribute, flag, text};
use leptos::prelude::*;
use watchtape_shared::{Currency, Price};

/// The last price with its currency. It flashes when it moves; the arrow says the same without colour.
#[component]
pub(crate) fn PriceFigure(cell: ArcRwSignal<Cell>, currency: Currency) -> impl IntoView {
    let (class, about, arrow, figure, known) = (cell.clone(), cell.clone(), cell.clone(), cell.clone(), cell);
    view! {
        <span
            class=text(move || class.with(class_of))
            title=attribute(move || about.with(reason_of).map(|(_, why)| why))
        >
            <span class="arrow" aria-hidden="true">
                {text(move || arrow.with(|cell| cell.last_move.map_or("", |step| step.direction.arrow())))}
            </span>
            <span class="figure">{text(move || figure.with(figure_of))}</span>
            <span class="currency" hidden=flag(move || known.with(|cell| price_of(cell).is_none()))>
                {currency.to_string()}
            </span>
        </span>
    }
}

fn price_of(cell: &Cell) -> Option<Price> {
    cell.quote.as_ref()?.price
}

fn reason_of(cell: &Cell) -> Option<(&'static str, &'static str)> {
    match price_of(cell) {
        Some(_) => None,
        None => Some(market::reason(cell.quote.as_ref().and_then(|quote| quote.reason))),
    }
}

fn figure_of(cell: &Cell) -> String {
    price_of(cell).map(money::price).or_else(|| Some(reason_of(cell)?.0.into())).unwrap_or_default()
}

/// Its CSS classes. The flash has two names, since an animation restarts only when its name changes.
fn class_of(cell: &Cell) -> &'static str {
    let Some(quote) = &cell.quote else { return "price-figure absent waiting" };
    match (quote.price, cell.last_move) {
        (None, _) => "price-figure absent",
        (Some(_), _) if quote.stale => "price-figure price stale",
        (Some(_), Some(LastMove { direction: Trend::Up, odd: true })) => "price-figure price flash-up-a",
        (Some(_), Some(LastMove { direction: Trend::Up, odd: false })) => "price-figure price flash-up-b",
        (Some(_), Some(LastMove { direction: Trend::Down, odd: true })) => "price-figure price flash-down-a",
        (Some(_), Some(LastMove { direction: Trend::Down, odd: false })) => "price-figure price flash-down-b",
        (Some(_), _) => "price-figure price",
    }
}

/// The last price of the session before.
#[component]
pub(crate) fn PreviousClose(cell: ArcRwSignal<Cell>) -> impl IntoView {
    let close = move || cell.with(|cell| cell.quote.as_ref()?.previous_close);
    view! { <Figure figure=move || close().map(money::price) /> }
}

/// A figure that may be unknown: then a dash, read as "unknown" by screen readers.
#[component]
pub(crate) fn Figure(figure: impl Fn() -> Option<String> + Clone + Send + 'static) -> impl IntoView {
    let (class, spoken) = (figure.clone(), figure.clone());
    view! {
        <span class=text(move || if class().is_some() { "figure" } else { "unknown" })>
            {text(move || figure().unwrap_or_else(|| "–".into()))}
            <span class="visually-hidden">{text(move || if spoken().is_some() { "" } else { texts::live::unknown() })}</span>
        </span>
    }
}
