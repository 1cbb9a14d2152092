//! What few alerts need: how often, which hours, until when, a note, and where else a trigger is sent.

use super::draft::Draft;
use super::fields::labelled;
use crate::components::controls::choice::{ChoiceOption, Choices, SegmentedControl};
use crate::components::controls::field::FieldValue;
use crate::route;
use crate::state::state;
use crate::texts::alert_form as t;
use crate::view::reactive::{dynamic, flag, text};
use leptos::prelude::*;
use leptos::task::spawn_local;
use watchtape_shared::DestinationId;
use watchtape_shared::alert::{AlertSession, Frequency};
use watchtape_shared::destination::Destination;

/// The part that is folded at first, unless the alert has something in it.
#[component]
pub(super) fn More(draft: Draft) -> impl IntoView {
    let frequency = choices(
        "alert-frequency",
        t::frequency(),
        draft.frequency,
        vec![
            pick(Frequency::Once.as_str(), t::once()),
            pick(Frequency::OncePerSession.as_str(), t::once_per_session()),
            pick(Frequency::EveryTime.as_str(), t::every_time()),
        ],
    );
    let session = choices(
        "alert-session",
        t::session(),
        draft.session,
        vec![pick(AlertSession::Regular.as_str(), t::regular()), pick(AlertSession::Extended.as_str(), t::extended())],
    );
    let repeats = move || draft.frequency() != Frequency::Once;
    let is_every_time = move || draft.frequency() == Frequency::EveryTime;
    view! {
        <details class="alert-form-more">
            <summary>{t::more()}</summary>
            <SegmentedControl picks=frequency />
            <div hidden=flag(move || !is_every_time())>
                {typed("alert-cooldown", t::cooldown(), "numeric", draft.cooldown)}
            </div>
            <div hidden=flag(move || !repeats())>
                {typed("alert-rearm", t::rearm(), "decimal", draft.rearm)}
                <p class="hint">{t::rearm_hint()}</p>
            </div>
            <SegmentedControl picks=session />
            {labelled("alert-expiry", t::expiry(), draft.expiry.error, move |described_by| {
                let value = draft.expiry;
                view! {
                    <input
                        id="alert-expiry"
                        type="datetime-local"
                        aria-invalid=text(move || value.error.with(Option::is_some).to_string())
                        aria-describedby=described_by
                        prop:value=value.text()
                        on:input=move |event| {
                            value.value.set(event_target_value(&event));
                            value.error.set(None);
                        }
                    />
                }
                    .into_any()
            })}
            <p class="hint alert-form-hint">{t::expiry_never()}</p>
            {typed("alert-note", t::note(), "text", draft.note)}
            <Destinations chosen=draft.destinations />
        </details>
    }
}

fn pick(name: &'static str, label: &'static str) -> ChoiceOption {
    ChoiceOption { name, label, sample: None }
}

fn choices(
    group: &'static str,
    label: &'static str,
    chosen: RwSignal<&'static str>,
    all: Vec<ChoiceOption>,
) -> Choices {
    Choices { group, label, all, chosen: chosen.into(), choose: Callback::new(move |name| chosen.set(name)) }
}

fn typed(id: &'static str, label: &'static str, mode: &'static str, value: FieldValue) -> AnyView {
    labelled(id, label, value.error, move |described_by| {
        view! {
            <input
                id=id
                type="text"
                dir="auto"
                inputmode=mode
                autocomplete="off"
                aria-invalid=text(move || value.error.with(Option::is_some).to_string())
                aria-describedby=described_by
                prop:value=text(move || value.value.get())
                on:input=move |event| {
                    value.value.set(event_target_value(&event));
                    value.error.set(None);
                }
            />
        }
        .into_any()
    })
}

/// The account's destinations, to be ticked.
#[component]
fn Destinations(chosen: RwSignal<Vec<DestinationId>>) -> impl IntoView {
    let state = state();
    let known = RwSignal::new(None::<Option<Vec<Destination>>>);
    spawn_local(async move {
        let answer = state.api.list_destinations().await.ok();
        // The form may have been closed.
        known.try_set(Some(answer));
    });
    let row = move |destination: Destination| {
        let id = destination.id;
        let held = id.clone();
        let toggle = move |_| {
            chosen.update(|chosen| {
                let count = chosen.len();
                chosen.retain(|one| *one != id);
                if chosen.len() == count {
                    chosen.push(id.clone());
                }
            });
        };
        view! {
            <label class="alert-form-destination">
                <input
                    type="checkbox"
                    prop:checked=flag(move || chosen.with(|chosen| chosen.contains(&held)))
                    on:change=toggle
                />
                <span dir="auto">{destination.name.to_string()}</span>
            </label>
        }
        .into_any()
    };
    view! {
        <fieldset class="alert-form-destinations">
            <legend>{t::destinations()}</legend>
            <p class="hint">{t::destinations_hint()}</p>
            {dynamic(move || match known.get() {
                None => ().into_any(),
                Some(None) => view! { <p role="alert">{t::destinations_failed()}</p> }.into_any(),
                Some(Some(all)) if all.is_empty() => view! { <p>{t::no_destinations()}</p> }.into_any(),
                Some(Some(all)) => all.into_iter().map(row).collect_view().into_any(),
            })}
            <a href=[route::ACCOUNT, "#destinations"].concat() on:click=move |_| state.dialogs.close()>
                {t::manage_destinations()}
            </a>
        </fieldset>
    }
}
