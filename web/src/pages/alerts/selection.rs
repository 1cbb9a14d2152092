//! The actions for the selected alerts.

use super::filter::{Filter, View};
use crate::components::controls::icon::{self, Icon};
use crate::state::State;
use crate::state::alerts::edits::AlertChange;
use crate::state::state;
use crate::state::undo_stack::Direction;
use crate::texts::alerts as t;
use crate::view::reactive::{dynamic, memo, text};
use leptos::prelude::*;
use watchtape_shared::AlertId;
use watchtape_shared::alert::AlertState;

/// A bar above the rows, while any is selected.
#[component]
pub(super) fn SelectionActions(filter: Filter) -> impl IntoView {
    let state = state();
    let is_open = memo(move |_| !filter.selected().is_empty());
    dynamic(move || if is_open.get() { bar(state, filter) } else { ().into_any() })
}

fn bar(state: State, filter: Filter) -> AnyView {
    let act = move |change: fn(Vec<AlertId>) -> AlertChange| {
        state.alerts.start(change(untrack(|| filter.selected())), Direction::Do);
        filter.select_all(false);
    };
    let view = untrack(|| filter.view());
    let button = move |label: &'static str, change: fn(Vec<AlertId>) -> AlertChange| {
        view! {
            <button class="button" type="button" on:click=move |_| act(change)>
                {label}
            </button>
        }
        .into_any()
    };
    let pause = (view == View::State(AlertState::Active)).then(|| button(t::pause(), AlertChange::Pause));
    let can_resume = matches!(view, View::State(AlertState::Paused | AlertState::Triggered));
    let resume = can_resume.then(|| button(t::resume(), AlertChange::Resume));
    view! {
        <div class="alerts-bar" role="toolbar" aria-label=t::chosen()>
            <span role="status">{text(move || t::selected(&filter.selected().len()))}</span>
            {pause}
            {resume}
            {button(t::delete(), AlertChange::Delete)}
            <button
                class="icon-button"
                type="button"
                aria-label=t::clear()
                title=t::clear()
                on:click=move |_| filter.select_all(false)
            >
                <Icon path=icon::CLOSE />
            </button>
        </div>
    }
    .into_any()
}
