//! A new password for whoever has forgotten the old one: with a link's token the field to set it, without one the field
//! to ask for a link.

use crate::api::Failure;
use crate::components::auth_frame::{AuthFrame, FormFailure};
use crate::components::field::Field;
use crate::route;
use crate::state::session::Farewell;
use crate::state::state;
use crate::view::follow::{flag, text};
use crate::words::failure::{capitalised, of_field};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use watchtape_shared::account::{Email, Password, PasswordReset, ResetRequest};

/// Stands at `/reset`.
#[component]
pub(crate) fn ResetPage() -> impl IntoView {
    document().set_title("Set a new password – Watchtape");
    let state = state();
    let token = take_token();
    let has_token = token.is_some();
    let (value, error) = (RwSignal::new(String::new()), RwSignal::new(None));
    let failure = RwSignal::new(None::<Failure>);
    let (busy, asked) = (RwSignal::new(false), RwSignal::new(false));

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let typed = value.get_untracked();
        let request = match token.clone() {
            Some(token) => {
                Password::parse(&typed).map(|new_password| Request::Set(PasswordReset { token, new_password }))
            }
            None => Email::parse(&typed).map(|email| Request::Ask(ResetRequest { email })),
        };
        error.set(request.as_ref().err().map(|invalid| capitalised(invalid.0)));
        let (Ok(request), false) = (request, busy.get_untracked()) else { return };
        busy.set(true);
        failure.set(None);
        asked.set(false);
        spawn_local(async move {
            let outcome = match &request {
                Request::Set(body) => state.api.reset_password(body).await,
                Request::Ask(body) => state.api.ask_for_link(body).await,
            };
            busy.set(false);
            match (outcome, request) {
                (Ok(()), Request::Set(_)) => {
                    state.session.end(Farewell::PasswordSet);
                    state.place.go(route::LOGIN);
                }
                (Ok(()), Request::Ask(_)) => asked.set(true),
                (Err(why), _) => {
                    error.set(of_field(&why, "/new_password"));
                    failure.set(Some(why));
                }
            }
        });
    };
    let (label, name, kind, autocomplete) = match has_token {
        true => ("New password", "password", "password", "new-password"),
        false => ("E-mail address", "email", "email", "username"),
    };
    view! {
        <AuthFrame title="Set a new password" for_everybody=has_token>
            <p class="note" role="status" hidden=flag(move || !asked.get())>
                {text(move || if asked.get() { "If it has an account, a link is on its way. It is good for an hour." } else { "" })}
            </p>
            <form novalidate on:submit=submit.clone()>
                <Field label name kind autocomplete value error />
                <FormFailure failure />
                <button class="button primary wide" type="submit" aria-disabled=text(move || busy.get().to_string())>
                    {if has_token { "Set password" } else { "Send a link" }}
                </button>
            </form>
            <p class="other-way">
                <a href=route::LOGIN>"Sign in"</a>
            </p>
        </AuthFrame>
    }
}

enum Request {
    Set(PasswordReset),
    Ask(ResetRequest),
}

/// What the address has after its `#`. It leaves the address bar at once: whoever looks at the screen, or at the history,
/// does not see it.
fn take_token() -> Option<String> {
    let hash = location().hash().ok()?;
    let token = hash.strip_prefix('#').filter(|token| !token.is_empty())?;
    let _ =
        window().history().and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(route::RESET)));
    Some(token.to_owned())
}
