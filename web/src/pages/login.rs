//! Signing in.

use crate::components::account::auth_frame::AuthFrame;
use crate::components::account::guest_entry::GuestEntry;
use crate::components::account::registration::Registration;
use crate::components::controls::field::{Field, FieldValue};
use crate::components::controls::form::{Form, Submission};
use crate::route;
use crate::state::account::session::{LogoutReason, SessionStatus};
use crate::state::state;
use crate::texts::auth;
use crate::view::reactive::{flag, text};
use crate::view::title;
use leptos::prelude::*;
use watchtape_shared::account::{Login, Transport};

/// Whether the browser keeps the cookie that renews a session.
fn has_cookies() -> bool {
    let enabled = js_sys::Reflect::get(&window().navigator(), &"cookieEnabled".into());
    enabled.is_ok_and(|enabled| enabled.is_truthy())
}

/// The page at `/login`.
#[component]
pub(crate) fn LoginPage() -> impl IntoView {
    title::set(&auth::window(&auth::sign_in()));
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
        SessionStatus::SignedOut(Some(LogoutReason::GuestEnded)) => auth::guest_ended(),
        SessionStatus::SignedOut(Some(LogoutReason::PasswordSet)) => auth::password_set(),
        SessionStatus::SignedOut(Some(LogoutReason::SignedOut)) => auth::signed_out(),
        SessionStatus::SignedOut(Some(LogoutReason::Deleted)) => auth::deleted(),
        _ => "",
    };
    let waits = move || {
        let is_over = state.session.logout_reason() != Some(LogoutReason::Expired);
        if is_over || (state.open_list.unsent() == 0 && !state.drafts.is_any()) { "" } else { auth::waits() }
    };
    view! {
        <AuthFrame title=auth::sign_in()>
            <p class="note" role="status" hidden=flag(move || reason().is_empty())>
                {text(reason)} " " {text(waits)}
            </p>
            <p class="note" role="status" hidden=has_cookies()>
                {auth::no_cookies()}
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
            <GuestEntry registration=Registration::ask() />
            <p class="other-way">
                {auth::new_here()} " "
                <a href=move || route::with_next(route::REGISTER, &state.location.next())>{auth::create_an_account()}</a>
            </p>
        </AuthFrame>
    }
}
