//! One destination: its state, and what can be done with it.

use super::Destinations;
use super::deliveries::{Deliveries, why};
use crate::components::controls::icon::{self, Icon};
use crate::i18n::date_time;
use crate::texts::destinations as t;
use crate::view::reactive::{dynamic, flag, memo, text};
use leptos::prelude::*;
use leptos::task::spawn_local;
use watchtape_shared::DestinationId;
use watchtape_shared::destination::{
    DeliveryState, Destination, DestinationKind, DestinationPatch, DestinationState, WebhookFormat,
};

#[component]
pub(super) fn DestinationRow(list: Destinations, id: DestinationId) -> impl IntoView {
    let held = id.clone();
    let now = memo(move |_| list.find(&held));
    let Some(Destination { r#type, name, format, .. }) = untrack(|| now.get()) else { return ().into_any() };
    let name = name.to_string();
    let shows_deliveries = RwSignal::new(false);
    let is_busy = RwSignal::new(false);
    let state_of = move || now.with(|now| now.as_ref().map(|now| now.state));
    let is_idle = move || matches!(state_of(), Some(DestinationState::Paused | DestinationState::Disabled));

    let test = {
        let (id, name) = (id.clone(), name.clone());
        move || {
            if is_busy.get_untracked() {
                return;
            }
            is_busy.set(true);
            let (id, name) = (id.clone(), name.clone());
            spawn_local(async move {
                let outcome = list.state.api.test_destination(&id).await;
                is_busy.try_set(false);
                match outcome {
                    Ok(delivery) => list.state.toasts.show(match delivery.state {
                        DeliveryState::Delivered => t::test_delivered(&name, &delivery.took_ms.unwrap_or_default()),
                        DeliveryState::Failed => t::test_failed(&name, &why(&delivery)),
                        DeliveryState::Pending => t::test_pending(&name),
                    }),
                    Err(failure) => list.state.toasts.fail(&t::not_tested(&name), &failure),
                }
                list.load();
            });
        }
    };
    let pause = {
        let (id, name) = (id.clone(), name.clone());
        move || {
            let patch = DestinationPatch { paused: Some(!untrack(is_idle)), name: None };
            let (id, name) = (id.clone(), name.clone());
            spawn_local(async move {
                match list.state.api.update_destination(&id, &patch).await {
                    Ok(changed) => list.put(changed),
                    Err(failure) => list.state.toasts.fail(&t::not_changed(&name), &failure),
                }
            });
        }
    };
    let rotate = {
        let (id, name) = (id.clone(), name.clone());
        move || {
            let (id, name) = (id.clone(), name.clone());
            spawn_local(async move {
                match list.state.api.rotate_destination_secret(&id).await {
                    Ok(made) => list.take(made),
                    Err(failure) => list.state.toasts.fail(&t::not_changed(&name), &failure),
                }
            });
        }
    };
    let delete = {
        let (id, name) = (id.clone(), name.clone());
        move || {
            let (id, name) = (id.clone(), name.clone());
            spawn_local(async move {
                match list.state.api.delete_destination(&id).await {
                    Ok(()) => {
                        list.remove(&id);
                        list.state.toasts.show(t::deleted(&name));
                    }
                    Err(failure) => list.state.toasts.fail(&t::not_deleted(&name), &failure),
                }
            });
        }
    };
    let has_secret = r#type == DestinationKind::Webhook && format == Some(WebhookFormat::Standard);
    let label = {
        let name = name.clone();
        move || if is_idle() { t::resume_this(&name) } else { t::pause_this(&name) }
    };
    let icon = match r#type {
        DestinationKind::Webhook => icon::LINK,
        DestinationKind::Email => icon::MAIL,
        DestinationKind::WebPush => icon::BELL,
    };
    let deliveries_of = t::deliveries_of(&name);
    view! {
        <li class="entry destination" class:alarming=flag(move || state_of() == Some(DestinationState::Disabled))>
            <Icon path=icon />
            <div class="entry-text">
                <p class="entry-title">
                    <b dir="auto">{name.clone()}</b>
                    <span class="entry-mark" data-state=text(move || state_of().map_or("", DestinationState::as_str))>
                        {text(move || state_of().map_or("", said))}
                    </span>
                </p>
                <p class="entry-details">{text(move || now.with(|now| now.as_ref().map_or_else(String::new, details)))}</p>
                <div class="destination-actions">
                    <button
                        class="button"
                        type="button"
                        aria-label=t::test_of(&name)
                        hidden=flag(move || state_of() == Some(DestinationState::Unconfirmed))
                        aria-disabled=text(move || is_busy.get().to_string())
                        on:click=move |_| test()
                    >
                        {t::send_test()}
                    </button>
                    <button
                        class="button"
                        type="button"
                        aria-label=text(label)
                        hidden=flag(move || state_of() == Some(DestinationState::Unconfirmed))
                        on:click=move |_| pause()
                    >
                        {text(move || if is_idle() { t::resume() } else { t::pause() })}
                    </button>
                    <button
                        class="button"
                        type="button"
                        aria-label=deliveries_of
                        aria-expanded=text(move || shows_deliveries.get().to_string())
                        on:click=move |_| shows_deliveries.update(|shown| *shown = !*shown)
                    >
                        {t::deliveries()}
                    </button>
                    {has_secret.then(|| button(t::rotate(), t::rotate_of(&name), rotate))}
                    <DeleteButton name on_delete=move |()| delete() />
                </div>
                {dynamic(move || match shows_deliveries.get() {
                    true => view! { <Deliveries id=id.clone() /> }.into_any(),
                    false => ().into_any(),
                })}
            </div>
        </li>
    }
    .into_any()
}

fn button(word: &'static str, label: String, act: impl Fn() + 'static) -> AnyView {
    let act: Box<dyn Fn()> = Box::new(act);
    view! {
        <button class="button" type="button" aria-label=label on:click=move |_| act()>
            {word}
        </button>
    }
    .into_any()
}

/// Asks once more before it deletes: what was sent there cannot be had again.
#[component]
fn DeleteButton(name: String, #[prop(into)] on_delete: Callback<()>) -> impl IntoView {
    let is_armed = RwSignal::new(false);
    let label = t::delete_this(&name);
    let press = move |_| {
        if is_armed.get_untracked() {
            on_delete.run(());
        } else {
            is_armed.set(true);
        }
    };
    view! {
        <button
            class="button"
            class:danger=flag(move || is_armed.get())
            type="button"
            aria-label=text(move || if is_armed.get() { t::delete_sure().to_owned() } else { label.clone() })
            on:click=press
            on:blur=move |_| {
                is_armed.try_set(false);
            }
        >
            {text(move || if is_armed.get() { t::delete_sure() } else { t::delete() })}
        </button>
    }
}

fn said(state: DestinationState) -> &'static str {
    match state {
        DestinationState::Active => t::active(),
        DestinationState::Unconfirmed => t::unconfirmed(),
        DestinationState::Paused => t::paused(),
        DestinationState::Disabled => t::disabled(),
    }
}

fn details(one: &Destination) -> String {
    let mut parts = Vec::new();
    match one.r#type {
        DestinationKind::Webhook => parts.extend(one.url.clone()),
        DestinationKind::Email => parts.extend(one.address.as_ref().map(ToString::to_string)),
        // The URL of a subscription says nothing to a person.
        DestinationKind::WebPush => {}
    }
    parts.extend(one.reason.clone());
    parts.extend(one.failing_since.map(|at| t::failing(&date_time::date_and_time(at))));
    parts.push(
        one.last_delivered_at
            .map_or_else(|| t::never_delivered().into(), |at| t::last_delivered(&date_time::date_and_time(at))),
    );
    parts.join(" · ")
}
