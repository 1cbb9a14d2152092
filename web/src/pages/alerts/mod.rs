//! The page of alerts: those that are active, have triggered, are paused or have expired, and the history of triggers.

mod filter;
mod history;
mod rows;
mod selection;

use super::shell::Shell;
use crate::components::controls::notice::{FailureNotice, Notice, TableSkeleton};
use crate::state::alerts::AlertsState;
use crate::state::undo_stack::Direction;
use crate::state::{State, state};
use crate::texts::{alerts as t, auth};
use crate::view::reactive::{dynamic, memo, text};
use crate::view::{keyboard, title};
use filter::{Filter, View};
use history::HistoryRows;
use leptos::ev::keydown;
use leptos::prelude::*;
use rows::AlertRows;

/// The page at `/alerts`.
#[component]
pub(crate) fn AlertsPage() -> impl IntoView {
    title::set(&auth::window(&t::alerts()));
    view! { <Shell><AlertsView /></Shell> }
}

#[component]
fn AlertsView() -> impl IntoView {
    let state = state();
    state.alerts.load();
    state.alerts.ensure_history();
    let filter = Filter::new(state);
    follow_undo(state);
    // What there was before, and what is to come while the page is open.
    let is_empty = memo(move |_| {
        let has_none =
            state.alerts.state().with(|alerts| matches!(alerts, AlertsState::Ready(alerts) if alerts.is_empty()));
        has_none && state.alerts.history().with(|history| history.events.is_empty())
    });
    view! {
        <div class="alerts">
            <header class="alerts-head">
                <h1>{t::alerts()}</h1>
                <label class="alerts-filter">
                    <span>{t::filter()}</span>
                    <input
                        type="search"
                        autocomplete="off"
                        autocapitalize="characters"
                        spellcheck="false"
                        placeholder=t::filter_hint()
                        prop:value=text(move || filter.query())
                        on:input=move |event| filter.set_query(event_target_value(&event))
                    />
                </label>
            </header>
            <div class="alerts-views" role="group" aria-label=t::views()>
                {View::ALL.into_iter().map(|view| choice(filter, view)).collect_view()}
            </div>
            {dynamic(move || {
                if is_empty.get() {
                    return view! { <Notice title=t::none()><p>{t::none_about()}</p></Notice> }.into_any();
                }
                if filter.view() == View::History {
                    return view! { <HistoryRows filter /> }.into_any();
                }
                match state.alerts.state().get() {
                    AlertsState::Loading => view! { <TableSkeleton /> }.into_any(),
                    AlertsState::Failed(failure) => {
                        view! { <FailureNotice title=t::failed() failure on_retry=move |()| state.alerts.load() /> }.into_any()
                    }
                    AlertsState::Ready(_) => view! { <AlertRows filter /> }.into_any(),
                }
            })}
        </div>
    }
}

/// Ctrl+Z and Ctrl+Shift+Z, as on a list.
fn follow_undo(state: State) {
    let listener = window_event_listener(keydown, move |event| {
        let chord = (event.ctrl_key() || event.meta_key()) && !event.alt_key() && event.key().eq_ignore_ascii_case("z");
        if chord && !keyboard::is_typing() && !keyboard::is_dialog_open() {
            event.prevent_default();
            state.undo_or_redo(if event.shift_key() { Direction::Redo } else { Direction::Undo });
        }
    });
    on_cleanup(move || listener.remove());
}

fn choice(filter: Filter, view: View) -> AnyView {
    view! {
        <button
            type="button"
            aria-pressed=text(move || (filter.view() == view).to_string())
            on:click=move |_| filter.show(view)
        >
            {text(move || filter.label(view))}
        </button>
    }
    .into_any()
}
