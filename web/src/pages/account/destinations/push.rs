//! Push messages for this browser. The permission is asked on the click that needs it, and nowhere else.

use super::super::panel::Panel;
use super::Destinations;
use crate::components::controls::form::{FormFailure, Submission};
use crate::i18n::device;
use crate::texts::destinations as t;
use crate::view::push::{self, PushError};
use crate::view::reactive::{flag, text};
use leptos::prelude::*;
use watchtape_shared::destination::{NewDestination, PushKeys};
use watchtape_shared::text::DestinationName;

/// The button, or why there is none.
#[component]
pub(super) fn AddBrowser(list: Destinations) -> impl IntoView {
    let submission = Submission::new();
    let refusal = RwSignal::new(None::<PushError>);
    let is_supported = push::is_supported();
    if !is_supported {
        refusal.set(Some(PushError::Unsupported));
    }
    let click = move |_| {
        refusal.set(None);
        submission.begin(async move {
            // First of all: a browser that has gone on from the click asks nobody any more.
            let subscribed = match push::ask_permission().await {
                Ok(()) => push::subscribe(&list.state.api.get_push_key().await?.public_key).await,
                Err(error) => Err(error),
            };
            match subscribed {
                Ok(push::Subscription { endpoint, p256dh, auth }) => {
                    let new = NewDestination::WebPush { name: name(), endpoint, keys: PushKeys { p256dh, auth } };
                    list.add(list.state.api.create_destination(&new).await?);
                }
                Err(error) => drop(refusal.try_set(Some(error))),
            }
            Ok(())
        });
    };
    view! {
        <Panel title=t::this_browser() about=t::this_browser_about()>
            <p role="status" hidden=flag(move || refusal.get().is_none())>
                {text(move || refusal.get().map_or("", said))}
            </p>
            <FormFailure failure=submission.failure() />
            <button
                class="button primary"
                type="button"
                hidden=!is_supported
                aria-disabled=text(move || submission.is_busy().to_string())
                on:click=click
            >
                {text(move || if submission.is_busy() { t::enabling_push() } else { t::enable_push() })}
            </button>
        </Panel>
    }
}

fn said(error: PushError) -> &'static str {
    match error {
        PushError::Unsupported => t::push_unsupported(),
        PushError::Denied => t::push_denied(),
        PushError::Failed => t::push_failed(),
    }
}

/// What the browser is called among the devices: `Firefox on Linux`.
fn name() -> Option<DestinationName> {
    let agent = window().navigator().user_agent().ok();
    DestinationName::parse(&device::name(agent.as_deref())).ok()
}
