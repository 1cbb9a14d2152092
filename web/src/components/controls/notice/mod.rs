//! What is shown in place of content: empty states, loading, failures.

use super::brand::Mark;
use crate::api::Failure;
use crate::{i18n, texts};
use leptos::prelude::*;

/// A heading, some words and something to do.
#[component]
pub(crate) fn Notice(
    title: &'static str,
    #[prop(optional)] code: &'static str,
    /// Whether the page is nothing but this.
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

/// Says why something could not be read, and offers to try again.
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

/// What to quote when reporting a failure, if there is something to report.
#[component]
#[expect(clippy::needless_pass_by_value, reason = "the properties of a component are owned")]
pub(crate) fn Reference(failure: Failure) -> impl IntoView {
    i18n::failure::reference(&failure).map(|id| {
        view! {
            <p class="reference">{texts::page::reference()} " " <code>{id}</code></p>
        }
    })
}

/// Stands while the server is asked who this is.
#[component]
pub(crate) fn Splash() -> impl IntoView {
    view! {
        <div class="splash" role="status" aria-label=texts::page::loading()>
            <Mark />
        </div>
    }
}

/// The shape of a list whose items are on their way.
#[component]
pub(crate) fn TableSkeleton() -> impl IntoView {
    let row = || view! { <div class="skeleton-row"><span></span><span></span><span></span></div> };
    view! {
        <div class="skeleton" role="status" aria-label=texts::page::loading()>
            {(0..6).map(|_| row()).collect_view()}
        </div>
    }
}

/// Stands in the place of a part of the app that could not be loaded: no network, or a newer version on the server, which
/// only the page loaded anew gets on with.
#[component]
pub(crate) fn LoadFailure(#[prop(into)] on_retry: Callback<()>) -> impl IntoView {
    view! {
        <Notice title=texts::page::load_failed()>
            <p role="alert">{texts::page::load_failed_means()}</p>
            <div class="notice-ways">
                <button class="button primary" type="button" on:click=move |_| on_retry.run(())>
                    {texts::page::try_again()}
                </button>
                // With a target it is the browser's own link, to this very address.
                <a class="button" href="" target="_self">
                    {texts::page::reload()}
                </a>
            </div>
        </Notice>
    }
}
