//! The view panel: columns, their order, and the row height. Loaded when it is first opened.

use crate::components::controls::icon::{self, Icon};
use crate::state::appearance::choices::Density;
use crate::state::appearance::column::Column;
use crate::state::{State, state};
use crate::texts::list;
use crate::view::focus;
use crate::view::reactive::{dynamic, effect, flag, text};
use leptos::html::Div;
use leptos::prelude::*;

/// A panel under the button that opens it.
#[component]
pub(crate) fn ViewPanel() -> impl IntoView {
    let state = state();
    let panel = NodeRef::<Div>::new();
    effect(move || {
        if let Some(panel) = panel.get() {
            let _ = panel.focus();
        }
    });
    let entries = move || {
        let chosen = state.columns.chosen();
        let rest = Column::ALL.iter().map(|entry| entry.0).filter(|column| !chosen.contains(column));
        let count = chosen.len();
        let shown = chosen.iter().enumerate().map(|(at, column)| entry(state, *column, Some((at, count))));
        let shown = shown.collect_view();
        let rest: Vec<AnyView> = rest.map(|column| entry(state, column, None)).collect();
        (shown, rest).into_any()
    };
    view! {
        <div node_ref=panel class="menu-panel view-panel" role="dialog" aria-label=list::view() tabindex="-1">
            <h2>{list::view_columns()}</h2>
            <ul>{dynamic(entries)}</ul>
            <p class="view-phone">{list::view_phone()}</p>
            <h2>{list::view_rows()}</h2>
            <div class="segments" role="group" aria-label=list::view_rows()>
                {density(state, Density::Comfortable, list::view_comfortable())}
                {density(state, Density::Dense, list::view_dense())}
            </div>
            <button class="view-reset" type="button" on:click=move |_| state.columns.reset()>
                {list::view_reset()}
            </button>
        </div>
    }
}

/// A column with its checkbox and, if shown, the buttons that move it.
fn entry(state: State, column: Column, place: Option<(usize, usize)>) -> AnyView {
    let columns = state.columns;
    let has_room = move || columns.shown().with(|shown| shown.contains(&column));
    let name = column.label();
    let step = |on: bool, said: String, path: &'static str, ends: bool| {
        view! {
            <button
                class="icon-button"
                type="button"
                aria-label=said
                aria-disabled=ends.then_some("true")
                data-step=if on { "on" } else { "back" }
                data-column=column.name()
                on:click=move |_| {
                    columns.shift(column, on);
                    keep_focus(if on { "[data-step=on]" } else { "[data-step=back]" }, column);
                }
            >
                <Icon path />
            </button>
        }
    };
    let steps = place.map(|(at, count)| {
        view! {
            <span class="view-no-room" hidden=flag(has_room)>
                {list::view_no_room()}
            </span>
            {step(false, list::view_up(&name), icon::UP, at == 0)}
            {step(true, list::view_down(&name), icon::DOWN, at + 1 == count)}
        }
    });
    view! {
        <li class="view-column">
            <label>
                <input
                    type="checkbox"
                    data-column=column.name()
                    prop:checked=place.is_some()
                    on:change=move |_| {
                        columns.toggle(column);
                        keep_focus("input", column);
                    }
                />
                {name}
            </label>
            {steps}
        </li>
    }
    .into_any()
}

/// The entries are rendered again after a move: restores the focus to the one that was moved.
fn keep_focus(which: &'static str, column: Column) {
    let mut selector = ".view-panel ".to_owned();
    for part in [which, "[data-column=", column.name(), "]"] {
        selector.push_str(part);
    }
    focus::matching(selector);
}

fn density(state: State, density: Density, name: &'static str) -> AnyView {
    let chosen = state.preferences.density;
    let pressed = move || (chosen.get() == density).to_string();
    view! {
        <button type="button" aria-pressed=text(pressed) on:click=move |_| chosen.set(density)>
            {name}
        </button>
    }
    .into_any()
}
