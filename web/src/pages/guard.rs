//! Shows a page to signed-in people only. The session is checked before the page is loaded, so that a visitor loads
//! nothing of it.

use crate::components::controls::brand::Brand;
use crate::components::controls::lazy::Lazy;
use crate::components::controls::notice::{Notice, Reference, Splash};
use crate::route;
use crate::state::account::session::{SessionStage, SessionStatus};
use crate::state::state;
use crate::texts::offline;
use crate::view::lazy::LoadView;
use crate::view::reactive::dynamic;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The page for signed-in people; redirects others to the sign-in page.
#[component]
pub(crate) fn Guard(load: LoadView) -> impl IntoView {
    let state = state();
    let stage = state.session.stage();
    if state.preferences.last_list().is_some() {
        // Somebody was signed in here before: load the page while the session is restored.
        spawn_local(async move {
            // A failure is shown with the page.
            let _ = load().await;
        });
    }
    dynamic(move || match stage.get() {
        SessionStage::Checking => view! { <Splash /> }.into_any(),
        SessionStage::Unknown => view! { <SessionFailure /> }.into_any(),
        SessionStage::SignedOut => {
            state.location.replace(&route::with_next(route::LOGIN, &state.location.path()));
            ().into_any()
        }
        SessionStage::SignedIn => view! { <Lazy load /> }.into_any(),
    })
}

/// The session could not be restored.
#[component]
fn SessionFailure() -> impl IntoView {
    let state = state();
    // Another attempt that fails in the same way is not announced again.
    let failure = Memo::new(move |_| match state.session.status().get() {
        SessionStatus::Unknown(failure) => Some(failure),
        _ => None,
    });
    dynamic(move || {
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
                    <button class="button primary" type="button" on:click=move |_| state.retry_session()>
                        {offline::try_now()}
                    </button>
                    <Reference failure />
                </Notice>
            </main>
        }
        .into_any()
    })
}
