//! Opening an account.

use crate::components::auth_frame::{AuthFrame, FormFailure};
use crate::components::field::Field;
use crate::route;
use crate::state::state;
use crate::view::follow::text;
use crate::words::failure::{capitalised, of_field};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use watchtape_shared::account::{Email, Password, Register, Transport};
use watchtape_shared::text::DisplayName;

/// Stands at `/register`.
#[component]
pub(crate) fn RegisterPage() -> impl IntoView {
    document().set_title("Create an account – Watchtape");
    let state = state();
    let (email, password, name) =
        (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (email_error, password_error, name_error) = (RwSignal::new(None), RwSignal::new(None), RwSignal::new(None));
    let failure = RwSignal::new(None);
    let busy = RwSignal::new(false);

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let address = Email::parse(&email.get_untracked());
        let secret = Password::parse(&password.get_untracked());
        let typed = name.get_untracked();
        let called = (!typed.trim().is_empty()).then(|| DisplayName::parse(&typed)).transpose();
        email_error.set(address.as_ref().err().map(|invalid| capitalised(invalid.0)));
        password_error.set(secret.as_ref().err().map(|invalid| capitalised(invalid.0)));
        name_error.set(called.as_ref().err().map(|invalid| capitalised(invalid.0)));
        let (Ok(email), Ok(password), Ok(display_name)) = (address, secret, called) else { return };
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            let body = Register { email, password, display_name, transport: Transport::Cookie };
            let outcome = state.api.register(&body).await;
            busy.set(false);
            match outcome {
                Ok(signed_in) => state.session.accept(signed_in),
                Err(why) => {
                    email_error.set(of_field(&why, "/email"));
                    password_error.set(of_field(&why, "/password"));
                    name_error.set(of_field(&why, "/display_name"));
                    failure.set(Some(why));
                }
            }
        });
    };
    view! {
        <AuthFrame title="Create an account">
            <form novalidate on:submit=submit>
                <Field
                    label="E-mail address"
                    name="email"
                    kind="email"
                    autocomplete="username"
                    value=email
                    error=email_error
                />
                <Field
                    label="Password"
                    name="password"
                    kind="password"
                    autocomplete="new-password"
                    hint="At least 8 characters. A few unrelated words are easy to remember and hard to guess."
                    value=password
                    error=password_error
                />
                <Field
                    label="Your name (optional)"
                    name="display_name"
                    kind="text"
                    autocomplete="name"
                    value=name
                    error=name_error
                />
                <FormFailure failure />
                <button class="button primary wide" type="submit" aria-disabled=text(move || busy.get().to_string())>
                    {text(move || if busy.get() { "Creating your account…" } else { "Create account" })}
                </button>
            </form>
            <p class="other-way">
                "Already have an account? " <a href=move || route::with_next(route::LOGIN, &state.place.next())>"Sign in"</a>
            </p>
        </AuthFrame>
    }
}
