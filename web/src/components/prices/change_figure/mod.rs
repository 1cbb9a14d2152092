//! The change since the previous close.

use crate::format::change::{self, Trend};
use crate::state::appearance::choices::ChangeStyle;
use crate::state::prices::quotes::Cell;
use crate::state::state;
use crate::texts::price;
use crate::view::reactive::{memo, text};
use leptos::prelude::*;
use watchtape_shared::Change;

/// As a percentage or an amount, by preference; the price card has the other one.
#[component]
pub(crate) fn ChangeFigure(cell: ArcRwSignal<Cell>) -> impl IntoView {
    let preferences = state().preferences;
    let held = memo(move |_| cell.with(change_of));
    let show = move |change| match preferences.change.get() {
        ChangeStyle::Percent => change::percent(change),
        ChangeStyle::Amount => change::amount(change),
    };
    view! {
        <span class=text(move || held.with(|held| class_of(held.as_ref())))>
            <span aria-hidden="true">{text(move || held.get().map_or_else(|| "–".into(), show))}</span>
            <span class="visually-hidden">
                {text(move || held.get().map_or_else(|| price::unknown().into(), change::accessible_text))}
            </span>
        </span>
    }
}

/// The change of a quote, if both prices are known.
pub(crate) fn change_of(cell: &Cell) -> Option<Change> {
    let quote = cell.quote.as_ref()?;
    Some(quote.price?.change_from(quote.previous_close?))
}

fn class_of(change: Option<&Change>) -> String {
    let Some(change) = change else { return "change-figure unknown".into() };
    let mut class = "change-figure change ".to_owned();
    class.push_str(Trend::of(change.micros).class());
    class
}
