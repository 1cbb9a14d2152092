//! One result: a security with the match highlighted, a list, or an action.

use crate::components::controls::icon::{self, Icon};
use crate::i18n::alert::condition;
use crate::i18n::exchange;
use crate::i18n::highlight::pieces;
use crate::state::search::actions::Action;
use crate::state::search::alert_query::AlertQuery;
use crate::state::state;
use crate::texts;
use crate::view::reactive::{flag, text};
use leptos::prelude::*;
use watchtape_shared::ticker::{MatchedField, TickerMatch};

/// A security.
#[component]
pub(super) fn TickerOption(found: TickerMatch) -> impl IntoView {
    let list = state().open_list;
    let TickerMatch { ticker, matched } = found;
    let symbol = ticker.symbol;
    let ranges = |field| match &matched {
        Some(matched) if matched.field == field => matched.ranges.as_slice(),
        _ => &[],
    };
    let marked_symbol = highlighted(symbol.as_str(), ranges(MatchedField::Symbol));
    let marked_name = highlighted(&ticker.name, ranges(MatchedField::Name));
    let by_isin = matches!(&matched, Some(matched) if matched.field == MatchedField::Isin);
    let isin = ticker.isin.filter(|_| by_isin).map(|isin| view! { <mark class="isin">{isin}</mark> });
    let held = move || list.contains(symbol);
    view! {
        <span class="symbol">{marked_symbol}</span>
        <span class="option-name" dir="auto">{marked_name} " " {isin}</span>
        <span class="option-venue">{ticker.mic.map(|mic| exchange::name(&mic).to_owned())}</span>
        <span class="option-currency">{ticker.currency.to_string()}</span>
        <span class="option-state" class:held=flag(held)>
            <span class="option-held">
                <Icon path=icon::CHECK />
                <span>{text(move || if held() { texts::palette::on_this_list() } else { "" })}</span>
            </span>
            <Icon path=icon::PLUS />
        </span>
    }
}

/// A list of the account.
#[component]
pub(super) fn ListOption(name: String, count: usize) -> impl IntoView {
    view! {
        <Icon path=icon::LIST />
        <span class="option-name" dir="auto">{name}</span>
        <span class="option-aside">{texts::count(count, texts::palette::one_item, texts::palette::many_items)}</span>
    }
}

/// An alert that was typed.
#[component]
pub(super) fn AlertOption(alert: AlertQuery) -> impl IntoView {
    view! {
        <Icon path=icon::BELL />
        <span class="option-name">{texts::palette::set_alert(&condition(alert.symbol, &alert.condition))}</span>
        <kbd aria-hidden="true">"Enter"</kbd>
    }
}

/// An action.
#[component]
pub(super) fn ActionOption(action: Action) -> impl IntoView {
    let keys = action.keys();
    view! {
        <Icon path=icon::ACTION />
        <span class="option-name">{action.label()}</span>
        {(!keys.is_empty()).then(|| view! { <kbd aria-hidden="true">{keys}</kbd> })}
    }
}

fn highlighted(text: &str, ranges: &[[u32; 2]]) -> Vec<AnyView> {
    let show = |(highlighted, piece): (bool, String)| {
        if highlighted { view! { <mark>{piece}</mark> }.into_any() } else { piece.into_any() }
    };
    pieces(text, ranges).into_iter().map(show).collect()
}
