//! The fields of a new account: e-mail address, password, optional name. Used to sign up, and when a guest keeps the
//! account.

use super::new_password::NewPassword;
use crate::api::Failure;
use crate::components::controls::field::{Field, FieldValue};
use crate::texts::auth;
use leptos::prelude::*;
use watchtape_shared::account::{Email, Password};
use watchtape_shared::text::DisplayName;

/// The values of the fields.
#[derive(Clone, Copy)]
pub(crate) struct NewIdentity {
    email: FieldValue,
    password: FieldValue,
    name: FieldValue,
}

impl NewIdentity {
    pub(crate) fn new() -> Self {
        Self { email: FieldValue::new(), password: FieldValue::new(), name: FieldValue::new() }
    }

    /// The valid values, or `None`; each invalid field shows its error.
    pub(crate) fn read(self) -> Option<(Email, Password, Option<DisplayName>)> {
        let (email, password, name) = (self.email.email(), self.password.password(), self.name.optional_name());
        Some((email?, password?, name?))
    }

    /// Shows the server's errors at their fields; returns a failure that belongs to none.
    pub(crate) fn note(self, failure: Failure) -> Result<(), Failure> {
        let noted = [
            self.email.note(&failure, "/email"),
            self.password.note(&failure, "/password"),
            self.name.note(&failure, "/display_name"),
        ];
        if noted.contains(&true) { Ok(()) } else { Err(failure) }
    }
}

/// The fields.
#[component]
pub(crate) fn IdentityFields(identity: NewIdentity) -> impl IntoView {
    let NewIdentity { email, password, name } = identity;
    view! {
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
