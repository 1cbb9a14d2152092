//! Starting as a guest, where the server accepts guests.

use super::registration::Registration;
use crate::components::controls::form::{FormFailure, Submission};
use crate::state::state;
use crate::texts::guest;
use crate::view::reactive::{dynamic, memo, text};
use leptos::prelude::*;

/// A button that signs in as a guest with a first list.
#[component]
pub(crate) fn GuestEntry(registration: Registration) -> impl IntoView {
    let state = state();
    // If the server does not answer, nothing is offered; the form shows the failure.
    let is_open = memo(move |_| registration.takes_guests());
    let submission = Submission::new();
    let enter = move |_| {
        submission.begin(async move {
            let signed_in = state.api.sign_in_as_guest().await?;
            state.session.accept(signed_in);
            Ok(())
        });
    };
    dynamic(move || {
        if !is_open.get() {
            return ().into_any();
        }
        view! {
            <section class="guest-entry" aria-label=guest::try_it()>
                <p class="or" aria-hidden="true">{guest::or()}</p>
                <FormFailure failure=submission.failure() />
                <button
                    class="button wide"
                    type="button"
                    aria-disabled=text(move || submission.is_busy().to_string())
                    on:click=enter
                >
                    {text(move || if submission.is_busy() { guest::entering() } else { guest::try_it() })}
                </button>
                <p class="hint">{guest::about()}</p>
            </section>
        }
        .into_any()
    })
}
