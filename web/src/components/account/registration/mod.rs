//! Who may open an account on this server, and whether it takes guests, as the pages that open one need to know.

use crate::state::state;
use crate::texts::auth;
use crate::view::reactive::{dynamic, memo};
use leptos::prelude::*;
use leptos::task::spawn_local;
use watchtape_shared::account::{GuestAvailability, RegistrationPolicy};

/// What the server has answered. Until then registration is as if it were open, as the form shows a refusal anyway, and no guest is
/// invited.
#[derive(Clone, Copy)]
pub(crate) struct Registration(RwSignal<Option<GuestAvailability>>);

impl Registration {
    /// Asks the server.
    pub(crate) fn ask() -> Self {
        let (state, answer) = (state(), RwSignal::new(None));
        spawn_local(async move {
            answer.try_set(state.api.entry().await.ok());
        });
        Self(answer)
    }

    /// Whether an invitation is needed.
    pub(crate) fn needs_invitation(self) -> bool {
        self.is(RegistrationPolicy::Invite)
    }

    /// Whether there is room for a guest.
    pub(crate) fn takes_guests(self) -> bool {
        self.0.with(|answer| answer.as_ref().is_some_and(|answer| answer.available))
    }

    fn is_closed(self) -> bool {
        self.is(RegistrationPolicy::Closed)
    }

    fn is(self, policy: RegistrationPolicy) -> bool {
        self.0.with(|answer| answer.as_ref().is_some_and(|answer| answer.registration == policy))
    }
}

/// The form, or in its place that nobody may open an account.
#[component]
pub(crate) fn UnlessClosed(registration: Registration, children: ChildrenFn) -> impl IntoView {
    let is_closed = memo(move |_| registration.is_closed());
    dynamic(move || match is_closed.get() {
        true => view! { <p class="note" role="status">{auth::registration_closed()}</p> }.into_any(),
        false => children().into_any(),
    })
}
