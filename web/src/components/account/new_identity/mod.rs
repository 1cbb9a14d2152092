//! The fields of a new account: e-mail address, password, optional name, and the invitation where the server asks for one.
//! Used to sign up, and when a guest keeps the account.

use super::new_password::NewPassword;
use super::registration::Registration;
use crate::api::Failure;
use crate::components::controls::field::{Field, FieldValue};
use crate::texts::auth;
use crate::view::reactive::{dynamic, memo};
use leptos::prelude::*;
use watchtape_shared::account::{Email, Password};
use watchtape_shared::text::DisplayName;

/// The values of the fields.
#[derive(Clone, Copy)]
pub(crate) struct NewIdentity {
    email: FieldValue,
    password: FieldValue,
    name: FieldValue,
    invitation: FieldValue,
    registration: Registration,
}

/// The valid values of the fields.
pub(crate) struct Identity {
    pub(crate) email: Email,
    pub(crate) password: Password,
    pub(crate) display_name: Option<DisplayName>,
    pub(crate) invitation: Option<String>,
}

impl NewIdentity {
    /// Empty but for the invitation of a link.
    pub(crate) fn new(invitation: Option<String>) -> Self {
        Self {
            email: FieldValue::new(),
            password: FieldValue::new(),
            name: FieldValue::new(),
            invitation: FieldValue::with(invitation.unwrap_or_default()),
            registration: Registration::ask(),
        }
    }

    /// Fills in the invitation of a link.
    pub(crate) fn set_invitation(self, invitation: String) {
        self.invitation.value.try_set(invitation);
    }

    pub(crate) fn registration(self) -> Registration {
        self.registration
    }

    /// The valid values, or `None`; each invalid field shows its error.
    pub(crate) fn read(self) -> Option<Identity> {
        let (email, password, name) = (self.email.email(), self.password.password(), self.name.optional_name());
        // The whole link does as well as what it has after its `#`.
        let typed = self.invitation.text();
        let invitation = typed.trim().rsplit('#').next().filter(|token| !token.is_empty()).map(str::to_owned);
        Some(Identity { email: email?, password: password?, display_name: name?, invitation })
    }

    /// Shows the server's errors at their fields; returns a failure that belongs to none.
    pub(crate) fn note(self, failure: Failure) -> Result<(), Failure> {
        let noted = [
            self.email.note(&failure, "/email"),
            self.password.note(&failure, "/password"),
            self.name.note(&failure, "/display_name"),
            self.invitation.note(&failure, "/invitation"),
        ];
        if noted.contains(&true) { Ok(()) } else { Err(failure) }
    }
}

/// The fields.
#[component]
pub(crate) fn IdentityFields(identity: NewIdentity) -> impl IntoView {
    let NewIdentity { email, password, name, invitation, registration } = identity;
    let needs_invitation = memo(move |_| registration.needs_invitation());
    view! {
        {dynamic(move || {
            if !needs_invitation.get() {
                return ().into_any();
            }
            view! {
                <Field
                    label=auth::invitation()
                    name="invitation"
                    kind="text"
                    autocomplete="off"
                    hint=auth::invitation_hint()
                    value=invitation.value
                    error=invitation.error
                />
            }
            .into_any()
        })}
        <Field
            label=auth::email()
            name="email"
            kind="email"
            autocomplete="username"
            value=email.value
            error=email.error
        />
        <NewPassword label=auth::password() name="password" typed=password />
        <Field
            label=auth::optional_name()
            name="display_name"
            kind="text"
            autocomplete="name"
            value=name.value
            error=name.error
        />
    }
}
