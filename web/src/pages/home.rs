//! The start page: goes on to the last open list, or offers to create the first one.

use super::shell::Shell;
use crate::components::controls::notice::{FailureNotice, Notice, TableSkeleton};
use crate::components::lists::list_tabs::ListTabs;
use crate::components::lists::list_tools_loader::ListToolsLoader;
use crate::state::lists::editing_tools::ListTask;
use crate::state::lists::watchlists::ListsState;
use crate::state::state;
use crate::view::reactive::dynamic;
use crate::{route, texts};
use leptos::prelude::*;
use watchtape_shared::stream::WatchlistEntry;

/// The page at `/`.
#[component]
pub(crate) fn HomePage() -> impl IntoView {
    view! { <Shell><Home /></Shell> }
}

#[component]
fn Home() -> impl IntoView {
    let state = state();
    state.stream.watch(None);
    let last = state.preferences.last_list();
    dynamic(move || match state.lists.state().get() {
        ListsState::Loading => view! { <TableSkeleton /> }.into_any(),
        ListsState::Failed(failure) => view! {
            <FailureNotice title=texts::tabs::lists_failed() failure on_retry=move |()| state.lists.load() />
        }
        .into_any(),
        ListsState::Ready(lists) => {
            let known = |list: &&WatchlistEntry| Some(&list.id) == last.as_ref();
            let Some(list) = lists.iter().find(known).or(lists.first()) else {
                return view! { <FirstList /> }.into_any();
            };
            state.location.replace(&route::list(&list.id));
            ().into_any()
        }
    })
}

/// An account without a list.
#[component]
fn FirstList() -> impl IntoView {
    let tools = state().editing;
    view! {
        <ListTabs />
        <Notice title=texts::tabs::first_title()>
            <p>{texts::tabs::first_about()}</p>
            <button class="button primary" type="button" on:click=move |_| tools.ask(ListTask::Create)>
                {texts::tabs::first_make()}
            </button>
        </Notice>
        <ListToolsLoader />
    }
}
