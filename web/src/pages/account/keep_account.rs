//! Turning a guest's account into a permanent one.

use super::panel::Panel;
use crate::components::account::new_identity::{Identity, IdentityFields, NewIdentity};
use crate::components::account::registration::UnlessClosed;
use crate::components::controls::form::{Form, Submission};
use crate::state::state;
use crate::texts::guest;
use leptos::prelude::*;
use watchtape_shared::account::KeepAccount;

/// An address and a password, and everything stays.
#[component]
pub(super) fn KeepAccount() -> impl IntoView {
    let state = state();
    let identity = NewIdentity::new(None);
    let submission = Submission::new();
    let submit = move |()| {
        let Some(Identity { email, password, display_name, invitation }) = identity.read() else { return };
        submission.begin(async move {
            match state.api.keep_me(&KeepAccount { email, password, display_name, invitation }).await {
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
            <UnlessClosed registration=identity.registration()>
                <Form submission action=(guest::keep(), guest::keeping()) on_submit=submit>
                    <IdentityFields identity />
                </Form>
            </UnlessClosed>
        </Panel>
    }
}
