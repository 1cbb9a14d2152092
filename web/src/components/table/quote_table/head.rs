//! The column headings: each sorts by its column, and the last opens the view panel.

use crate::components::controls::icon::{self, Icon};
use crate::components::controls::lazy::Lazy;
use crate::state::appearance::choices::ChangeStyle;
use crate::state::appearance::column::Column;
use crate::state::lists::sorting::{Key, Sort};
use crate::state::{State, state};
use crate::texts;
use crate::view::reactive::{attribute, dynamic, text};
use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::html::{Button, Div};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Node;

/// The table's first row.
#[component]
pub(super) fn TableHead() -> impl IntoView {
    let state = state();
    let columns = move || {
        let heads = state.columns.shown().get().into_iter().map(|column| head(state, column));
        heads.collect_view().into_any()
    };
    view! {
        <div role="rowgroup" class="table-head">
            <div role="row" class="columns" aria-rowindex="1">
                <div role="columnheader" class="column-who" aria-sort=sort_of(state, Some(Key::Symbol))>
                    {sort_button(state, texts::list::column_who(), Key::Symbol)}
                </div>
                {dynamic(columns)}
                <div role="columnheader" class="column-actions">
                    <ViewMenu />
                </div>
            </div>
        </div>
    }
}

fn key(column: Column) -> Option<Key> {
    match column {
        Column::Price => Some(Key::Price),
        Column::Change => Some(Key::Change),
        Column::Volume => Some(Key::Volume),
        Column::Age => Some(Key::Age),
        Column::Spark | Column::Range | Column::Close | Column::Note => None,
    }
}

fn head(state: State, column: Column) -> AnyView {
    let mut class = "column-".to_owned();
    class.push_str(column.name());
    let key = key(column);
    let toggle = (column == Column::Change).then(|| change_toggle(state));
    let name = match key {
        Some(key) => sort_button(state, column.label(), key),
        None => column.label().into_any(),
    };
    view! {
        <div role="columnheader" class=class aria-sort=sort_of(state, key)>
            {toggle}
            {name}
        </div>
    }
    .into_any()
}

fn sort_of(state: State, key: Option<Key>) -> crate::view::reactive::Reactive<Option<String>> {
    attribute(move || match state.sorting.by().get() {
        Some(sort) if Some(sort.key) == key => Some(if sort.descending { "descending" } else { "ascending" }),
        _ => None,
    })
}

/// The heading as a button: ascending, descending, unsorted.
fn sort_button(state: State, name: &'static str, key: Key) -> AnyView {
    let arrow = move || match state.sorting.by().get() {
        Some(Sort { key: held, descending }) if held == key => {
            if descending {
                "▼"
            } else {
                "▲"
            }
        }
        _ => "",
    };
    view! {
        <button class="sort" type="button" on:click=move |_| state.sorting.step(key)>
            {name}
            <span class="sort-arrow" aria-hidden="true">
                {text(arrow)}
            </span>
        </button>
    }
    .into_any()
}

/// Switches between percent and amount.
fn change_toggle(state: State) -> AnyView {
    let change = state.preferences.change;
    let said = move || match change.get() {
        ChangeStyle::Percent => ("%", texts::list::change_percent()),
        ChangeStyle::Amount => ("±", texts::list::change_amount()),
    };
    view! {
        <button class="change-toggle" type="button" aria-label=text(move || said().1) on:click=move |_| change.next()>
            {text(move || said().0)}
        </button>
    }
    .into_any()
}

/// The button of the view panel.
#[component]
fn ViewMenu() -> impl IntoView {
    let state = state();
    let open = RwSignal::new(false);
    let (menu_ref, button) = (NodeRef::<Div>::new(), NodeRef::<Button>::new());
    let on_keydown = move |event: KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            event.stop_propagation();
            open.set(false);
            if let Some(button) = button.get_untracked() {
                let _ = button.focus();
            }
        }
    };
    let on_focusout = move |event: FocusEvent| {
        let into = event.related_target().and_then(|target| target.dyn_into::<Node>().ok());
        // Without a target the focus left the page, or the panel is being rendered.
        if into.is_some() && menu_ref.get_untracked().is_some_and(|menu_ref| !menu_ref.contains(into.as_ref())) {
            open.set(false);
        }
    };
    let outside = window_event_listener(leptos::ev::pointerdown, move |event| {
        let at = event.target().and_then(|target| target.dyn_into::<Node>().ok());
        if open.get_untracked() && menu_ref.get_untracked().is_some_and(|menu_ref| !menu_ref.contains(at.as_ref())) {
            open.set(false);
        }
    });
    on_cleanup(move || outside.remove());
    view! {
        <div class="menu" node_ref=menu_ref on:keydown=on_keydown on:focusout=on_focusout>
            <button
                node_ref=button
                class="icon-button"
                type="button"
                aria-label=texts::list::view()
                aria-haspopup="dialog"
                aria-expanded=text(move || open.get().to_string())
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <Icon path=icon::SLIDERS />
            </button>
            {dynamic(move || match open.get() {
                true => view! { <Lazy quiet=true load=state.lazy.view_panel /> }.into_any(),
                false => ().into_any(),
            })}
        </div>
    }
}
