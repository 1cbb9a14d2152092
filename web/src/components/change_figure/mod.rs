//! The change since the previous close.

use crate::figures::change::{self, Direction};
use crate::state::preferences::ChangeStyle;
use crate::state::quotes::Cell;
use crate::state::state;
use crate::view::follow::{attribute, text};
use leptos::prelude::*;
use watchtape_shared::Change;

/// As a percentage or an amount, whichever is preferred; the other one is a hover away.
#[component]
pub(crate) fn ChangeFigure(cell: ArcRwSignal<Cell>) -> impl IntoView {
    let preferences = state().preferences;
    let (class, about, shown, spoken) = (cell.clone(), cell.clone(), cell.clone(), cell);
    let show = move |change| match preferences.change.get() {
        ChangeStyle::Percent => change::percent(change),
        ChangeStyle::Amount => change::amount(change),
    };
    view! {
        <span class=text(move || class.with(class_of)) title=attribute(move || about.with(change_of).map(both))>
            <span aria-hidden="true">{text(move || shown.with(change_of).map_or_else(|| "–".into(), show))}</span>
            <span class="visually-hidden">
                {text(move || spoken.with(change_of).map_or_else(|| "unknown".into(), change::spoken))}
            </span>
        </span>
    }
}

fn change_of(cell: &Cell) -> Option<Change> {
    let quote = cell.quote.as_ref()?;
    Some(quote.price?.change_from(quote.previous_close?))
}

fn both(change: Change) -> String {
    format!("{} ({})", change::amount(change), change::percent(change))
}

fn class_of(cell: &Cell) -> String {
    change_of(cell)
        .map_or_else(|| "unknown".into(), |change| format!("change {}", Direction::of(change.micros).class()))
}
