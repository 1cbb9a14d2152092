//! The page of one watchlist.

use super::shell::Shell;
use crate::components::controls::notice::{FailureNotice, Notice, TableSkeleton};
use crate::components::lists::empty_list::EmptyList;
use crate::components::lists::feed_notice::FeedNotice;
use crate::components::lists::list_body::ListBody;
use crate::components::lists::list_tabs::ListTabs;
use crate::components::lists::list_tools_loader::ListToolsLoader;
use crate::components::lists::market_hours::MarketHours;
use crate::components::lists::tab_status;
use crate::route::{self, Route};
use crate::state::lists::open_list::phase::Phase;
use crate::state::state;
use crate::texts;
use crate::view::reactive::{dynamic, effect, flag, memo, text};
use leptos::prelude::*;

/// The page at `/lists/{id}`.
#[component]
pub(crate) fn ListPage() -> impl IntoView {
    view! { <Shell><OpenList /></Shell> }
}

#[component]
fn OpenList() -> impl IntoView {
    let state = state();
    let route = state.location.route();
    let id = memo(move |_| route.with(|route| if let Route::List(id) = route { Some(id.clone()) } else { None }));
    let name = move || id.get().and_then(|id| state.lists.name(&id));

    effect(move || {
        if let Some(id) = id.get() {
            state.preferences.remember_list(&id);
            state.stream.watch(Some(id.clone()));
            state.open_list.open(id);
        }
    });
    tab_status::follow(state, move || name().map(|name| name.to_string()));
    effect(move || {
        if state.open_list.phase().get() == Phase::Deleted {
            state.toasts.show(texts::tabs::was_deleted());
            state.location.replace(route::HOME);
        }
    });
    on_cleanup(move || state.stream.watch(None));

    let is_empty = memo(move |_| state.open_list.items().with(Vec::is_empty));
    view! {
        <h1 class="visually-hidden" hidden=flag(move || name().is_none())>
            {text(move || name().map_or_else(String::new, |name| name.to_string()))}
        </h1>
        <ListTabs />
        <FeedNotice />
        {dynamic(move || match state.open_list.phase().get() {
            _ if id.with(Option::is_none) => view! { <MissingList /> }.into_any(),
            Phase::Missing => view! { <MissingList /> }.into_any(),
            Phase::Ready if is_empty.get() => view! { <EmptyList /> }.into_any(),
            Phase::Ready => view! { <ListBody /> <MarketHours /> }.into_any(),
            Phase::Failed(failure) => view! {
                <FailureNotice
                    title=texts::list::failed()
                    failure
                    on_retry=move |()| {
                        if let Some(id) = id.get_untracked() {
                            state.open_list.open(id);
                        }
                    }
                />
            }
                .into_any(),
            Phase::Loading | Phase::Deleted => view! { <TableSkeleton /> }.into_any(),
        })}
        <ListToolsLoader />
    }
}

#[component]
fn MissingList() -> impl IntoView {
    view! {
        <Notice title=texts::list::missing() alone=true>
            <p>{texts::list::missing_means()}</p>
            <a href=route::HOME class="button primary">
                {texts::page::to_lists()}
            </a>
        </Notice>
    }
}
