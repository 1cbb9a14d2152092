//! One security on the list: its parts, and its keys.

use super::change_figure::ChangeFigure;
use super::day_range::DayRange;
use super::icon::{self, Icon};
use super::menu::{Entry, Menu};
use super::price_age::PriceAge;
use super::price_figure::{PreviousClose, PriceFigure};
use crate::route;
use crate::state::State;
use crate::state::state;
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
            // On the row itself: a button or a link in it has an Enter of its own.
            ("Enter", false) if event.target() == event.current_target() => state.place.go(&route::security(symbol)),
            _ => return,
        }
        event.prevent_default();
    };
    let entries = move |()| {
        vec![
            Entry::new("Move up", move || shift(state, symbol, -1)).keys("Alt ↑"),
            Entry::new("Move down", move || shift(state, symbol, 1)).keys("Alt ↓"),
            Entry::new("Remove", move || remove(state, symbol)).keys("Del"),
        ]
    };
    view! {
        <div
            role="row"
            class="columns row"
            class:stale=flag(stale)
            data-symbol=symbol.to_string()
            tabindex=text(tabindex)
            on:keydown=on_keydown
            on:focusin=move |_| visited.set(Some(symbol))
        >
            <div role="rowheader" class="column-who">
                <a class="symbol" href=route::security(symbol) tabindex=text(tabindex)>
                    {symbol.to_string()}
                </a>
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
                <Menu label=format!("Actions for {symbol}") tabindex=text(tabindex) entries=entries>
                    <Icon path=icon::MORE />
                </Menu>
            </div>
        </div>
    }
}

fn shift(state: State, symbol: Symbol, by: isize) {
    state.list.shift(symbol, by);
    // The browser takes the focus from a row that is moved in the page.
    focus::row(symbol);
}

fn step(state: State, symbol: Symbol, by: isize) {
    if let Some(next) = neighbour(state, symbol, by) {
        focus::row(next);
    }
}

fn remove(state: State, symbol: Symbol) {
    let next = neighbour(state, symbol, 1).filter(|next| *next != symbol).or_else(|| neighbour(state, symbol, -1));
    state.list.remove(symbol);
    match next.filter(|next| *next != symbol) {
        Some(next) => focus::row(next),
        None => focus::search(),
    }
}

fn neighbour(state: State, symbol: Symbol, by: isize) -> Option<Symbol> {
    state.list.items().with_untracked(|items| {
        let at = items.iter().position(|item| item.symbol == symbol)?;
        items.get(at.saturating_add_signed(by).min(items.len() - 1)).map(|item| item.symbol)
    })
}
