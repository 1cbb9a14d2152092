//! Opening an account.

use crate::components::auth_frame::AuthFrame;
use crate::components::field::{Field, Typed};
use crate::components::form::{Form, Work};
use crate::components::guest_entry::GuestEntry;
use crate::components::new_password::NewPassword;
use crate::route;
use crate::state::state;
use crate::texts::auth;
use leptos::prelude::*;
use watchtape_shared::account::{Register, Transport};

/// Stands at `/register`.
#[component]
pub(crate) fn RegisterPage() -> impl IntoView {
    document().set_title(&auth::window(&auth::create_an_account()));
    let state = state();
    let (email, password, name) = (Typed::new(), Typed::new(), Typed::new());
    let work = Work::new();

    let submit = move |()| {
        let read = (email.email(), password.password(), name.optional_name());
        let (Some(address), Some(secret), Some(display_name)) = read else { return };
        work.begin(async move {
            let body = Register { email: address, password: secret, display_name, transport: Transport::Cookie };
            match state.api.register(&body).await {
                Ok(signed_in) => state.session.accept(signed_in),
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
        <AuthFrame title=auth::create_an_account()>
            <Form work action=(auth::create_account(), auth::creating()) class="button primary wide" on_submit=submit>
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
            <GuestEntry />
            <p class="other-way">
                {auth::have_account()} " "
                <a href=move || route::with_next(route::LOGIN, &state.place.next())>{auth::sign_in()}</a>
            </p>
        </AuthFrame>
    }
}
