//! The alerts of the security, each with what can be done with it.

use crate::components::controls::icon::{self, Icon};
use crate::i18n::alert::condition;
use crate::state::State;
use crate::state::alerts::edits::AlertChange;
use crate::state::state;
use crate::state::undo_stack::Direction;
use crate::texts::alert_form as t;
use crate::view::focus;
use crate::view::reactive::dynamic;
use leptos::prelude::*;
use watchtape_shared::Symbol;
use watchtape_shared::alert::{Alert, AlertState};

/// The list, if there is any.
#[component]
pub(super) fn Existing(symbol: Symbol) -> impl IntoView {
    let state = state();
    dynamic(move || {
        let alerts = state.alerts.of(symbol);
        if alerts.is_empty() {
            return ().into_any();
        }
        let rows = alerts.into_iter().map(|alert| row(state, alert));
        view! {
            <section class="alert-form-existing" aria-labelledby="alert-existing">
                <h3 id="alert-existing">{t::existing()}</h3>
                <ul>{rows.collect_view()}</ul>
            </section>
        }
        .into_any()
    })
}

fn row(state: State, alert: Alert) -> AnyView {
    let what = condition(alert.symbol, &alert.condition);
    let id = alert.id.clone();
    let pause = match alert.state {
        AlertState::Active => {
            let id = id.clone();
            button(icon::PAUSE, t::pause(), t::pause_this(&what), move || {
                state.alerts.start(AlertChange::Pause(vec![id.clone()]), Direction::Do);
            })
        }
        // An expired one needs more time first: that is edited.
        AlertState::Expired => ().into_any(),
        AlertState::Paused | AlertState::Triggered => {
            let id = id.clone();
            button(icon::PLAY, t::resume(), t::resume_this(&what), move || {
                state.alerts.start(AlertChange::Resume(vec![id.clone()]), Direction::Do);
            })
        }
    };
    let (state_name, state_key) = (name(alert.state), alert.state.as_str());
    let (edit, delete) = (t::edit_this(&what), t::delete_this(&what));
    view! {
        <li class="alert-form-row" data-state=state_key>
            <span class="alert-form-what" dir="auto">{what}</span>
            <span class="alert-form-state">{state_name}</span>
            {button(icon::EDIT, t::edit(), edit, move || state.edit_alert(&alert))}
            {pause}
            {button(icon::CLOSE, t::delete(), delete, move || {
                state.alerts.start(AlertChange::Delete(vec![id.clone()]), Direction::Do);
                // The row goes, and the focus with it.
                focus::in_dialog();
            })}
        </li>
    }
    .into_any()
}

/// What a state is called.
pub(crate) fn name(state: AlertState) -> &'static str {
    match state {
        AlertState::Active => t::active(),
        AlertState::Paused => t::paused(),
        AlertState::Triggered => t::triggered(),
        AlertState::Expired => t::expired(),
    }
}

fn button(path: &'static str, title: &'static str, label: String, act: impl Fn() + 'static) -> AnyView {
    let act: Box<dyn Fn()> = Box::new(act);
    view! {
        <button class="icon-button" type="button" aria-label=label title=title on:click=move |_| act()>
            <Icon path />
        </button>
    }
    .into_any()
}
