//! The alerts of one state, each with a box to select it.

use super::filter::Filter;
use super::selection::SelectionActions;
use crate::components::controls::icon::{self, Icon};
use crate::i18n::alert::{condition, duration};
use crate::i18n::date_time;
use crate::route;
use crate::state::{State, state};
use crate::texts::alerts as t;
use crate::view::keyed::{Keyed, make, names};
use crate::view::reactive::{dynamic, flag, text};
use leptos::prelude::*;
use watchtape_shared::AlertId;
use watchtape_shared::alert::{Alert, AlertSession, Frequency, MIN_COOLDOWN_S};

/// The rows, and the actions for those that are selected.
#[component]
pub(super) fn AlertRows(filter: Filter) -> impl IntoView {
    let state = state();
    let shown = filter.shown();
    // A row is made anew where its alert has changed.
    let keys =
        move || shown.with(|shown| shown.iter().map(|alert| format!("{}@{}", alert.id, alert.version)).collect());
    let row = move |key: String| {
        let id = key.split('@').next().and_then(|id| AlertId::parse(id).ok());
        let alert = id.and_then(|id| shown.with_untracked(|shown| shown.iter().find(|alert| alert.id == id).cloned()));
        alert.map(|alert| one(state, filter, alert)).into_any()
    };
    let is_empty = move || shown.with(Vec::is_empty);
    let all = move || !is_empty() && filter.selected().len() == shown.with(Vec::len);
    view! {
        <SelectionActions filter />
        <div class="alerts-card">
            <label class="alerts-all" hidden=flag(is_empty)>
                <input
                    type="checkbox"
                    prop:checked=flag(all)
                    on:change=move |event| filter.select_all(event_target_checked(&event))
                />
                <span>{t::select_all()}</span>
            </label>
            {dynamic(move || match is_empty() {
                true => view! { <p class="alerts-nothing" role="status">{text(move || filter.nothing())}</p> }.into_any(),
                false => ().into_any(),
            })}
            <ul class="alerts-rows" aria-label=t::alerts()>
                <Keyed names=names(keys) make=make(row) />
            </ul>
        </div>
    }
}

fn one(state: State, filter: Filter, alert: Alert) -> AnyView {
    let what = condition(alert.symbol, &alert.condition);
    let (id, held) = (alert.id.clone(), alert.id.clone());
    let note = alert.note.as_ref().map(ToString::to_string);
    let (details, key, page) = (details(&alert), alert.id.to_string(), route::security(alert.symbol));
    let (select, edit) = (t::select(&what), t::edit(&what));
    view! {
        <li class="alerts-row" data-alert=key>
            <label class="alerts-box">
                <span class="visually-hidden">{select}</span>
                <input
                    type="checkbox"
                    prop:checked=flag(move || filter.is_selected(&held))
                    on:change=move |_| filter.toggle(&id)
                />
            </label>
            <div class="alerts-text">
                <p class="alerts-what">
                    <a href=page dir="auto">{what}</a>
                </p>
                <p class="alerts-details">{details}</p>
                {note.map(|note| view! { <p class="alerts-note" dir="auto">{note}</p> })}
            </div>
            <button class="icon-button" type="button" aria-label=edit on:click=move |_| state.edit_alert(&alert)>
                <Icon path=icon::EDIT />
            </button>
        </li>
    }
    .into_any()
}

/// How often, which hours, until when, and when last.
fn details(alert: &Alert) -> String {
    let mut parts = vec![match alert.frequency {
        Frequency::Once => t::once().to_owned(),
        Frequency::OncePerSession => t::once_per_session().to_owned(),
        Frequency::EveryTime => t::every_time(&duration(alert.cooldown_s.unwrap_or(MIN_COOLDOWN_S))),
    }];
    if alert.session == AlertSession::Extended {
        parts.push(t::extended().to_owned());
    }
    if let Some(at) = alert.expires_at {
        parts.push(t::ends(&date_time::date_and_time(at)));
    }
    if let Some(at) = alert.last_triggered_at {
        parts.push(t::last(&date_time::date_and_time(at)));
    }
    if alert.trigger_count > 1 {
        parts.push(t::times(&alert.trigger_count));
    }
    parts.join(" · ")
}
