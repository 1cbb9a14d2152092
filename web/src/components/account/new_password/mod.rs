//! A field for a new password with a strength meter.

mod strength;

use crate::components::controls::field::{Field, FieldValue};
use crate::texts::auth;
use crate::view::reactive::{attribute, memo, text};
use leptos::prelude::*;
use strength::Strength;

/// The field and its strength meter. The server decides.
#[component]
pub(crate) fn NewPassword(label: &'static str, name: &'static str, typed: FieldValue) -> impl IntoView {
    let strength = memo(move |_| typed.value.with(|value| Strength::of(value)));
    view! {
        <Field
            label
            name
            kind="password"
            autocomplete="new-password"
            hint=auth::password_hint()
            value=typed.value
            error=typed.error
        />
        <p class="new-password" data-strength=attribute(move || strength.get().map(Strength::class))>
            <span class="strength-scale" aria-hidden="true"></span>
            <span role="status">{text(move || strength.get().map_or("", Strength::label))}</span>
        </p>
    }
}
