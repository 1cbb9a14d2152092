//! The frame of the pages for signing in and opening an account.

use super::brand::Brand;
use super::icon::{self, Icon};
use super::notice::{Reference, Splash};
use crate::api::Failure;
use crate::state::session::Stage;
use crate::state::state;
use crate::view::follow::part;
use crate::words;
use leptos::prelude::*;

/// A form beside what the app is for. Whoever is signed in already is led on, unless it is for everybody.
#[component]
pub(crate) fn AuthFrame(
    title: &'static str,
    #[prop(optional)] for_everybody: bool,
    children: ChildrenFn,
) -> impl IntoView {
    let state = state();
    let stage = state.session.stage();
    part(move || match stage.get() {
        Stage::Asking => view! { <Splash /> }.into_any(),
        Stage::In if !for_everybody => {
            state.place.replace(&state.place.next());
            ().into_any()
        }
        Stage::In | Stage::Out | Stage::Unknown => view! {
            <div class="auth">
                <Pitch />
                <main class="auth-form">
                    <h1>{title}</h1>
                    {children()}
                </main>
            </div>
        }
        .into_any(),
    })
}

const LINE: &str = "M0 118 40 104 80 110 120 84 160 92 200 70 240 78 280 52 320 62 360 40 400 48 440 26 480 32";

/// What the app is for. The tape is a drawing: no figure on it could be taken for a price.
#[component]
fn Pitch() -> impl IntoView {
    view! {
        <section class="pitch" aria-label="About Watchtape">
            <Brand />
            <div class="pitch-words">
                <p class="pitch-claim">"The market on one quiet page."</p>
                <ul>
                    <li>"Your lists, in your order, on every device."</li>
                    <li>"Prices that move as they are made, and say how old they are."</li>
                    <li>"Simulated, delayed or live: always told apart."</li>
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

/// What went wrong with a form as a whole.
#[component]
pub(crate) fn FormFailure(failure: RwSignal<Option<Failure>>) -> impl IntoView {
    view! {
        <div role="alert">
            {part(move || {
                let Some(failure) = failure.get() else { return ().into_any() };
                view! {
                    <div class="form-failure">
                        <Icon path=icon::ALERT />
                        <div>
                            <p>{words::failure::sentence(&failure)}</p>
                            <Reference failure />
                        </div>
                    </div>
                }
                    .into_any()
            })}
        </div>
    }
}
