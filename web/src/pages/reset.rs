//! Setting a new password: with a link's token the field for it, without one the field to request a link.

use crate::components::account::auth_frame::AuthFrame;
use crate::components::account::new_password::NewPassword;
use crate::components::controls::field::{Field, FieldValue};
use crate::components::controls::form::{Form, Submission};
use crate::route;
use crate::state::account::session::LogoutReason;
use crate::state::state;
use crate::texts::auth;
use crate::view::reactive::{flag, text};
use crate::view::title;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use watchtape_shared::account::{PasswordReset, ResetRequest};

/// The page at `/reset`.
#[component]
pub(crate) fn ResetPage() -> impl IntoView {
    title::set(&auth::window(&auth::set_new_password()));
    let token = take_token();
    view! {
        <AuthFrame title=auth::set_new_password() for_everybody=token.is_some()>
            {match token.clone() {
                Some(token) => view! { <SetPassword token /> }.into_any(),
                None => view! { <AskForLink /> }.into_any(),
            }}
            <p class="other-way">
                <a href=route::LOGIN>{auth::sign_in()}</a>
            </p>
        </AuthFrame>
    }
}

#[component]
fn SetPassword(token: String) -> impl IntoView {
    let state = state();
    let password = FieldValue::new();
    let submission = Submission::new();
    let submit = move |()| {
        let Some(new_password) = password.password() else { return };
        let body = PasswordReset { token: token.clone(), new_password };
        submission.begin(async move {
            match state.api.reset_password(&body).await {
                Ok(()) => {
                    state.session.end(LogoutReason::PasswordSet);
                    state.location.go(route::LOGIN);
                }
                Err(why) if password.note(&why, "/new_password") => {}
                Err(why) => return Err(why),
            }
            Ok(())
        });
    };
    view! {
        <Form submission action=(auth::set_password(), auth::setting_password()) class="button primary wide" on_submit=submit>
            <NewPassword label=auth::new_password() name="password" typed=password />
        </Form>
    }
}

#[component]
fn AskForLink() -> impl IntoView {
    let state = state();
    let email = FieldValue::new();
    let asked = RwSignal::new(false);
    let submission = Submission::new();
    let submit = move |()| {
        asked.set(false);
        let Some(address) = email.email() else { return };
        submission.begin(async move {
            state.api.request_password_reset(&ResetRequest { email: address }).await?;
            asked.try_set(true);
            Ok(())
        });
    };
    view! {
        <p class="note" role="status" hidden=flag(move || !asked.get())>
            {text(move || if asked.get() { auth::link_sent() } else { "" })}
        </p>
        <Form submission action=(auth::send_link(), auth::sending_link()) class="button primary wide" on_submit=submit>
            <Field
                label=auth::email()
                name="email"
                kind="email"
                autocomplete="username"
                hint=auth::link_hint()
                value=email.value
                error=email.error
            />
        </Form>
    }
}

/// Takes the token from the address's hash and removes it from the address bar and the history at once.
fn take_token() -> Option<String> {
    let hash = location().hash().ok()?;
    let token = hash.strip_prefix('#').filter(|token| !token.is_empty())?;
    let _ =
        window().history().and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(route::RESET)));
    Some(token.to_owned())
}
