//! The tabs of the account's lists, and the menu of the open one.

use crate::components::controls::icon::{self, Icon};
use crate::components::controls::lazy::Lazy;
use crate::components::controls::menu::{Menu, MenuItem};
use crate::route::{self, Route};
use crate::state::lists::editing_tools::ListTask;
use crate::state::lists::watchlists::ListsState;
use crate::state::shell::dialogs::DialogKind;
use crate::state::undo_stack::Direction;
use crate::state::{State, state};
use crate::texts;
use crate::view::focus;
use crate::view::keyed::{Keyed, make, names};
use crate::view::reactive::{attribute, dynamic, effect, flag, memo, text};
use leptos::prelude::*;
use watchtape_shared::WatchlistId;
use watchtape_shared::text::ListName;
use watchtape_shared::transfer::Format;

/// One link for each list.
#[component]
pub(crate) fn ListTabs() -> impl IntoView {
    let state = state();
    let ids = move || {
        state.lists.state().with(|lists| match lists {
            ListsState::Ready(lists) => lists.iter().map(|list| list.id.to_string()).collect(),
            _ => Vec::new(),
        })
    };
    let current = move || {
        let id = state.open_list.id().get()?;
        state.lists.name(&id).map(|name| (id, name))
    };
    // A list that is not among the lists yet has no tab.
    let current_tab = memo(move |_| current().map(|(id, _)| id));
    effect(move || {
        if current_tab.with(Option::is_some) {
            // It may be out of view on a narrow screen.
            focus::reveal_sideways(".tab[aria-current=page]");
        }
    });
    let tab = |id: String| match WatchlistId::parse(&id) {
        Ok(id) => view! { <Tab id /> }.into_any(),
        Err(_) => ().into_any(),
    };
    let entries = move |()| {
        let Some((id, name)) = untrack(current) else { return Vec::new() };
        let step = |by: isize| {
            let id = id.clone();
            move || {
                let to = state.lists.place_of(&id).and_then(|at| at.checked_add_signed(by));
                state.lists.move_to(&id, to.unwrap_or(0), Direction::Do);
            }
        };
        let (before, after) = (step(-1), step(1));
        let act = move |task: fn(WatchlistId, ListName) -> ListTask| {
            let (id, name) = (id.clone(), name.clone());
            move || state.editing.ask(task(id.clone(), name.clone()))
        };
        vec![
            MenuItem::new(texts::tabs::rename(), act(ListTask::Rename)).keys("F2"),
            MenuItem::new(texts::tabs::move_left(), before).keys("Alt ←"),
            MenuItem::new(texts::tabs::move_right(), after).keys("Alt →"),
            MenuItem::new(texts::tabs::duplicate(), act(ListTask::Duplicate)),
            MenuItem::new(texts::palette::import(), move || state.dialogs.open(DialogKind::Import)),
            MenuItem::new(texts::palette::export_csv(), move || state.export(Format::Csv)).keys("D"),
            MenuItem::new(texts::palette::export_txt(), move || state.export(Format::Txt)),
            MenuItem::new(texts::palette::export_json(), move || state.export(Format::Json)),
            MenuItem::new(texts::tabs::delete(), act(ListTask::Delete)),
        ]
    };
    view! {
        <div class="list-tabs tabs" on:pointerover=move |_| state.editing.load() on:focusin=move |_| state.editing.load()>
            <nav class="tab-strip" aria-label=texts::tabs::lists()>
                <Keyed names=names(ids) make=make(tab) />
            </nav>
            <button
                class="icon-button"
                type="button"
                aria-label=texts::tabs::new_list()
                title=texts::tabs::new_list()
                on:click=move |_| state.editing.ask(ListTask::Create)
            >
                <Icon path=icon::PLUS />
            </button>
            <div hidden=flag(move || current().is_none())>
                <Menu label=texts::tabs::options() entries=entries>
                    <Icon path=icon::MORE />
                </Menu>
            </div>
        </div>
    }
}

#[component]
fn Tab(id: WatchlistId) -> impl IntoView {
    let state = state();
    let State { location, lists, editing, .. } = state;
    let same = id.clone();
    let is_renamed = memo(move |_| editing.renamed.with(|renamed| renamed.as_ref() == Some(&same)));
    dynamic(move || {
        if is_renamed.get() {
            return view! { <Lazy load=state.lazy.tab_name quiet=true /> }.into_any();
        }
        let here = id.clone();
        let current = move || {
            let is_here = location.route().with(|route| matches!(route, Route::List(open) if *open == here));
            is_here.then_some("page")
        };
        let (name, count) = (id.clone(), id.clone());
        let name = move || lists.find(&name).map_or_else(String::new, |list| list.name.to_string());
        let count = move || lists.find(&count).map_or_else(String::new, |list| list.count.to_string());
        view! {
            <a href=route::list(&id) class="tab" data-list=id.to_string() aria-current=attribute(current)>
                <span class="tab-name" dir="auto">{text(name)}</span>
                <span class="tab-count" aria-hidden="true">
                    {text(count)}
                </span>
            </a>
        }
        .into_any()
    })
}
