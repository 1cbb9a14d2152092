//! The rows of the open list. A grid in the sense of ARIA: one stop for the tab key, and the arrow keys go from row to
//! row.

use super::icon::{self, Icon};
use super::quote_row::QuoteRow;
use crate::state::preferences::ChangeStyle;
use crate::state::state;
use crate::view::follow::effect;
use crate::view::follow::{flag, text};
use crate::view::keyed::{Keyed, make, names};
use leptos::prelude::*;
use watchtape_shared::Symbol;

/// The list's securities and their prices.
#[component]
pub(crate) fn QuoteTable() -> impl IntoView {
    let state = state();
    let items = state.list.items();
    // The row that had the focus last; the first one until then.
    let visited = RwSignal::new(None::<Symbol>);
    let entry = Memo::new(move |_| {
        let visited = visited.get();
        items.with(|items| {
            let first = items.first().map(|item| item.symbol);
            visited.filter(|symbol| items.iter().any(|item| item.symbol == *symbol)).or(first)
        })
    });
    let symbols = move || items.with(|items| items.iter().map(|item| item.symbol.to_string()).collect());
    let row = move |symbol: String| {
        let item = items.with_untracked(|items| items.iter().find(|item| item.symbol.as_str() == symbol).cloned());
        item.map(|item| view! { <QuoteRow item entry visited /> }).into_any()
    };
    effect(move || {
        let symbols = items.with(|items| items.iter().map(|item| item.symbol).collect());
        state.shown.show("list", symbols);
    });
    on_cleanup(move || state.shown.hide("list"));
    let label = move || {
        let name = state.list.id().get().and_then(|id| state.lists.name(&id));
        name.map_or_else(|| "Prices".to_owned(), |name| format!("Prices of {name}"))
    };
    view! {
        <div class="sheet" class:halted=flag(move || state.connection.is_lost())>
            <div
                class="table"
                role="grid"
                aria-label=text(label)
                aria-rowcount=text(move || (items.with(Vec::len) + 1).to_string())
            >
                <div role="rowgroup" class="table-head">
                    <div role="row" class="columns">
                        <span role="columnheader" class="column-who">"Security"</span>
                        <span role="columnheader" class="column-price">"Last price"</span>
                        <span role="columnheader" class="column-change"><ChangeToggle /></span>
                        <span role="columnheader" class="column-close">"Prev. close"</span>
                        <span role="columnheader" class="column-range">"Day range"</span>
                        <span role="columnheader" class="column-age">"Age"</span>
                        <span role="columnheader" class="column-actions">
                            <span class="visually-hidden">"Actions"</span>
                        </span>
                    </div>
                </div>
                <div role="rowgroup">
                    <Keyed names=names(symbols) make=make(row) />
                </div>
            </div>
        </div>
    }
}

/// Switches between percent and amount.
#[component]
fn ChangeToggle() -> impl IntoView {
    let preferences = state().preferences;
    let said = move || match preferences.change.get() {
        ChangeStyle::Percent => ("Change %", "Show the change as an amount"),
        ChangeStyle::Amount => ("Change", "Show the change in percent"),
    };
    view! {
        <button
            class="change-toggle"
            type="button"
            title=text(move || said().1)
            aria-label=text(move || format!("{}. {}", said().0, said().1))
            on:click=move |_| preferences.change.step()
        >
            {text(move || said().0)}
            <Icon path=icon::SWAP />
        </button>
    }
}
