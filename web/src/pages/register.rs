//! Signing up.

use crate::components::account::auth_frame::AuthFrame;
use crate::components::account::guest_entry::GuestEntry;
use crate::components::account::new_identity::{Identity, IdentityFields, NewIdentity};
use crate::components::account::registration::UnlessClosed;
use crate::components::controls::form::{Form, Submission};
use crate::route;
use crate::state::state;
use crate::texts::auth;
use crate::view::title;
use leptos::ev::hashchange;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use watchtape_shared::account::{Register, Transport};

/// The page at `/register`.
#[component]
pub(crate) fn RegisterPage() -> impl IntoView {
    title::set(&auth::window(&auth::create_an_account()));
    let state = state();
    let identity = NewIdentity::new(take_invitation());
    // A link that is opened in the tab of this page changes the hash alone.
    let linked = window_event_listener(hashchange, move |_| {
        if let Some(invitation) = take_invitation() {
            identity.set_invitation(invitation);
        }
    });
    on_cleanup(move || linked.remove());
    let submission = Submission::new();

    let submit = move |()| {
        let Some(Identity { email, password, display_name, invitation }) = identity.read() else { return };
        submission.begin(async move {
            let body = Register { email, password, display_name, invitation, transport: Transport::Cookie };
            match state.api.register(&body).await {
                Ok(signed_in) => {
                    state.session.accept(signed_in);
                    Ok(())
                }
                Err(why) => identity.note(why),
            }
        });
    };
    view! {
        <AuthFrame title=auth::create_an_account()>
            <UnlessClosed registration=identity.registration()>
                <Form submission action=(auth::create_account(), auth::creating()) class="button primary wide" on_submit=submit>
                    <IdentityFields identity />
                </Form>
            </UnlessClosed>
            <GuestEntry registration=identity.registration() />
            <p class="other-way">
                {auth::have_account()} " "
                <a href=move || route::with_next(route::LOGIN, &state.location.next())>{auth::sign_in()}</a>
            </p>
        </AuthFrame>
    }
}

/// Takes an invitation from the address's hash and removes it from the address bar and the history at once.
fn take_invitation() -> Option<String> {
    let hash = location().hash().ok()?;
    let token = hash.strip_prefix('#').filter(|token| !token.is_empty())?;
    let here = Some(route::REGISTER);
    let _ = window().history().and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", here));
    Some(token.to_owned())
}
