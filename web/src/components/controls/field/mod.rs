//! A labelled text field with hint and error; passwords can be shown.

mod value;

pub(crate) use value::FieldValue;

use super::icon::{self, Icon};
use crate::texts;
use crate::view::focus;
use crate::view::reactive::{attribute, effect, flag, text};
use leptos::prelude::*;

/// One field of a form.
#[component]
pub(crate) fn Field(
    label: &'static str,
    name: &'static str,
    /// The input's type.
    kind: &'static str,
    autocomplete: &'static str,
    #[prop(optional)] hint: &'static str,
    value: RwSignal<String>,
    error: RwSignal<Option<String>>,
) -> impl IntoView {
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    let revealed = RwSignal::new(false);
    let described_by = {
        let (hint_id, error_id) = (hint_id.clone(), error_id.clone());
        move || match (error.with(Option::is_some), hint.is_empty()) {
            (true, true) => Some(error_id.clone()),
            (true, false) => Some(format!("{error_id} {hint_id}")),
            (false, false) => Some(hint_id.clone()),
            (false, true) => None,
        }
    };
    effect(move || {
        if error.with(Option::is_some) {
            focus::invalid_field();
        }
    });
    let is_password = kind == "password";
    view! {
        <div class="field" class:invalid=flag(move || error.with(Option::is_some))>
            <label for=name>{label}</label>
            <div class="field-box">
                <input
                    id=name
                    name=name
                    dir="auto"
                    type=text(move || if revealed.get() { "text" } else { kind })
                    autocomplete=autocomplete
                    spellcheck="false"
                    autocapitalize="off"
                    aria-invalid=text(move || error.with(Option::is_some).to_string())
                    aria-describedby=attribute(described_by)
                    prop:value=text(move || value.get())
                    on:input=move |event| {
                        value.set(event_target_value(&event));
                        error.set(None);
                    }
                />
                {is_password
                    .then(|| {
                        view! {
                            <button
                                class="icon-button"
                                type="button"
                                aria-label=texts::auth::show_password()
                                aria-pressed=text(move || revealed.get().to_string())
                                on:click=move |_| revealed.update(|revealed| *revealed = !*revealed)
                            >
                                <Icon path=icon::EYE />
                            </button>
                        }
                    })}
            </div>
            <p class="field-error" id=error_id hidden=flag(move || error.with(Option::is_none))>
                {text(move || error.get().unwrap_or_default())}
            </p>
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=hint_id>{hint}</p> })}
        </div>
    }
}
