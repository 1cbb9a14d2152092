//! The frame of the pages for signing in and signing up.

pub(crate) use crate::components::controls::form::FormFailure;

use crate::components::controls::brand::Brand;
use crate::components::controls::language_picker::LanguagePicker;
use crate::components::controls::notice::Splash;
use crate::state::account::session::SessionStage;
use crate::state::state;
use crate::texts::auth;
use crate::view::reactive::dynamic;
use leptos::prelude::*;

/// A form beside the pitch. Redirects people who are signed in, unless `for_everybody` is set.
#[component]
pub(crate) fn AuthFrame(
    title: &'static str,
    #[prop(optional)] for_everybody: bool,
    children: ChildrenFn,
) -> impl IntoView {
    let state = state();
    let stage = state.session.stage();
    dynamic(move || match stage.get() {
        SessionStage::Checking => view! { <Splash /> }.into_any(),
        SessionStage::SignedIn if !for_everybody => {
            state.location.replace(&state.next_address());
            ().into_any()
        }
        SessionStage::SignedIn | SessionStage::SignedOut | SessionStage::Unknown => view! {
            <div class="auth-frame">
                <Pitch />
                <main class="auth-form">
                    <h1>{title}</h1>
                    {children()}
                    <LanguagePicker />
                </main>
            </div>
        }
        .into_any(),
    })
}

const LINE: &str = "M0 118 40 104 80 110 120 84 160 92 200 70 240 78 280 52 320 62 360 40 400 48 440 26 480 32";

/// The pitch. The tape is a drawing without figures, so that nothing looks like a price.
#[component]
fn Pitch() -> impl IntoView {
    view! {
        <section class="pitch" aria-label=auth::about()>
            <Brand />
            <div class="pitch-words">
                <p class="pitch-claim">{auth::claim()}</p>
                <ul>
                    <li>{auth::pitch_lists()}</li>
                    <li>{auth::pitch_prices()}</li>
                    <li>{auth::pitch_honesty()}</li>
                </ul>
            </div>
            <svg class="pitch-tape" viewBox="0 0 480 150" preserveAspectRatio="none" aria-hidden="true">
                <path class="tape-grid" d="M0 30h480M0 75h480M0 120h480" />
                <path class="tape-area" d=format!("{LINE}V150H0Z") />
                <path class="tape-line" d=LINE />
            </svg>
        </section>
    }
}
