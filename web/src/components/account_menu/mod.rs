//! Whose lists these are, and the way out.

use super::menu::{Entry, Menu};
use crate::state::state;
use crate::view::follow::text;
use leptos::prelude::*;

/// The account's initial, opening a menu.
#[component]
pub(crate) fn AccountMenu() -> impl IntoView {
    let state = state();
    let name = move || state.session.user().map_or_else(String::new, |user| user.display_name.to_string());
    let email =
        move || state.session.user().and_then(|user| user.email).map_or_else(String::new, |email| email.to_string());
    // Capitalised by the style sheet, which needs no tables of letters for it.
    let initial = move || name().chars().next().map_or_else(String::new, String::from);
    let heading = move || {
        view! {
            <div class="menu-heading">
                <strong>{text(name)}</strong>
                <span>{text(email)}</span>
            </div>
        }
    };
    view! {
        <Menu
            label="Account"
            class="avatar"
            heading=ViewFn::from(heading)
            entries=move |()| vec![Entry::new("Sign out", move || state.log_out())]
        >
            {text(initial)}
        </Menu>
    }
}
