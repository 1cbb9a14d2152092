//! The lists of the account side by side, and what can be done with them.

use super::icon::{self, Icon};
use super::list_dialog::Task;
use super::menu::{Entry, Menu};
use crate::route::{self, Route};
use crate::state::lists::Listing;
use crate::state::tools::Tool;
use crate::state::{State, state};
use crate::texts;
use crate::view::focus;
use crate::view::follow::{attribute, effect, flag, text};
use crate::view::keyed::{Keyed, make, names};
use leptos::prelude::*;
use watchtape_shared::WatchlistId;
use watchtape_shared::transfer::Format;

/// One link for each list; the dialogs open by way of `task`.
#[component]
pub(crate) fn ListTabs(task: RwSignal<Option<Task>>) -> impl IntoView {
    let state = state();
    let ids = move || {
        state.lists.listing().with(|listing| match listing {
            Listing::Ready(lists) => lists.iter().map(|list| list.id.to_string()).collect(),
            _ => Vec::new(),
        })
    };
    let current = move || {
        let id = state.list.id().get()?;
        state.lists.name(&id).map(|name| (id, name))
    };
    effect(move || {
        if current().is_some() {
            // It may be beyond the edge of a narrow screen.
            focus::reveal(".tab[aria-current=page]");
        }
    });
    let tab = |id: String| match WatchlistId::parse(&id) {
        Ok(id) => view! { <Tab id /> }.into_any(),
        Err(_) => ().into_any(),
    };
    let entries = move |()| {
        let Some((id, name)) = untrack(current) else { return Vec::new() };
        let (same_id, same_name) = (id.clone(), name.clone());
        vec![
            Entry::new("Rename list…", move || task.set(Some(Task::Rename(id.clone(), name.clone())))),
            Entry::new(texts::palette::import(), move || state.tools.open(Tool::Import)),
            Entry::new(texts::palette::export_csv(), move || state.export(Format::Csv)).keys("D"),
            Entry::new(texts::palette::export_txt(), move || state.export(Format::Txt)),
            Entry::new(texts::palette::export_json(), move || state.export(Format::Json)),
            Entry::new("Delete list…", move || task.set(Some(Task::Delete(same_id.clone(), same_name.clone())))),
        ]
    };
    view! {
        <div class="tabs">
            <nav class="tab-strip" aria-label="Watchlists">
                <Keyed names=names(ids) make=make(tab) />
            </nav>
            <button
                class="icon-button"
                type="button"
                aria-label="New list"
                title="New list"
                on:click=move |_| task.set(Some(Task::Create))
            >
                <Icon path=icon::PLUS />
            </button>
            <div hidden=flag(move || current().is_none())>
                <Menu label="List options" entries=entries>
                    <Icon path=icon::MORE />
                </Menu>
            </div>
        </div>
    }
}

#[component]
fn Tab(id: WatchlistId) -> impl IntoView {
    let State { place, lists, .. } = state();
    let href = route::list(&id);
    let here = id.clone();
    let current =
        move || place.route().with(|route| matches!(route, Route::List(open) if *open == here)).then_some("page");
    let (name, count) = (id.clone(), id);
    let name = move || lists.find(&name).map_or_else(String::new, |list| list.name.to_string());
    let count = move || lists.find(&count).map_or_else(String::new, |list| list.item_count.to_string());
    view! {
        <a href=href class="tab" aria-current=attribute(current)>
            <span class="tab-name">{text(name)}</span>
            <span class="tab-count" aria-hidden="true">
                {text(count)}
            </span>
        </a>
    }
}
