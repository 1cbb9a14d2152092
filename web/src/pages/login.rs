//! Signing in.

use crate::components::account::auth_frame::AuthFrame;
use crate::components::account::guest_entry::GuestEntry;
use crate::components::controls::field::{Field, FieldValue};
use crate::components::controls::form::{Form, Submission};
use crate::route;
use crate::state::account::session::{LogoutReason, SessionStatus};
use crate::state::state;
use crate::texts::auth;
use crate::view::reactive::{flag, text};
use leptos::prelude::*;
use watchtape_shared::account::{Login, Transport};

/// The page at `/login`.
#[component]
pub(crate) fn LoginPage() -> impl IntoView {
    document().set_title(&auth::window(&auth::sign_in()));
    let state = state();
    let (email, password) = (FieldValue::new(), FieldValue::new());
    let submission = Submission::new();

    let submit = move |()| {
        // Both are read, so that all errors show at once.
        let (Some(email), Some(password)) = (email.email(), password.password()) else { return };
        submission.begin(async move {
            let signed_in = state.api.log_in(&Login { email, password, transport: Transport::Cookie }).await?;
            state.session.accept(signed_in);
            Ok(())
        });
    };
    let reason = move || match state.session.status().get() {
        SessionStatus::SignedOut(Some(LogoutReason::Expired)) => auth::expired(),
        SessionStatus::SignedOut(Some(LogoutReason::PasswordSet)) => auth::password_set(),
        SessionStatus::SignedOut(Some(LogoutReason::SignedOut)) => auth::signed_out(),
        SessionStatus::SignedOut(Some(LogoutReason::Deleted)) => auth::deleted(),
        _ => "",
    };
    view! {
        <AuthFrame title=auth::sign_in()>
            <p class="note" role="status" hidden=flag(move || reason().is_empty())>
                {text(reason)}
            </p>
            <Form submission action=(auth::sign_in(), auth::signing_in()) class="button primary wide" on_submit=submit>
                <Field
                    label=auth::email()
                    name="email"
                    kind="email"
                    autocomplete="username"
                    value=email.value
                    error=email.error
                />
                <Field
                    label=auth::password()
                    name="password"
                    kind="password"
                    autocomplete="current-password"
                    value=password.value
                    error=password.error
                />
            </Form>
            <p class="other-way">
                <a href=route::RESET>{auth::forgot()}</a>
            </p>
            <GuestEntry />
            <p class="other-way">
                {auth::new_here()} " "
                <a href=move || route::with_next(route::REGISTER, &state.location.next())>{auth::create_an_account()}</a>
            </p>
        </AuthFrame>
    }
}
