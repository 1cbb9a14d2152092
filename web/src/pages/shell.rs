//! The frame of every page that needs somebody signed in: the header, and the page below it.

use crate::components::guest_bar::GuestBar;
use crate::components::notice::{FailureNotice, Splash};
use crate::components::topbar::TopBar;
use crate::route;
use crate::state::session::{Stage, Standing};
use crate::state::state;
use crate::texts::shell;
use crate::view::follow::part;
use leptos::prelude::*;

/// The signed-in frame; without somebody signed in, the way there.
#[component]
pub(crate) fn Shell(
    /// Makes the page, once somebody is signed in.
    page: fn() -> AnyView,
) -> impl IntoView {
    let state = state();
    let stage = state.session.stage();
    part(move || match stage.get() {
        Stage::Asking => view! { <Splash /> }.into_any(),
        Stage::Unknown => view! { <Trouble /> }.into_any(),
        Stage::Out => {
            state.place.replace(&route::with_next(route::LOGIN, &state.place.path()));
            ().into_any()
        }
        Stage::In => view! {
            <a class="skip" href="#main">
                {shell::skip()}
            </a>
            <TopBar />
            <GuestBar />
            <main id="main" class="page" tabindex="-1">
                {page()}
            </main>
        }
        .into_any(),
    })
}

/// The server could not be asked who this is.
#[component]
fn Trouble() -> impl IntoView {
    let state = state();
    part(move || {
        let Standing::Unknown(failure) = state.session.standing().get() else { return ().into_any() };
        view! {
            <main class="alone">
                <FailureNotice title=shell::out_of_reach() failure on_retry=move |()| state.ask_again() />
            </main>
        }
        .into_any()
    })
}
