//! Turning a guest's account into a permanent one.

use super::panel::Panel;
use crate::components::account::new_identity::{IdentityFields, NewIdentity};
use crate::components::controls::form::{Form, Submission};
use crate::state::state;
use crate::texts::guest;
use leptos::prelude::*;
use watchtape_shared::account::KeepAccount;

/// An address and a password, and everything stays.
#[component]
pub(super) fn KeepAccount() -> impl IntoView {
    let state = state();
    let identity = NewIdentity::new();
    let submission = Submission::new();
    let submit = move |()| {
        let Some((email, password, display_name)) = identity.read() else { return };
        submission.begin(async move {
            match state.api.keep_me(&KeepAccount { email, password, display_name }).await {
                Ok(user) => {
                    state.toasts.show(guest::kept());
                    state.session.update_user(user);
                    Ok(())
                }
                Err(why) => identity.note(why),
            }
        });
    };
    view! {
        <Panel title=guest::keep_title() about=guest::keep_about()>
            <Form submission action=(guest::keep(), guest::keeping()) on_submit=submit>
                <IdentityFields identity />
            </Form>
        </Panel>
    }
}
