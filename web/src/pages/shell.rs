//! The frame of every page that needs somebody signed in: the header, and the page below it.

use crate::components::brand::Brand;
use crate::components::guest_bar::GuestBar;
use crate::components::lost_banner::LostBanner;
use crate::components::notice::{Notice, Reference, Splash};
use crate::components::topbar::TopBar;
use crate::route;
use crate::state::session::{Stage, Standing};
use crate::state::state;
use crate::texts::{self, shell};
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
                <LostBanner />
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
    // Another try that fails in the same way is no news to announce.
    let failure = Memo::new(move |_| match state.session.standing().get() {
        Standing::Unknown(failure) => Some(failure),
        _ => None,
    });
    part(move || {
        let Some(failure) = failure.get() else { return ().into_any() };
        let (title, sentence) = match window().navigator().on_line() {
            false => (texts::offline::start_offline(), texts::offline::start_offline_means()),
            true => (texts::offline::start_unreachable(), texts::offline::start_unreachable_means()),
        };
        view! {
            <main class="alone">
                <Brand />
                <Notice title alone=true>
                    <p role="alert">{sentence}</p>
                    <p>{texts::offline::start_kept()}</p>
                    <button class="button primary" type="button" on:click=move |_| state.ask_again()>
                        {texts::offline::try_now()}
                    </button>
                    <Reference failure />
                </Notice>
            </main>
        }
        .into_any()
    })
}
