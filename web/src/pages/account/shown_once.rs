//! What is shown once: a new API key, a webhook's secret.

use crate::state::state;
use crate::texts::account;
use crate::view::reactive::{effect, text};
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

/// A secret, and what is said of it.
#[derive(Clone)]
pub(super) struct Shown {
    /// What it is.
    pub(super) label: String,
    /// The secret itself.
    pub(super) secret: String,
    /// What it is for, and that it is not shown again.
    pub(super) about: &'static str,
    /// What is said by who has kept it.
    pub(super) kept: &'static str,
}

/// The secret, copied with one click, in a field of this id.
#[component]
pub(super) fn ShownOnce(shown: Shown, id: &'static str, #[prop(into)] done: Callback<()>) -> impl IntoView {
    let state = state();
    let field = NodeRef::<Input>::new();
    let copied = RwSignal::new(false);
    effect(move || {
        if let Some(field) = field.get() {
            let _ = field.focus();
            field.select();
        }
    });
    let Shown { label, secret, about, kept } = shown;
    let copy = {
        let secret = secret.clone();
        move |_| {
            let written = window().navigator().clipboard().write_text(&secret);
            spawn_local(async move {
                if JsFuture::from(written).await.is_ok() {
                    copied.try_set(true);
                    state.toasts.announce(account::key_copied());
                } else if let Some(field) = field.try_get_untracked().flatten() {
                    // Where the page may not, the person may: the secret is selected for it.
                    field.select();
                    state.toasts.show(account::key_not_copied());
                }
            });
        }
    };
    let spoken = label.clone();
    view! {
        <div class="made-key" role="group" aria-label=spoken>
            <label for=id>{label}</label>
            <div class="made-key-line">
                <input id=id node_ref=field readonly spellcheck="false" value=secret />
                <button class="button primary" type="button" on:click=copy>
                    {text(move || if copied.get() { account::copied() } else { account::copy() })}
                </button>
            </div>
            <p class="hint">{about}</p>
            <button class="button" type="button" on:click=move |_| done.run(())>
                {kept}
            </button>
        </div>
    }
}
