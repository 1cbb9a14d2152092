//! The devices that are signed in.

use super::panel::Panel;
use super::rows::{Row, RowList, Rows};
use crate::components::controls::form::{FormFailure, Submission};
use crate::components::controls::icon;
use crate::i18n::{date_time, device};
use crate::state::account::session::LogoutReason;
use crate::state::state;
use crate::texts::account;
use crate::view::reactive::text;
use leptos::prelude::*;
use leptos::task::spawn_local;
use watchtape_shared::account::Device;

/// Every device that is signed in, and signing it out.
#[component]
pub(super) fn Devices() -> impl IntoView {
    let state = state();
    let list =
        RowList::load(move || Box::pin(async move { Ok(state.api.list_sessions().await?.iter().map(row).collect()) }));
    let sign_out = move |row: Row| {
        spawn_local(async move {
            match state.api.revoke_session(&row.id).await {
                Ok(()) => {
                    list.remove(&row.id);
                    state.toasts.show(account::device_signed_out(&row.title));
                }
                Err(why) => state.toasts.fail(&account::device_still_in(&row.title), &why),
            }
        });
    };
    let submission = Submission::new();
    let everywhere = move |_| {
        submission.begin(async move {
            state.api.log_out_everywhere().await?;
            state.session.end(LogoutReason::SignedOut);
            Ok(())
        });
    };
    view! {
        <Panel title=account::devices() about=account::devices_about()>
            <Rows list label=account::devices() empty=account::devices_empty() on_act=sign_out />
            <FormFailure failure=submission.failure() />
            <button
                class="button"
                type="button"
                aria-disabled=text(move || submission.is_busy().to_string())
                on:click=everywhere
            >
                {account::sign_out_everywhere()}
            </button>
            <p class="matter-note">{account::everywhere_about()}</p>
        </Panel>
    }
}

fn row(device: &Device) -> Row {
    let said = device.user_agent.as_deref();
    let title = device::name(said);
    let seen = account::last_used(&date_time::date_and_time(device.last_seen_at));
    let action = (!device.is_current).then(|| (account::sign_out(), account::sign_out_device(&title)));
    Row {
        id: device.id.to_string(),
        icon: if said.is_some_and(device::is_handheld) { icon::PHONE } else { icon::DESKTOP },
        mark: device.is_current.then(account::this_device),
        is_suspicious: false,
        details: joined(&[device.address.as_deref().unwrap_or_default(), &seen]),
        title,
        action,
    }
}

/// What is known, in one line.
pub(super) fn joined(parts: &[&str]) -> String {
    let known: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    known.join(" · ")
}
