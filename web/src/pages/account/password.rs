//! Changing the password.

use super::panel::Panel;
use crate::components::account::new_password::NewPassword;
use crate::components::controls::field::{Field, FieldValue};
use crate::components::controls::form::{Form, Submission};
use crate::state::state;
use crate::texts::{account, auth};
use leptos::prelude::*;
use watchtape_shared::account::PasswordChange;

/// Changes the password; whoever else is signed in is not any more.
#[component]
pub(super) fn ChangePassword() -> impl IntoView {
    let state = state();
    let address = untrack(|| state.session.user()).and_then(|user| user.email);
    let (current, new) = (FieldValue::new(), FieldValue::new());
    let submission = Submission::new();
    let submit = move |()| {
        let (Some(current_password), Some(new_password)) = (current.password(), new.password()) else { return };
        submission.begin(async move {
            match state.api.change_password(&PasswordChange { current_password, new_password }).await {
                Ok(()) => {
                    current.clear();
                    new.clear();
                    state.toasts.show(account::password_saved());
                }
                Err(why) if current.note(&why, "/current_password") | new.note(&why, "/new_password") => {}
                Err(why) => return Err(why),
            }
            Ok(())
        });
    };
    view! {
        <Panel title=account::password() about=account::password_about()>
            <Form submission action=(account::save_password(), account::saving()) on_submit=submit>
                // Tells the browser whose password it is to remember.
                <input hidden autocomplete="username" value=address.map(|email| email.to_string()) />
                <Field
                    label=account::current_password()
                    name="current-password"
                    kind="password"
                    autocomplete="current-password"
                    value=current.value
                    error=current.error
                />
                <NewPassword label=auth::new_password() name="new-password" typed=new />
            </Form>
        </Panel>
    }
}
