//! The way in: leads on to the list that was open last, or to making the first one.

use crate::components::controls::notice::{FailureNotice, Notice, TableSkeleton};
use crate::components::lists::list_tabs::ListTabs;
use crate::components::lists::list_tools_loader::WantedTools;
use crate::pages::shell::Shell;
use crate::route;
use crate::state::lists::editing_tools::Task;
use crate::state::lists::watchlists::Listing;
use crate::state::state;
use crate::view::reactive::part;
use leptos::prelude::*;
use watchtape_shared::watchlist::WatchlistSummary;

/// Stands at `/`.
#[component]
pub(crate) fn HomePage() -> impl IntoView {
    view! { <Shell><Home /></Shell> }
}

#[component]
fn Home() -> impl IntoView {
    let state = state();
    state.live.watch(None);
    let last = state.preferences.last_list();
    part(move || match state.lists.listing().get() {
        Listing::Loading => view! { <TableSkeleton /> }.into_any(),
        Listing::Failed(failure) => view! {
            <FailureNotice title="Your lists could not be read" failure on_retry=move |()| state.lists.load() />
        }
        .into_any(),
        Listing::Ready(lists) => {
            let known = |list: &&WatchlistSummary| Some(&list.id) == last.as_ref();
            let Some(list) = lists.iter().find(known).or(lists.first()) else {
                return view! { <FirstList /> }.into_any();
            };
            state.place.replace(&route::list(&list.id));
            ().into_any()
        }
    })
}

/// An account without a list.
#[component]
fn FirstList() -> impl IntoView {
    let tools = state().tools;
    view! {
        <ListTabs />
        <Notice title="You have no list yet">
            <p>
                "A list holds the securities that you want to keep an eye on. Make one for each idea: what you own, what
                you might buy, what you compare it with."
            </p>
            <button class="button primary" type="button" on:click=move |_| tools.ask(Task::Create)>
                "Make a list"
            </button>
        </Notice>
        <WantedTools />
    }
}
