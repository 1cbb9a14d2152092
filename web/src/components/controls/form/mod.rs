//! A form and its request: busy while it is sent, with its failure as a whole.

use super::icon::{self, Icon};
use super::notice::Reference;
use crate::api::Failure;
use crate::i18n;
use crate::view::reactive::{dynamic, text};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::pin::Pin;

type Outcome = Pin<Box<dyn Future<Output = Result<(), Failure>>>>;

/// The submission of a form; one request at a time.
#[derive(Clone, Copy)]
pub(crate) struct Submission {
    busy: RwSignal<bool>,
    failure: RwSignal<Option<Failure>>,
}

impl Submission {
    pub(crate) fn new() -> Self {
        Self { busy: RwSignal::new(false), failure: RwSignal::new(None) }
    }

    pub(crate) fn failure(self) -> RwSignal<Option<Failure>> {
        self.failure
    }

    pub(crate) fn is_busy(self) -> bool {
        self.busy.get()
    }

    /// Starts the request, unless one is under way. The page may be gone when it ends.
    pub(crate) fn begin(self, submission: impl Future<Output = Result<(), Failure>> + 'static) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.failure.set(None);
        let submission: Outcome = Box::pin(submission);
        spawn_local(async move {
            let outcome = submission.await;
            self.busy.try_set(false);
            self.failure.try_set(outcome.err());
        });
    }
}

/// The fields, the failure, and the submit button.
#[component]
pub(crate) fn Form(
    submission: Submission,
    /// The button's label, and its label while the request is under way.
    action: (&'static str, &'static str),
    /// The button's CSS classes.
    #[prop(default = "button primary")]
    class: &'static str,
    #[prop(into)] on_submit: Callback<()>,
    children: Children,
) -> impl IntoView {
    view! {
        <form
            novalidate
            on:submit=move |event: SubmitEvent| {
                event.prevent_default();
                on_submit.run(());
            }
        >
            {children()}
            <FormFailure failure=submission.failure />
            <button class=class type="submit" aria-disabled=text(move || submission.is_busy().to_string())>
                {text(move || if submission.is_busy() { action.1 } else { action.0 })}
            </button>
        </form>
    }
}

/// The failure of a form as a whole.
#[component]
pub(crate) fn FormFailure(failure: RwSignal<Option<Failure>>) -> impl IntoView {
    view! {
        <div role="alert">
            {dynamic(move || {
                let Some(failure) = failure.get() else { return ().into_any() };
                view! {
                    <div class="form-failure">
                        <Icon path=icon::ALERT />
                        <div>
                            <p>{i18n::failure::sentence(&failure)}</p>
                            <Reference failure />
                        </div>
                    </div>
                }
                    .into_any()
            })}
        </div>
    }
}
