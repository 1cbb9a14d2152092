//! The region of the toasts, and the live region for announcements.

use crate::components::controls::icon::{self, Icon};
use crate::state::shell::toasts::{Kind, Toast};
use crate::state::state;
use crate::texts;
use crate::view::keyed::{Keyed, make, names};
use crate::view::reactive::text;
use leptos::prelude::*;

/// The toasts, and the live region for announcements.
#[component]
pub(crate) fn ToastRegion() -> impl IntoView {
    let toasts = state().toasts;
    let shown = move || toasts.visible().iter().map(|toast| toast.id.to_string()).collect();
    let message = move |id: String| {
        let toast = untrack(|| toasts.visible().into_iter().find(|toast| toast.id.to_string() == id));
        toast.map(|toast| view! { <Message toast /> }).into_any()
    };
    view! {
        <div
            class="toasts"
            role="region"
            aria-label=texts::changes::messages()
            on:mouseenter=move |_| toasts.pause(true)
            on:mouseleave=move |_| toasts.pause(false)
            on:focusin=move |_| toasts.pause(true)
            on:focusout=move |_| toasts.pause(false)
        >
            <Keyed names=names(shown) make=make(message) />
        </div>
        <div class="visually-hidden" role="status">
            {text(move || toasts.announcement())}
        </div>
    }
}

#[component]
fn Message(toast: Toast) -> impl IntoView {
    let toasts = state().toasts;
    let Toast { id, kind, text, reference, action, .. } = toast;
    let (class, role) = match kind {
        Kind::Done => ("toast", "status"),
        Kind::Info => ("toast told", "status"),
        Kind::Error => ("toast wrong", "alert"),
    };
    let action = action.map(|(label, act)| {
        let act = move |_| {
            toasts.dismiss(id);
            act();
        };
        view! {
            <button class="toast-undo" type="button" on:click=act>
                {label}
            </button>
        }
    });
    let reference = reference.map(|id| {
        view! {
            <p class="reference">
                {texts::changes::reference()} " " <code>{id}</code>
            </p>
        }
    });
    view! {
        <div class=class role=role>
            <div class="toast-text">
                <p>{text}</p>
                {reference}
            </div>
            {action}
            <button
                class="icon-button"
                type="button"
                aria-label=texts::changes::dismiss()
                on:click=move |_| toasts.dismiss(id)
            >
                <Icon path=icon::CLOSE />
            </button>
        </div>
    }
}
