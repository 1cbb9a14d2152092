//! One result of the search, with what matched marked.

use super::icon::{self, Icon};
use crate::state::state;
use crate::view::follow::{flag, text};
use crate::words::exchange;
use crate::words::marks::pieces;
use leptos::prelude::*;
use watchtape_shared::ticker::{MatchedField, TickerMatch};

/// A security that was found.
#[component]
pub(crate) fn SearchOption(
    id: String,
    /// Its place among the results.
    at: usize,
    found: TickerMatch,
) -> impl IntoView {
    let state = state();
    let TickerMatch { ticker, matched } = found;
    let symbol = ticker.symbol;
    let ranges = |field| match &matched {
        Some(matched) if matched.field == field => matched.ranges.as_slice(),
        _ => &[],
    };
    let marked_symbol = marked(symbol.as_str(), ranges(MatchedField::Symbol));
    let marked_name = marked(&ticker.name, ranges(MatchedField::Name));
    let by_isin = matches!(&matched, Some(matched) if matched.field == MatchedField::Isin);
    let isin = ticker.isin.filter(|_| by_isin).map(|isin| view! { <mark class="isin">{isin}</mark> });
    let held = move || state.list.holds(symbol);
    view! {
        <li
            id=id
            class="option"
            role="option"
            aria-selected=text(move || (state.search.active() == at).to_string())
            data-symbol=symbol.to_string()
            on:click=move |_| state.search.choose(symbol)
        >
            <span class="symbol">{marked_symbol}</span>
            <span class="option-name">{marked_name} {isin}</span>
            <span class="option-venue">{ticker.mic.map(|mic| exchange::name(&mic).to_owned())}</span>
            <span class="option-currency">{ticker.currency.to_string()}</span>
            <span class="option-state" class:held=flag(held)>
                <span class="option-held">
                    <Icon path=icon::CHECK />
                    <span>{text(move || if held() { "On this list" } else { "" })}</span>
                </span>
                <Icon path=icon::PLUS />
            </span>
        </li>
    }
}

fn marked(text: &str, ranges: &[[u32; 2]]) -> impl IntoView + use<> {
    let show = |(marked, piece): (bool, String)| {
        if marked { view! { <mark>{piece}</mark> }.into_any() } else { piece.into_any() }
    };
    pieces(text, ranges).into_iter().map(show).collect_view()
}
