//! Name and e-mail address.

use super::panel::Panel;
use crate::components::controls::field::{Field, FieldValue};
use crate::components::controls::form::{Form, Submission};
use crate::i18n::date_time;
use crate::state::state;
use crate::texts::{account, auth};
use leptos::prelude::*;
use watchtape_shared::account::UserPatch;

/// Who the account is.
#[component]
pub(super) fn Profile() -> impl IntoView {
    view! {
        <Name />
        <Address />
    }
}

#[component]
fn Name() -> impl IntoView {
    let state = state();
    let user = untrack(|| state.session.user());
    let since = user.as_ref().map(|user| account::since(&date_time::date(user.created_at)));
    let name = FieldValue::with(user.map_or_else(String::new, |user| user.display_name.to_string()));
    let submission = Submission::new();
    let submit = move |()| {
        let Some(display_name) = name.name() else { return };
        submission.begin(async move {
            let patch = UserPatch { display_name: Some(display_name), ..UserPatch::default() };
            match state.api.update_me(&patch).await {
                Ok(user) => {
                    state.session.update_user(user);
                    state.toasts.show(account::name_saved());
                }
                Err(why) if name.note(&why, "/display_name") => {}
                Err(why) => return Err(why),
            }
            Ok(())
        });
    };
    view! {
        <Panel title=account::name_title() about=account::name_about()>
            <Form submission action=(account::save_name(), account::saving()) on_submit=submit>
                <Field
                    label=account::name()
                    name="profile-name"
                    kind="text"
                    autocomplete="name"
                    value=name.value
                    error=name.error
                />
            </Form>
            <p class="matter-note">{since}</p>
        </Panel>
    }
}

#[component]
fn Address() -> impl IntoView {
    let state = state();
    let held = untrack(|| state.session.user()).and_then(|user| user.email);
    let email = FieldValue::with(held.map_or_else(String::new, |email| email.to_string()));
    let password = FieldValue::new();
    let submission = Submission::new();
    let submit = move |()| {
        let (Some(address), Some(current)) = (email.email(), password.password()) else { return };
        submission.begin(async move {
            let patch = UserPatch { email: Some(address), current_password: Some(current), ..UserPatch::default() };
            match state.api.update_me(&patch).await {
                Ok(user) => {
                    state.session.update_user(user);
                    password.clear();
                    state.toasts.show(account::email_saved());
                }
                Err(why) if password.note(&why, "/current_password") | email.note(&why, "/email") => {}
                Err(why) => return Err(why),
            }
            Ok(())
        });
    };
    view! {
        <Panel title=auth::email() about=account::email_about()>
            <Form submission action=(account::save_email(), account::saving()) on_submit=submit>
                <Field
                    label=auth::email()
                    name="profile-email"
                    kind="email"
                    autocomplete="email"
                    value=email.value
                    error=email.error
                />
                <Field
                    label=account::current_password()
                    name="profile-password"
                    kind="password"
                    autocomplete="current-password"
                    value=password.value
                    error=password.error
                />
            </Form>
        </Panel>
    }
}
