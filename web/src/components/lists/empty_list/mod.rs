//! The empty state of a list, with suggestions to add.

use crate::components::controls::icon::{self, Icon};
use crate::components::controls::notice::Notice;
use crate::state::state;
use crate::texts::list;
use crate::view::reactive::dynamic;
use leptos::prelude::*;
use leptos::task::spawn_local;
use watchtape_shared::ticker::TickerMatch;

const SUGGESTIONS: u32 = 6;

/// Shown in place of the rows.
#[component]
pub(crate) fn EmptyList() -> impl IntoView {
    let state = state();
    let suggested = RwSignal::new(Vec::<TickerMatch>::new());
    spawn_local(async move {
        // The page works without suggestions.
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
            <p class="muted">{list::empty_begin()}</p>
            <div class="empty-list-chips">{chips.collect_view()}</div>
        }
        .into_any()
    };
    view! {
        <Notice title=list::empty_title()>
            <p>{list::empty_how()}</p>
            <p class="empty-list-keys muted">
                <kbd>"/"</kbd> {list::empty_opens()} <kbd>"↑"</kbd> <kbd>"↓"</kbd> {list::empty_choose()} <kbd>"Enter"</kbd>
                {list::empty_adds()}
            </p>
            <button class="button primary" type="button" on:click=move |_| state.palette.show("")>
                <Icon path=icon::SEARCH />
                {list::empty_find()}
            </button>
            {dynamic(chips)}
        </Notice>
    }
}

#[component]
fn Chip(found: TickerMatch) -> impl IntoView {
    let open = state().open_list;
    let (symbol, name) = (found.ticker.symbol, found.ticker.name);
    view! {
        <button class="empty-list-chip" type="button" on:click=move |_| open.add(symbol)>
            <Icon path=icon::PLUS />
            <span class="visually-hidden">{list::empty_add()} " "</span>
            <b class="symbol">{symbol.to_string()}</b>
            " "
            <span dir="auto">{name}</span>
        </button>
    }
}
