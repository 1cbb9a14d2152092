//! The content of the price card.

use crate::components::prices::change_figure::change_of;
use crate::components::prices::figure_row::figure_row;
use crate::format::{age, change, money, volume};
use crate::i18n::date_time::{self, Reader};
use crate::i18n::{exchange, market};
use crate::state::State;
use crate::state::prices::quotes::Cell;
use crate::texts::price;
use crate::view::reactive::{flag, memo, text};
use chrono::{DateTime, Utc};
use js_sys::Date;
use leptos::prelude::*;
use watchtape_shared::market::TradingStatus;
use watchtape_shared::{Price, Quote, Symbol};

/// The details of a symbol's price.
pub(super) fn view(state: State, symbol: Symbol) -> AnyView {
    let cell = state.quotes.cell(symbol);
    let with = {
        let cell = cell.clone();
        move |read: fn(&Quote) -> Option<String>| {
            let cell = cell.clone();
            text(move || cell.with(|cell| cell.quote.as_ref().and_then(read)).unwrap_or_else(|| "–".into()))
        }
    };
    let item = state.rows.item(symbol);
    let mic = item.as_ref().and_then(|item| item.mic.clone());
    let note = item.and_then(|item| item.note);
    let (missing, known, made, moved) = (cell.clone(), cell.clone(), cell.clone(), cell.clone());
    let age = move || {
        let as_of = made.with(|cell| cell.quote.as_ref()?.as_of);
        as_of.map_or_else(|| "–".into(), |as_of| age_and_time(state, as_of))
    };
    let moved = move || {
        let both = |change| {
            let mut said = change::amount(change);
            said.push_str(" (");
            said.push_str(&change::percent(change));
            said.push(')');
            said
        };
        moved.with(change_of).map_or_else(|| "–".into(), both)
    };
    view! {
        <p class="card-missing" hidden=flag(move || missing.with(is_priced))>
            {text({
                let cell = cell.clone();
                move || cell.with(|cell| market::reason(cell.quote.as_ref().and_then(|quote| quote.reason)).1)
            })}
        </p>
        <div hidden=flag(move || !known.with(is_priced))>
            <p class="card-price">{with(|quote| Some(priced(quote, quote.price?)))} <span>{text(moved)}</span></p>
            <p class="card-kind">{with(|quote| Some(market::about_price(quote.mode).into()))}</p>
        </div>
        {warnings(state, &cell, mic)}
        <dl>
            {figure_row(price::made(), text(age))} {figure_row(price::source(), with(|quote| Some(quote.source.clone())))}
            {figure_row(price::kind(), with(|quote| Some(market::mode_of_price(quote.mode).into())))}
            {figure_row(price::previous_close(), with(|quote| Some(money::price(quote.previous_close?))))}
            {figure_row(price::open(), with(|quote| Some(money::price(quote.open?))))}
            {figure_row(price::day_low(), with(|quote| Some(money::price(quote.low?))))}
            {figure_row(price::day_high(), with(|quote| Some(money::price(quote.high?))))}
            {figure_row(price::volume(), with(|quote| Some(volume::short(quote.volume?))))}
        </dl>
        {note.map(|note| view! { <p class="card-note" dir="auto">{note.to_string()}</p> })}
    }
    .into_any()
}

/// Warnings about a price: stale, disconnected, or exchange closed.
fn warnings(state: State, cell: &ArcRwSignal<Cell>, mic: Option<String>) -> AnyView {
    let (known, doubted) = (cell.clone(), cell.clone());
    let stale = move || known.with(|cell| is_priced(cell) && cell.quote.as_ref().is_some_and(|quote| quote.stale));
    let why_stale = move || {
        let reason = doubted.with(|cell| cell.quote.as_ref().and_then(|quote| quote.reason));
        market::stale_reason(reason).unwrap_or_else(price::is_stale)
    };
    let closed = memo(move |_| closing(state, mic.as_deref()));
    view! {
        <p class="card-warning" hidden=flag(move || !stale())>{text(why_stale)}</p>
        <p class="card-warning" hidden=flag(move || !state.connection.is_lost())>{price::is_halted()}</p>
        <p class="card-closed" hidden=flag(move || closed.with(Option::is_none))>
            {text(move || closed.get().unwrap_or_default())}
        </p>
    }
    .into_any()
}

fn closing(state: State, mic: Option<&str>) -> Option<String> {
    state.market.with(|market| {
        let found = market.as_ref()?.exchanges.iter().find(|exchange| Some(exchange.mic.as_str()) == mic)?;
        if found.status != TradingStatus::Closed {
            return None;
        }
        let hours = exchange::hours(found, &Reader::here(&state.clock.today()));
        Some(price::is_closed(&exchange::name(&found.mic), &hours))
    })
}

fn is_priced(cell: &Cell) -> bool {
    cell.quote.as_ref().is_some_and(|quote| quote.price.is_some())
}

fn priced(quote: &Quote, price: Price) -> String {
    let mut said = money::price(price);
    said.push(' ');
    said.push_str(&quote.currency.to_string());
    said
}

/// `12 seconds ago, 15:30:04`, with the date if it is another day.
fn age_and_time(state: State, as_of: DateTime<Utc>) -> String {
    let age_ms = state.clock.age_ms(as_of);
    let date = Date::new(&(as_of.timestamp_millis() as f64).into());
    let is_today = date.to_date_string() == state.clock.today().to_date_string();
    let time = if is_today { date_time::seconds(as_of) } else { date_time::date_and_seconds(as_of) };
    let mut said = age::long(age_ms);
    said.push_str(", ");
    said.push_str(&time);
    said
}
