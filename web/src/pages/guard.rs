//! Who may see a page: whoever is signed in. It is asked before the page is loaded, so that a visitor loads nothing of
//! what is behind the sign-in.

use crate::components::controls::brand::Brand;
use crate::components::controls::lazy::{Later, Load};
use crate::components::controls::notice::{Notice, Reference, Splash};
use crate::route;
use crate::state::account::session::{Stage, Standing};
use crate::state::state;
use crate::texts::offline;
use crate::view::reactive::part;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The page, for somebody signed in; the way to sign in for everybody else.
#[component]
pub(crate) fn Guard(load: Load) -> impl IntoView {
    let state = state();
    let stage = state.session.stage();
    if state.preferences.last_list().is_some() {
        // Somebody was signed in here: while the server is asked, the page comes.
        spawn_local(async move {
            // Where it does not, that is said when it is shown.
            let _ = load().await;
        });
    }
    part(move || match stage.get() {
        Stage::Asking => view! { <Splash /> }.into_any(),
        Stage::Unknown => view! { <Trouble /> }.into_any(),
        Stage::Out => {
            state.place.replace(&route::with_next(route::LOGIN, &state.place.path()));
            ().into_any()
        }
        Stage::In => view! { <Later load /> }.into_any(),
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
            false => (offline::start_offline(), offline::start_offline_means()),
            true => (offline::start_unreachable(), offline::start_unreachable_means()),
        };
        view! {
            <main class="alone">
                <Brand />
                <Notice title alone=true>
                    <p role="alert">{sentence}</p>
                    <p>{offline::start_kept()}</p>
                    <button class="button primary" type="button" on:click=move |_| state.ask_again()>
                        {offline::try_now()}
                    </button>
                    <Reference failure />
                </Notice>
            </main>
        }
        .into_any()
    })
}
