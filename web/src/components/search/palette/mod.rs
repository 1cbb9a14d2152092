//! The command palette: one field that finds securities, lists and actions, after the combobox pattern of the ARIA
//! Authoring Practices Guide. The focus stays in the field; keys move the mark among the results.
//!
//! Only the dialog and its field are here, so that typing works while the results are loaded.

mod option;
pub(crate) mod results;

use crate::components::controls::icon::{self, Icon};
use crate::components::controls::lazy::Lazy;
use crate::state::shell::dialogs::ImportSource;
use crate::state::state;
use crate::texts;
use crate::view::reactive::{attribute, dynamic, effect, memo, text};
use crate::view::{clipboard, dialog, focus};
use leptos::html::Dialog;
use leptos::prelude::*;

const RESULTS_ID: &str = "palette-results";

/// The dialog, on every signed-in page.
#[component]
pub(crate) fn Palette() -> impl IntoView {
    let state = state();
    let search = state.palette;
    let dialog_ref = NodeRef::<Dialog>::new();
    dialog::follow(dialog_ref, move || search.is_open());
    effect(move || {
        if let Some(symbol) = search.revealed().get() {
            focus::row(symbol);
        }
    });
    effect(move || {
        search.active();
        focus::reveal(".option[aria-selected=true]");
    });
    let was_open = memo(move |was: Option<&bool>| was.copied().unwrap_or_default() || search.is_open());
    let on_paste = move |event: web_sys::ClipboardEvent| {
        let text = clipboard::text(&event);
        if clipboard::is_symbol_list(&text) {
            event.prevent_default();
            search.close();
            state.dialogs.import(ImportSource::Text(text));
        }
    };
    view! {
        <dialog
            class="palette"
            node_ref=dialog_ref
            aria-label=texts::palette::title()
            closedby="any"
            on:close=move |_| {
                if dialog::is_closed(dialog_ref) {
                    search.close();
                }
            }
        >
            <div class="palette-field">
                <Icon path=icon::SEARCH />
                <input
                    type="text"
                    inputmode="search"
                    enterkeyhint="go"
                    role="combobox"
                    autofocus
                    aria-label=texts::palette::title()
                    aria-autocomplete="list"
                    aria-haspopup="listbox"
                    aria-controls=attribute(move || search.marked().map(|_| RESULTS_ID))
                    aria-expanded=text(move || search.marked().is_some().to_string())
                    aria-activedescendant=attribute(move || search.marked().map(option_id))
                    placeholder=texts::palette::placeholder()
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    prop:value=text(move || search.query().get())
                    on:input=move |event| search.type_text(event_target_value(&event))
                    on:keydown=move |event| search.press(&event)
                    on:paste=on_paste
                />
                <button class="palette-close" type="button" on:click=move |_| search.close()>
                    {texts::palette::close()}
                </button>
            </div>
            {dynamic(move || {
                if !was_open.get() {
                    return ().into_any();
                }
                view! { <Lazy load=state.lazy.palette_results quiet=true /> }.into_any()
            })}
            <span class="visually-hidden" role="status">
                {text(move || search.announcement())}
            </span>
        </dialog>
    }
}

fn option_id(at: usize) -> String {
    let mut id = String::from("option-");
    id.push_str(&at.to_string());
    id
}
