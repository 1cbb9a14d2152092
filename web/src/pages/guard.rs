//! Shows a page to signed-in people only. The session is checked before the page is loaded, so that a visitor loads
//! nothing of it.

use crate::components::controls::brand::Brand;
use crate::components::controls::lazy::Lazy;
use crate::components::controls::notice::{Notice, Reference, Splash};
use crate::route;
use crate::state::account::session::{LogoutReason, SessionStage, SessionStatus};
use crate::state::state;
use crate::texts::offline;
use crate::view::lazy::LoadView;
use crate::view::reactive::{dynamic, memo};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The page for signed-in people; redirects others to the sign-in page.
#[component]
pub(crate) fn Guard(load: LoadView) -> impl IntoView {
    let state = state();
    // Another account is another page, with nothing of what was typed into it.
    let shown = memo(move |_| (state.session.stage_now(), state.session.user_id()));
    if state.preferences.last_list().is_some() {
        // Somebody was signed in here before: load the page while the session is restored.
        spawn_local(async move {
            // A failure is shown with the page.
            let _ = load().await;
        });
    }
    dynamic(move || match shown.get().0 {
        SessionStage::Checking => view! { <Splash /> }.into_any(),
        SessionStage::Unknown => view! { <SessionFailure /> }.into_any(),
        SessionStage::SignedOut => {
            let path = state.location.path();
            // Whoever has signed out leaves no address behind.
            let is_final = untrack(|| state.session.logout_reason()).is_some_and(LogoutReason::is_final);
            let next = if is_final { route::HOME } else { path.as_str() };
            state.location.replace(&route::with_next(route::LOGIN, next));
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
    let failure = memo(move |_| match state.session.status().get() {
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
