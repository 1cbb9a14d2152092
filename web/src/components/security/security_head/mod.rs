//! The header of a security's page: name, identifiers, price.

use crate::components::alerts::bell::Bell;
use crate::components::controls::icon::{self, Icon};
use crate::components::prices::change_figure::ChangeFigure;
use crate::components::prices::price_age::PriceAge;
use crate::components::prices::price_figure::PriceFigure;
use crate::i18n::date_time::Reader;
use crate::i18n::{exchange, market};
use crate::state::prices::quotes::Cell;
use crate::state::{State, state};
use crate::view::reactive::{dynamic, text};
use crate::{route, texts};
use leptos::prelude::*;
use watchtape_shared::market::TradingStatus;
use watchtape_shared::ticker::Ticker;

/// The head of the page.
#[component]
pub(crate) fn SecurityHead(ticker: Ticker, cell: ArcRwSignal<Cell>) -> impl IntoView {
    let state = state();
    let Ticker { symbol, name, mic, currency, isin, delisted, .. } = ticker;
    let origin = cell.clone();
    let venue = mic.clone().map(|mic| fact(texts::security::exchange(), exchange::name(&mic).to_owned()));
    view! {
        <header class="security-head">
            <BackLink />
            <div class="security-name">
                <div class="security-title">
                    <h1>
                        <span class="symbol">{symbol.to_string()}</span>
                        <span class="security-full-name" dir="auto">{name}</span>
                    </h1>
                    <Bell symbol />
                </div>
                <ul class="security-facts">
                    {delisted.then(|| fact(texts::security::exchange(), texts::market::delisted().to_owned()))} {venue} {fact(texts::security::currency(), currency.to_string())}
                    {isin.map(|isin| fact("ISIN", isin.to_string()))}
                    {dynamic(move || mic.as_deref().and_then(|mic| hours(state, mic)).into_any())}
                </ul>
            </div>
            <div class="security-now">
                <p class="security-price">
                    <PriceFigure cell=cell.clone() currency />
                    <ChangeFigure cell=cell.clone() />
                </p>
                <p class="security-origin">
                    <span>{text(move || origin.with(origin_of))}</span>
                    <PriceAge cell />
                </p>
            </div>
        </header>
    }
}

/// A link to the last open list.
#[component]
fn BackLink() -> impl IntoView {
    let State { open_list, lists, preferences, .. } = state();
    let id = open_list.id().get_untracked().or_else(|| preferences.last_list());
    let href = id.as_ref().map_or_else(|| route::HOME.into(), route::list);
    let said = move || {
        let name = id.as_ref().and_then(|id| lists.name(id));
        name.map_or_else(|| texts::security::back_home().into(), |name| texts::security::back(&name.as_str()))
    };
    view! {
        <a class="security-back" href=href>
            <Icon path=icon::BACK />
            <span>{text(said)}</span>
        </a>
    }
}

fn fact(about: &'static str, said: String) -> AnyView {
    view! {
        <li>
            <span class="visually-hidden">{about}</span>
            <span class="security-fact">{said}</span>
        </li>
    }
    .into_any()
}

/// Whether its exchange trades now, and when that changes.
fn hours(state: State, mic: &str) -> Option<AnyView> {
    let exchanges = state.market.get()?.exchanges;
    let exchange = exchanges.into_iter().find(|exchange| exchange.mic == mic)?;
    let class = match exchange.status {
        TradingStatus::Open => "security-hours open",
        TradingStatus::PreMarket | TradingStatus::AfterHours => "security-hours extended",
        TradingStatus::Closed => "security-hours closed",
    };
    let said = exchange::hours(&exchange, &Reader::here(&state.clock.today()));
    Some(view! { <li class=class><span class="dot" aria-hidden="true"></span>{said}</li> }.into_any())
}

/// `Simulated price from sim`; nothing before there is a price.
fn origin_of(cell: &Cell) -> String {
    let known = cell.quote.as_ref().filter(|quote| quote.price.is_some());
    known.map_or_else(String::new, |quote| texts::security::origin(&market::mode_of_price(quote.mode), &quote.source))
}
