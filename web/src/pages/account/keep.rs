//! Making a guest's account one that stays.

use super::panel::Panel;
use crate::components::field::{Field, Typed};
use crate::components::form::{Form, Work};
use crate::components::new_password::NewPassword;
use crate::state::state;
use crate::texts::{auth, guest};
use leptos::prelude::*;
use watchtape_shared::account::KeepAccount;

/// An address and a password, and everything stays.
#[component]
pub(super) fn Keep() -> impl IntoView {
    let state = state();
    let (email, password, name) = (Typed::new(), Typed::new(), Typed::new());
    let work = Work::new();
    let submit = move |()| {
        let read = (email.email(), password.password(), name.optional_name());
        let (Some(address), Some(secret), Some(display_name)) = read else { return };
        work.begin(async move {
            match state.api.keep_me(&KeepAccount { email: address, password: secret, display_name }).await {
                Ok(user) => {
                    state.toasts.tell(guest::kept());
                    state.session.update_user(user);
                }
                Err(why) => {
                    let noted = [
                        email.note(&why, "/email"),
                        password.note(&why, "/password"),
                        name.note(&why, "/display_name"),
                    ];
                    return if noted.contains(&true) { Ok(()) } else { Err(why) };
                }
            }
            Ok(())
        });
    };
    view! {
        <Panel title=guest::keep_title() about=guest::keep_about()>
            <Form work action=(guest::keep(), guest::keeping()) on_submit=submit>
                <Field
                    label=auth::email()
                    name="email"
                    kind="email"
                    autocomplete="username"
                    value=email.value
                    error=email.error
                />
                <NewPassword label=auth::password() name="password" typed=password />
                <Field
                    label=auth::optional_name()
                    name="display_name"
                    kind="text"
                    autocomplete="name"
                    value=name.value
                    error=name.error
                />
            </Form>
        </Panel>
    }
}
