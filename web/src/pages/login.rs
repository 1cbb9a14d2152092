//! Signing in.

use crate::components::auth_frame::{AuthFrame, FormFailure};
use crate::components::field::Field;
use crate::route;
use crate::state::session::{Farewell, Standing};
use crate::state::state;
use crate::view::follow::{flag, text};
use crate::words::failure::capitalised;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use watchtape_shared::account::{Email, Login, Password, Transport};

/// Stands at `/login`.
#[component]
pub(crate) fn LoginPage() -> impl IntoView {
    document().set_title("Sign in – Watchtape");
    let state = state();
    let (email, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (email_error, password_error) = (RwSignal::new(None), RwSignal::new(None));
    let failure = RwSignal::new(None);
    let busy = RwSignal::new(false);

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let address = Email::parse(&email.get_untracked());
        // Its rules may have changed since it was chosen: only an empty one is not worth a request.
        let secret = Password::parse(&password.get_untracked());
        email_error.set(address.as_ref().err().map(|invalid| capitalised(invalid.0)));
        password_error.set(secret.as_ref().err().map(|invalid| capitalised(invalid.0)));
        let (Ok(email), Ok(password), false) = (address, secret, busy.get_untracked()) else { return };
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            let outcome = state.api.log_in(&Login { email, password, transport: Transport::Cookie }).await;
            busy.set(false);
            match outcome {
                Ok(signed_in) => state.session.accept(signed_in),
                Err(why) => failure.set(Some(why)),
            }
        });
    };
    let farewell = move || match state.session.standing().get() {
        Standing::Out(Some(Farewell::Expired)) => Some("Your session has ended. Sign in again to go on."),
        Standing::Out(Some(Farewell::PasswordSet)) => Some("Your new password is set. Sign in with it."),
        Standing::Out(Some(Farewell::SignedOut)) => Some("You are signed out."),
        _ => None,
    };
    view! {
        <AuthFrame title="Sign in">
            <p class="note" role="status" hidden=flag(move || farewell().is_none())>
                {text(move || farewell().unwrap_or_default())}
            </p>
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
                    autocomplete="current-password"
                    value=password
                    error=password_error
                />
                <FormFailure failure />
                <button class="button primary wide" type="submit" aria-disabled=text(move || busy.get().to_string())>
                    {text(move || if busy.get() { "Signing in…" } else { "Sign in" })}
                </button>
            </form>
            <p class="other-way">
                <a href=route::RESET>"Forgot your password?"</a>
            </p>
            <p class="other-way">
                "New here? " <a href=move || route::with_next(route::REGISTER, &state.place.next())>"Create an account"</a>
            </p>
        </AuthFrame>
    }
}
