//! What is shown in place of content: empty states, loading, failures.

use super::brand::Mark;
use crate::api::Failure;
use crate::{i18n, texts};
use leptos::prelude::*;

/// A heading, a text and an action.
#[component]
pub(crate) fn Notice(
    title: &'static str,
    #[prop(optional)] code: &'static str,
    /// Whether it is the page's only content.
    #[prop(optional)]
    alone: bool,
    children: Children,
) -> impl IntoView {
    let heading = match alone {
        true => view! { <h1>{title}</h1> }.into_any(),
        false => view! { <h2>{title}</h2> }.into_any(),
    };
    view! {
        <section class="notice">
            {(!code.is_empty()).then(|| view! { <p class="notice-code" aria-hidden="true">{code}</p> })}
            {heading}
            {children()}
        </section>
    }
}

/// A failure to load something, with a button to try again.
#[component]
pub(crate) fn FailureNotice(
    title: &'static str,
    failure: Failure,
    #[prop(into)] on_retry: Callback<()>,
) -> impl IntoView {
    let sentence = i18n::failure::sentence(&failure);
    view! {
        <Notice title>
            <p role="alert">{sentence}</p>
            <button class="button primary" type="button" on:click=move |_| on_retry.run(())>
                {texts::page::try_again()}
            </button>
            <Reference failure />
        </Notice>
    }
}

/// The request id of a failure, if it has one.
#[component]
#[expect(clippy::needless_pass_by_value, reason = "the properties of a component are owned")]
pub(crate) fn Reference(failure: Failure) -> impl IntoView {
    i18n::failure::reference(&failure).map(|id| {
        view! {
            <p class="reference">{texts::page::reference()} " " <code>{id}</code></p>
        }
    })
}

/// Shown while the session is being restored.
#[component]
pub(crate) fn Splash() -> impl IntoView {
    view! {
        <div class="splash" role="status" aria-label=texts::page::loading()>
            <Mark />
        </div>
    }
}

/// The skeleton of a list that is loading.
#[component]
pub(crate) fn TableSkeleton() -> impl IntoView {
    let row = || view! { <div class="skeleton-row"><span></span><span></span><span></span></div> };
    view! {
        <div class="skeleton" role="status" aria-label=texts::page::loading()>
            {(0..6).map(|_| row()).collect_view()}
        </div>
    }
}

/// Shown when a part of the app could not be loaded: no network, or a newer version on the server, which needs a
/// reload.
#[component]
pub(crate) fn LoadFailure(#[prop(into)] on_retry: Callback<()>) -> impl IntoView {
    view! {
        <Notice title=texts::page::load_failed()>
            <p role="alert">{texts::page::load_failed_means()}</p>
            <div class="notice-ways">
                <button class="button primary" type="button" on:click=move |_| on_retry.run(())>
                    {texts::page::try_again()}
                </button>
                // With a `target` the app does not handle the link: the browser reloads this address.
                <a class="button" href="" target="_self">
                    {texts::page::reload()}
                </a>
            </div>
        </Notice>
    }
}
