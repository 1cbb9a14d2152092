//! What triggered, the newest first. Who looks at it has seen it.

use super::filter::Filter;
use crate::components::controls::notice::{FailureNotice, TableSkeleton};
use crate::format::money;
use crate::i18n::alert::{duration, happening};
use crate::i18n::{date_time, market};
use crate::route;
use crate::state::state;
use crate::texts::alerts as t;
use crate::view::keyed::{Keyed, make, names};
use crate::view::reactive::{dynamic, effect, flag, memo, text};
use leptos::prelude::*;
use watchtape_shared::alert::AlertEvent;
use watchtape_shared::quote::Mode;

/// The history.
#[component]
pub(super) fn HistoryRows(filter: Filter) -> impl IntoView {
    let state = state();
    let history = state.alerts.history();
    effect(move || {
        state.alerts.unread();
        if !document().hidden() {
            untrack(|| state.alerts.mark_seen());
        }
    });
    // Whoever comes back to the tab sees it then.
    let shown = window_event_listener(leptos::ev::visibilitychange, move |_| {
        if !document().hidden() {
            state.alerts.mark_seen();
        }
    });
    on_cleanup(move || shown.remove());
    let events = memo(move |_| filter.events());
    let keys = move || events.with(|events| events.iter().map(|event| event.id.to_string()).collect());
    let row = move |key: String| {
        let event = events.with_untracked(|events| events.iter().find(|event| event.id.as_str() == key).cloned());
        event.map(|event| one(&event, filter.is_new(&event))).into_any()
    };
    let is_waiting = memo(move |_| history.with(|history| !history.is_read && history.failure.is_none()));
    view! {
        {dynamic(move || match history.with(|history| history.failure.clone()) {
            Some(failure) => view! {
                <FailureNotice title=t::history_failed() failure on_retry=move |()| state.alerts.ensure_history() />
            }
                .into_any(),
            None if is_waiting.get() => view! { <TableSkeleton /> }.into_any(),
            None if events.with(Vec::is_empty) => {
                view! { <p class="alerts-card alerts-nothing" role="status">{text(move || filter.nothing())}</p> }.into_any()
            }
            None => ().into_any(),
        })}
        <ul class="alerts-card alerts-rows" aria-label=t::view_history() hidden=flag(move || events.with(Vec::is_empty))>
            <Keyed names=names(keys) make=make(row) />
        </ul>
        <button
            class="button alerts-more"
            type="button"
            hidden=flag(move || history.with(|history| history.next_cursor.is_none()))
            aria-disabled=text(move || history.with(|history| history.is_reading.to_string()))
            on:click=move |_| {
                if history.with_untracked(|history| !history.is_reading) {
                    state.alerts.load_more_history();
                }
            }
        >
            {t::more()}
        </button>
    }
}

fn one(event: &AlertEvent, is_new: bool) -> AnyView {
    let mut parts = vec![date_time::date_and_seconds(event.as_of)];
    parts.extend(event.price.map(money::price));
    if matches!(event.mode, Mode::Simulated | Mode::Replay) {
        parts.push(market::mode_of_price(event.mode).to_owned());
    }
    parts.extend(event.late_s.map(|late_s| t::late(&duration(late_s))));
    let note = event.note.as_ref().map(ToString::to_string);
    view! {
        <li class="alerts-row" data-event=event.id.to_string()>
            <div class="alerts-text">
                <p class="alerts-what">
                    <a href=route::security(event.symbol) dir="auto">{happening(event)}</a>
                    {is_new.then(|| view! { <span class="alerts-new">{t::new()}</span> })}
                </p>
                <p class="alerts-details">{parts.join(" · ")}</p>
                {note.map(|note| view! { <p class="alerts-note" dir="auto">{note}</p> })}
            </div>
        </li>
    }
    .into_any()
}
