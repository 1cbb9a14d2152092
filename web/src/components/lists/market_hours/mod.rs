//! The trading status of the exchanges of the open list.

use crate::i18n::date_time::Reader;
use crate::i18n::exchange;
use crate::state::state;
use crate::texts;
use crate::view::reactive::dynamic;
use leptos::prelude::*;
use watchtape_shared::market::{Exchange, TradingStatus};

/// One entry for each exchange of the list's securities.
#[component]
pub(crate) fn MarketHours() -> impl IntoView {
    let state = state();
    let is_on_list = move |exchange: &Exchange| {
        state.open_list.items().with(|items| items.iter().any(|item| item.mic.as_ref() == Some(&exchange.mic)))
    };
    let exchanges = move || state.market.get().map_or_else(Vec::new, |market| market.exchanges);
    let entry = move |exchange: Exchange| {
        let class = match exchange.status {
            TradingStatus::Open => "open",
            TradingStatus::PreMarket | TradingStatus::AfterHours => "extended",
            TradingStatus::Closed => "closed",
        };
        let said = exchange::hours(&exchange, &Reader::here(&state.clock.today()));
        view! {
            <li class=class>
                <span class="dot" aria-hidden="true"></span>
                <b>{exchange::name(&exchange.mic).to_owned()}</b>
                <span>{said}</span>
            </li>
        }
        .into_any()
    };
    view! {
        <ul class="market-hours" aria-label=texts::market::hours()>
            {dynamic(move || exchanges().into_iter().filter(is_on_list).map(entry).collect_view().into_any())}
        </ul>
    }
}
