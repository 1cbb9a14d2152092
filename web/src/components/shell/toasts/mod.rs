//! The region of the toasts, and the live region for announcements.

use crate::components::controls::icon::{self, Icon};
use crate::state::shell::toasts::{Kind, Toast};
use crate::state::state;
use crate::texts;
use crate::view::focus;
use crate::view::keyed::{Keyed, make, names};
use crate::view::reactive::text;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// The toasts, and the live region for announcements.
#[component]
pub(crate) fn ToastRegion() -> impl IntoView {
    let toasts = state().toasts;
    // Where the focus was before it came to the messages.
    let before = StoredValue::new_local(None::<Element>);
    let shown = move || toasts.visible().iter().map(|toast| toast.id.to_string()).collect();
    let message = move |id: String| {
        let toast = untrack(|| toasts.visible().into_iter().find(|toast| toast.id.to_string() == id));
        toast.map(|toast| view! { <Message toast before /> }).into_any()
    };
    view! {
        <div
            class="toasts"
            role="region"
            aria-label=texts::changes::messages()
            on:mouseenter=move |_| toasts.pause(true)
            on:mouseleave=move |_| toasts.pause(false)
            on:focusin=move |event| {
                toasts.pause(true);
                let from = event.related_target().and_then(|from| from.dyn_into::<Element>().ok());
                if !from.as_ref().is_some_and(|from| from.closest(".toasts").is_ok_and(|region| region.is_some())) {
                    before.set_value(from);
                }
            }
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
fn Message(toast: Toast, before: StoredValue<Option<Element>, LocalStorage>) -> impl IntoView {
    let toasts = state().toasts;
    let Toast { id, kind, text, reference, action, link, on_read, .. } = toast;
    let leave = move |id| {
        toasts.dismiss(id);
        focus::back_to(before.get_value());
    };
    let read = move || {
        if let Some(on_read) = &on_read {
            on_read();
        }
    };
    let (class, role) = match kind {
        Kind::Done => ("toast", "status"),
        Kind::Info => ("toast told", "status"),
        Kind::Alert => ("toast alert", "status"),
        Kind::Error => ("toast wrong", "alert"),
    };
    let action = action.map(|(label, act)| {
        let act = move |_| {
            leave(id);
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
    let link = link.map(|(text, address)| {
        let read = read.clone();
        // The app's own click listener follows the link.
        let follow = move |_| {
            read();
            toasts.dismiss(id);
        };
        view! {
            <a class="toast-link" href=address on:click=follow>
                {text}
            </a>
        }
    });
    view! {
        <div class=class role=role>
            <div class="toast-text">
                <p dir="auto">{text}</p>
                {reference}
            </div>
            {action}
            {link}
            <button
                class="icon-button"
                type="button"
                aria-label=texts::changes::dismiss()
                on:click=move |_| {
                    read();
                    leave(id);
                }
            >
                <Icon path=icon::CLOSE />
            </button>
        </div>
    }
}
