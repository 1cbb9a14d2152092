//! One security on the list: its parts, and its keys.

use super::change_figure::ChangeFigure;
use super::day_range::DayRange;
use super::icon::{self, Icon};
use super::menu::Menu;
use super::price_age::PriceAge;
use super::price_figure::{PreviousClose, PriceFigure};
use super::row_menu::{entries, remove, shift};
use crate::state::State;
use crate::state::state;
use crate::texts;
use crate::view::focus;
use crate::view::follow::{flag, text};
use crate::words::exchange;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use watchtape_shared::Symbol;
use watchtape_shared::watchlist::WatchlistItem;

/// A row. Only what is told here of the item is fixed; its price comes from the symbol's own signal.
#[component]
pub(crate) fn QuoteRow(
    item: WatchlistItem,
    /// The row that the tab key leads to.
    entry: Memo<Option<Symbol>>,
    /// Takes the row that has the focus.
    visited: RwSignal<Option<Symbol>>,
) -> impl IntoView {
    let state = state();
    let selection = state.selection;
    let WatchlistItem { symbol, name, mic, currency, .. } = item;
    let full_name = name.clone();
    let venue = mic.map(|mic| exchange::name(&mic).to_owned());
    let cell = state.quotes.cell(symbol);
    let stale = {
        let cell = cell.clone();
        move || cell.with(|cell| cell.quote.as_ref().is_some_and(|quote| quote.stale))
    };
    let tabindex = move || if entry.get() == Some(symbol) { "0" } else { "-1" };
    let on_keydown = move |event: KeyboardEvent| {
        match (event.key().as_str(), event.alt_key()) {
            ("ArrowUp", true) => shift(state, symbol, -1),
            ("ArrowDown", true) => shift(state, symbol, 1),
            ("ArrowUp", false) => step(state, symbol, -1),
            ("ArrowDown", false) => step(state, symbol, 1),
            ("Home", false) => step(state, symbol, isize::MIN),
            ("End", false) => step(state, symbol, isize::MAX),
            ("Delete", false) => remove(state, symbol),
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <div
            role="row"
            class="columns row"
            class:stale=flag(stale)
            data-symbol=symbol.to_string()
            tabindex=text(tabindex)
            aria-selected=text(move || selection.holds(symbol).to_string())
            class:lifted=flag(move || selection.is_lifted(symbol))
            on:keydown=on_keydown
            on:focusin=move |_| visited.set(Some(symbol))
        >
            <div role="rowheader" class="column-who">
                <button
                    class="row-handle"
                    type="button"
                    tabindex=text(tabindex)
                    aria-label=texts::item::handle(&symbol)
                    title=texts::item::handle_hint()
                >
                    <Icon path=icon::GRIP />
                </button>
                <span class="symbol">{symbol.to_string()}</span>
                <span class="name" title=full_name>{name}</span>
                <span class="venue">{venue}</span>
            </div>
            <div role="gridcell" class="column-price">
                <PriceFigure cell=cell.clone() currency />
            </div>
            <div role="gridcell" class="column-change">
                <ChangeFigure cell=cell.clone() />
            </div>
            <div role="gridcell" class="column-close">
                <PreviousClose cell=cell.clone() />
            </div>
            <div role="gridcell" class="column-range">
                <DayRange cell=cell.clone() />
            </div>
            <div role="gridcell" class="column-age">
                <PriceAge cell />
            </div>
            <div role="gridcell" class="column-actions">
                <button
                    class="icon-button remove"
                    type="button"
                    tabindex=text(tabindex)
                    aria-label=format!("Remove {symbol}")
                    title="Remove (Del)"
                    on:click=move |_| remove(state, symbol)
                >
                    <Icon path=icon::CLOSE />
                </button>
                <Menu label=texts::item::actions(&symbol) tabindex=text(tabindex) entries=move |()| entries(state, symbol)>
                    <Icon path=icon::MORE />
                </Menu>
            </div>
        </div>
    }
}

fn step(state: State, symbol: Symbol, by: isize) {
    if let Some(next) = neighbour(state, symbol, by) {
        focus::row(next);
    }
}

fn neighbour(state: State, symbol: Symbol, by: isize) -> Option<Symbol> {
    state.list.items().with_untracked(|items| {
        let at = items.iter().position(|item| item.symbol == symbol)?;
        items.get(at.saturating_add_signed(by).min(items.len() - 1)).map(|item| item.symbol)
    })
}
