//! The page of one security: price, history, lists.

use super::shell::Shell;
use crate::api::Failure;
use crate::components::controls::notice::{FailureNotice, Notice};
use crate::components::security::chart::Chart;
use crate::components::security::key_figures::KeyFigures;
use crate::components::security::security_head::SecurityHead;
use crate::components::security::symbol_lists::SymbolLists;
use crate::route::{self, Route};
use crate::state::prices::chart_data::ChartData;
use crate::state::{State, state};
use crate::stream::connection::ConnectionStatus;
use crate::texts;
use crate::view::reactive::{dynamic, effect, flag, memo};
use crate::view::title;
use leptos::prelude::*;
use leptos::task::spawn_local;
use watchtape_shared::Symbol;
use watchtape_shared::ticker::Ticker;

/// The page's key in `visible_symbols`.
const PART: &str = "security";

/// The page at `/securities/{symbol}`.
#[component]
pub(crate) fn SecurityPage() -> impl IntoView {
    view! { <Shell><Security /></Shell> }
}

#[component]
fn Security() -> impl IntoView {
    let state = state();
    let route = state.location.route();
    let symbol =
        memo(move |_| route.with(|route| if let Route::Security(symbol) = route { Some(*symbol) } else { None }));
    on_cleanup(move || state.visible_symbols.clear(PART));
    dynamic(move || symbol.get().map(|symbol| view! { <OneSecurity symbol /> }).into_any())
}

/// The result of looking the symbol up.
#[derive(Clone)]
enum Lookup {
    Loading,
    Known(Ticker),
    Unknown,
    Failed(Failure),
}

#[component]
fn OneSecurity(symbol: Symbol) -> impl IntoView {
    let state = state();
    let found = RwSignal::new(Lookup::Loading);
    let ask = move || {
        found.set(Lookup::Loading);
        spawn_local(async move {
            let answer = match state.api.get_ticker(symbol).await {
                Ok(ticker) => Lookup::Known(ticker),
                Err(failure) if failure.status() == Some(404) => Lookup::Unknown,
                Err(failure) => Lookup::Failed(failure),
            };
            // The component may have been disposed.
            found.try_set(answer);
        });
    };
    title::set(&texts::security::title(&symbol));
    ask();
    dynamic(move || match found.get() {
        Lookup::Loading => view! { <Skeleton symbol /> }.into_any(),
        Lookup::Known(ticker) => view! { <SecurityView ticker /> }.into_any(),
        Lookup::Unknown => view! { <UnknownSecurity symbol /> }.into_any(),
        Lookup::Failed(failure) => {
            view! { <FailureNotice title=texts::security::failed() failure on_retry=move |()| ask() /> }.into_any()
        }
    })
}

/// Loads the quote, since the stream may take a while to connect.
fn load_quote(state: State, symbol: Symbol) {
    spawn_local(async move {
        if let Ok(quote) = state.api.get_quote(symbol).await {
            state.quotes.insert(quote);
        }
    });
}

#[component]
fn SecurityView(ticker: Ticker) -> impl IntoView {
    let state = state();
    let (symbol, mic) = (ticker.symbol, ticker.mic.as_deref().map(str::to_owned));
    state.visible_symbols.set(PART, vec![symbol]);
    load_quote(state, symbol);
    let cell = state.quotes.cell(symbol);
    let chart_data = ChartData::open(state, symbol, mic, cell.clone());
    let was_lost = StoredValue::new(false);
    effect(move || match state.connection.status() {
        ConnectionStatus::Connected if was_lost.get_value() => {
            // The stream does not repeat what was missed.
            was_lost.set_value(false);
            chart_data.load();
            load_quote(state, symbol);
        }
        ConnectionStatus::Reconnecting | ConnectionStatus::Offline => was_lost.set_value(true),
        _ => {}
    });
    view! {
        <article class="security" class:halted=flag(move || state.connection.is_lost())>
            <SecurityHead ticker=ticker.clone() cell=cell.clone() />
            <div class="security-parts">
                <Chart symbol chart_data cell=cell.clone() />
                <div class="security-side">
                    <KeyFigures ticker chart_data cell />
                    <SymbolLists symbol />
                </div>
            </div>
        </article>
    }
}

#[component]
fn UnknownSecurity(symbol: Symbol) -> impl IntoView {
    view! {
        <Notice title=texts::security::unknown() alone=true>
            <p>{texts::security::unknown_about(&symbol)}</p>
            <a href=route::HOME class="button primary">
                {texts::security::back_home()}
            </a>
        </Notice>
    }
}

/// The skeleton of the page.
#[component]
fn Skeleton(symbol: Symbol) -> impl IntoView {
    view! {
        <div class="security security-skeleton" role="status" aria-label=texts::security::loading(&symbol)>
            <span class="bone bone-title"></span>
            <span class="bone bone-price"></span>
            <div class="security-parts">
                <span class="bone bone-chart"></span>
                <span class="bone bone-side"></span>
            </div>
        </div>
    }
}
