//! A list with nothing on it: says how to fill it, and offers something to begin with.

use super::icon::{self, Icon};
use super::notice::Notice;
use crate::state::state;
use crate::view::follow::part;
use leptos::prelude::*;
use leptos::task::spawn_local;
use watchtape_shared::ticker::TickerMatch;

const SUGGESTIONS: u32 = 6;

/// Stands in the place of the rows.
#[component]
pub(crate) fn EmptyList() -> impl IntoView {
    let state = state();
    let suggested = RwSignal::new(Vec::<TickerMatch>::new());
    spawn_local(async move {
        // Without suggestions the page still says what to do.
        if let Ok(found) = state.api.search_tickers("", SUGGESTIONS).await {
            suggested.try_set(found);
        }
    });
    let chips = move || {
        let found = suggested.get();
        if found.is_empty() {
            return ().into_any();
        }
        let chips = found.into_iter().map(|found| view! { <Chip found /> }.into_any());
        view! {
            <p class="muted">"Or begin with some of the largest companies:"</p>
            <div class="chips">{chips.collect_view()}</div>
        }
        .into_any()
    };
    view! {
        <Notice title="Nothing on this list yet">
            <p>"Find a security by its symbol, its company’s name or its ISIN, and its price begins to move here."</p>
            <p class="with-keys muted">
                <kbd>"/"</kbd>" opens the search, "<kbd>"↑"</kbd>" "<kbd>"↓"</kbd>" choose, "<kbd>"Enter"</kbd>" adds."
            </p>
            <button class="button primary" type="button" on:click=move |_| state.search.show("")>
                <Icon path=icon::SEARCH />
                "Find a security"
            </button>
            {part(chips)}
        </Notice>
    }
}

#[component]
fn Chip(found: TickerMatch) -> impl IntoView {
    let list = state().list;
    let (symbol, name) = (found.ticker.symbol, found.ticker.name);
    let label = format!("Add {symbol}, {name}");
    view! {
        <button class="chip" type="button" aria-label=label on:click=move |_| list.add(symbol)>
            <Icon path=icon::PLUS />
            <b class="symbol">{symbol.to_string()}</b>
            <span>{name}</span>
        </button>
    }
}
