//! Confirming a mailbox for alerts, by the token of a mailed link. Nobody needs to be signed in: the link may be opened on
//! another device.

use crate::api::Failure;
use crate::components::account::auth_frame::AuthFrame;
use crate::components::controls::form::{Form, Submission};
use crate::route;
use crate::state::state;
use crate::texts::{auth, destinations as t};
use crate::view::reactive::dynamic;
use crate::view::title;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

/// The page at `/confirm-destination#token=…`.
#[component]
pub(crate) fn ConfirmDestinationPage() -> impl IntoView {
    title::set(&auth::window(&t::confirm_title()));
    let token = take_token();
    view! {
        <AuthFrame title=t::confirm_title() for_everybody=true>
            {match token.clone() {
                Some(token) => view! { <Confirm token /> }.into_any(),
                None => view! { <p role="alert">{t::confirm_no_token()}</p> }.into_any(),
            }}
            <p class="other-way">
                <a href=route::HOME>{t::to_app()}</a>
            </p>
        </AuthFrame>
    }
}

/// A button: mail programs that open links to look at them confirm nothing.
#[component]
fn Confirm(token: String) -> impl IntoView {
    let state = state();
    let is_done = RwSignal::new(false);
    let submission = Submission::new();
    let submit = move |()| {
        let token = token.clone();
        submission.begin(async move {
            let outcome: Result<(), Failure> = state.api.confirm_destination(&token).await;
            outcome?;
            is_done.try_set(true);
            Ok(())
        });
    };
    let submit = Callback::new(submit);
    dynamic(move || match is_done.get() {
        true => view! { <p class="note" role="status">{t::confirmed()}</p> }.into_any(),
        false => view! {
            <Form submission action=(t::confirm(), t::confirming()) class="button primary wide" on_submit=submit>
                <p>{t::confirm_about()}</p>
            </Form>
        }
        .into_any(),
    })
}

/// Takes the token from the address's hash and removes it from the address bar and the history at once.
fn take_token() -> Option<String> {
    let hash = location().hash().ok()?;
    let token = hash.strip_prefix("#token=").filter(|token| !token.is_empty())?;
    let here = Some(route::CONFIRM_DESTINATION);
    let _ = window().history().and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", here));
    Some(token.to_owned())
}
