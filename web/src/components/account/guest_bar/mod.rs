//! Tells a guest how long the account is kept.

use crate::route;
use crate::state::state;
use crate::texts::guest;
use crate::view::reactive::{dynamic, memo};
use leptos::prelude::*;

/// Stands above the page for as long as a guest is signed in.
#[component]
pub(crate) fn GuestBar() -> impl IntoView {
    let state = state();
    let is_guest = memo(move |_| state.session.is_guest());
    dynamic(move || {
        if !is_guest.get() {
            return ().into_any();
        }
        view! {
            <aside class="guest-bar" aria-label=guest::demo()>
                <p>
                    <b>{guest::demo()}</b>
                    " "
                    <span>{guest::kept_for()}</span>
                </p>
                <a href=route::ACCOUNT>{guest::keep_it()}</a>
            </aside>
        }
        .into_any()
    })
}
