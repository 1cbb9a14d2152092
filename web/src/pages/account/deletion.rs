//! Deleting the account.

use super::panel::Panel;
use crate::components::controls::field::{Field, FieldValue};
use crate::components::controls::form::{Form, Submission};
use crate::state::account::session::LogoutReason;
use crate::state::state;
use crate::texts::account;
use leptos::prelude::*;
use watchtape_shared::account as shared;

/// Says what goes, and lets it go once it has been confirmed: by the password, or by a guest, who has none, in words.
#[component]
pub(super) fn Deletion() -> impl IntoView {
    let state = state();
    let is_guest = untrack(|| state.session.is_guest());
    let (password, words) = (FieldValue::new(), FieldValue::new());
    let submission = Submission::new();
    let submit = move |()| {
        let is_meant = words.text().trim().to_lowercase() == account::delete_word();
        if !is_meant {
            words.refuse(account::delete_word_missing(&account::delete_word()));
        }
        let password_given = if is_guest { None } else { password.password() };
        if !is_meant || (password_given.is_none() && !is_guest) {
            return;
        }
        submission.begin(async move {
            match state.api.delete_me(&shared::Deletion { password: password_given }).await {
                Ok(()) => state.session.end(LogoutReason::Deleted),
                Err(why) if password.note(&why, "/password") => {}
                Err(why) => return Err(why),
            }
            Ok(())
        });
    };
    view! {
        <Panel title=account::delete() about=account::delete_about()>
            <ul class="losses">
                <li>{account::lose_lists()}</li>
                <li>{account::lose_access()}</li>
                <li>{account::lose_history()}</li>
            </ul>
            <Form submission action=(account::delete_for_good(), account::deleting()) class="button danger" on_submit=submit>
                {(!is_guest)
                    .then(|| {
                        view! {
                            <Field
                                label=account::current_password()
                                name="delete-password"
                                kind="password"
                                autocomplete="current-password"
                                value=password.value
                                error=password.error
                            />
                        }
                    })}
                <Field
                    label=account::delete_confirm()
                    name="delete-word"
                    kind="text"
                    autocomplete="off"
                    hint=account::delete_hint()
                    value=words.value
                    error=words.error
                />
            </Form>
        </Panel>
    }
}
