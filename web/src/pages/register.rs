//! Signing up.

use crate::components::account::auth_frame::AuthFrame;
use crate::components::account::guest_entry::GuestEntry;
use crate::components::account::new_identity::{IdentityFields, NewIdentity};
use crate::components::controls::form::{Form, Submission};
use crate::route;
use crate::state::state;
use crate::texts::auth;
use leptos::prelude::*;
use watchtape_shared::account::{Register, Transport};

/// The page at `/register`.
#[component]
pub(crate) fn RegisterPage() -> impl IntoView {
    document().set_title(&auth::window(&auth::create_an_account()));
    let state = state();
    let identity = NewIdentity::new();
    let submission = Submission::new();

    let submit = move |()| {
        let Some((email, password, display_name)) = identity.read() else { return };
        submission.begin(async move {
            let body = Register { email, password, display_name, transport: Transport::Cookie };
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
            <Form submission action=(auth::create_account(), auth::creating()) class="button primary wide" on_submit=submit>
                <IdentityFields identity />
            </Form>
            <GuestEntry />
            <p class="other-way">
                {auth::have_account()} " "
                <a href=move || route::with_next(route::LOGIN, &state.location.next())>{auth::sign_in()}</a>
            </p>
        </AuthFrame>
    }
}
