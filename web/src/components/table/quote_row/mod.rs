//! One row of the table: a security, its annotations and its quote.
//!
//! The keys are the table's (`quote_table/keys.rs`), the actions in `actions.rs`, and the cells in `cells.rs`.

pub(crate) mod actions;
mod cells;

use super::row_menu::entries;
use super::viewport::Viewport;
use crate::components::alerts::bell::{self, Bell};
use crate::components::controls::icon::{self, Icon};
use crate::components::controls::menu::Menu;
use crate::i18n::exchange;
use crate::route;
use crate::state::lists::rows::line::Line;
use crate::state::{State, state};
use crate::texts::{self, list, market};
use crate::view::reactive::{attribute, dynamic, flag, memo, text};
use leptos::prelude::*;
use watchtape_shared::Symbol;
use watchtape_shared::market::TradingStatus;
use watchtape_shared::watchlist::{Flag, WatchlistItem};

/// The row of a symbol.
#[component]
pub(crate) fn QuoteRow(symbol: Symbol, viewport: Viewport) -> impl IntoView {
    let state = state();
    let item = memo(move |_| state.rows.item(symbol));
    let Some(WatchlistItem { name, mic, currency, delisted, .. }) = item.get_untracked() else { return ().into_any() };
    let cell = state.quotes.cell(symbol);
    let tabindex = move || viewport.tabindex(&Line::Row(symbol));
    let flag_of = move || item.with(|item| item.as_ref().and_then(|item| item.flag));
    let is_stale = {
        let cell = cell.clone();
        move || cell.with(|cell| cell.quote.as_ref().is_some_and(|quote| quote.stale))
    };
    let venue = mic.as_deref().map(|mic| exchange::name(mic).to_owned());
    let venue = if delisted { Some(market::delisted().to_owned()) } else { venue };
    let is_closed = memo(move |_| {
        state.market.with(|market| {
            let mut exchanges = market.iter().flat_map(|market| &market.exchanges);
            exchanges.any(|exchange| Some(&exchange.mic) == mic.as_ref() && exchange.status == TradingStatus::Closed)
        })
    });
    let columns = move || {
        let shown = state.columns.shown().get();
        let cells = shown.into_iter().map(|column| cells::view(column, symbol, &cell, item, currency));
        cells.collect_view().into_any()
    };
    let selection = state.selection;
    view! {
        <div
            role="row"
            class="columns row"
            class:stale=flag(is_stale)
            class:closed=flag(move || is_closed.get())
            class:lifted=flag(move || selection.is_dragged(symbol))
            aria-selected=text(move || selection.contains(symbol).to_string())
            data-symbol=symbol.to_string()
            data-line=symbol.to_string()
            data-flag=attribute(move || flag_of().map(|flag| flag.as_str()))
            aria-rowindex=text(move || viewport.number(&Line::Row(symbol)))
            tabindex=text(tabindex)
            style:top=attribute(move || viewport.top(&Line::Row(symbol)))
        >
            <div role="rowheader" class="column-who">
                <button
                    class="row-handle"
                    type="button"
                    tabindex=text(tabindex)
                    aria-label=texts::item::handle(&symbol)
                    title=texts::item::handle_hint()
                    on:touchmove=move |event| {
                        // A finger that drags does not scroll. Only a listener of its own can tell the browser in time.
                        if selection.is_dragged(symbol) {
                            event.prevent_default();
                        }
                    }
                >
                    <Icon path=icon::GRIP />
                </button>
                <a class="symbol" href=route::security(symbol) tabindex=text(tabindex)>
                    {symbol.to_string()}
                </a>
                <span class="marks">
                    {dynamic(move || marks(item, flag_of(), is_closed.get()))}
                    {dynamic(move || alert_mark(state, symbol))}
                </span>
                <span class="name" dir="auto">{name}</span>
                <span class="venue">{venue}</span>
            </div>
            {dynamic(columns)}
            <div role="gridcell" class="column-actions">
                <Bell symbol tabindex=text(tabindex) />
                <button
                    class="icon-button remove"
                    type="button"
                    tabindex=text(tabindex)
                    aria-label=list::remove_this(&symbol)
                    on:click=move |_| actions::remove(state, symbol)
                >
                    <Icon path=icon::CLOSE />
                </button>
                <Menu label=list::actions_for(&symbol) tabindex=text(tabindex) entries=move |()| entries(state, symbol)>
                    <Icon path=icon::MORE />
                </Menu>
            </div>
        </div>
    }
    .into_any()
}

/// On a phone, where there is no room for the bell: that there are alerts.
fn alert_mark(state: State, symbol: Symbol) -> AnyView {
    match state.alerts.active_of(symbol) {
        0 => ().into_any(),
        count => view! {
            <span class="alert-mark">
                <Icon path=icon::BELL />
                <span class="visually-hidden">{bell::label(symbol, count)}</span>
            </span>
        }
        .into_any(),
    }
}

/// The icons beside the symbol, each with a text for screen readers: flag, note, exchange closed.
fn marks(item: Memo<Option<WatchlistItem>>, flag: Option<Flag>, is_closed: bool) -> AnyView {
    let flag = flag.map(|flag| view! { <span class="visually-hidden">{flag_name(flag)}</span> });
    let has_note = item.with(|item| item.as_ref().is_some_and(|item| item.note.is_some()));
    let mark = |path, said| {
        view! {
            <Icon path />
            <span class="visually-hidden">{said}</span>
        }
    };
    view! {
        {flag}
        {has_note.then(|| mark(icon::NOTE, list::has_note()))}
        {is_closed.then(|| mark(icon::MOON, market::closed()))}
    }
    .into_any()
}

fn flag_name(flag: Flag) -> &'static str {
    match flag {
        Flag::Red => list::flag_red(),
        Flag::Orange => list::flag_orange(),
        Flag::Yellow => list::flag_yellow(),
        Flag::Green => list::flag_green(),
        Flag::Blue => list::flag_blue(),
        Flag::Purple => list::flag_purple(),
    }
}
