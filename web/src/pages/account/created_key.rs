//! A new API key: shown once.

use crate::state::state;
use crate::texts::account;
use crate::view::reactive::text;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

/// The key, copied with one click.
#[component]
pub(super) fn CreatedKey(key: String, #[prop(into)] done: Callback<()>) -> impl IntoView {
    let state = state();
    let field = NodeRef::<Input>::new();
    let copied = RwSignal::new(false);
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let _ = field.focus();
            field.select();
        }
    });
    let copy = {
        let key = key.clone();
        move |_| {
            let written = window().navigator().clipboard().write_text(&key);
            spawn_local(async move {
                if JsFuture::from(written).await.is_ok() {
                    copied.try_set(true);
                    state.toasts.announce(account::key_copied());
                } else if let Some(field) = field.try_get_untracked().flatten() {
                    // Where the page may not, the person may: the key is selected for it.
                    field.select();
                    state.toasts.show(account::key_not_copied());
                }
            });
        }
    };
    view! {
        <div class="made-key" role="group" aria-label=account::key_made()>
            <label for="made-key">{account::key_made()}</label>
            <div class="made-key-line">
                <input id="made-key" node_ref=field readonly spellcheck="false" value=key />
                <button class="button primary" type="button" on:click=copy>
                    {text(move || if copied.get() { account::copied() } else { account::copy() })}
                </button>
            </div>
            <p class="hint">{account::key_made_about()}</p>
            <button class="button" type="button" on:click=move |_| done.run(())>
                {account::key_kept()}
            </button>
        </div>
    }
}
