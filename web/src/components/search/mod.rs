//! The search box: a combobox with a list of results, after the pattern of the ARIA Authoring Practices Guide. The
//! focus stays in the box; the arrow keys move a mark in the list.

use super::icon::{self, Icon};
use super::search_option::SearchOption;
use crate::state::search::Found;
use crate::state::state;
use crate::view::focus::{self, SEARCH_ID};
use crate::view::follow::{attribute, effect, flag, part, text};
use crate::words;
use leptos::ev::{KeyboardEvent, keydown};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Finds a security and puts it on the open list.
#[component]
pub(crate) fn SearchBox() -> impl IntoView {
    let search = state().search;
    let on_keydown = move |event: KeyboardEvent| {
        match event.key().as_str() {
            "ArrowDown" => search.step(1),
            "ArrowUp" => search.step(-1),
            "Enter" => search.enter(),
            "Escape" => search.escape(),
            _ => return,
        }
        event.prevent_default();
    };
    effect(move || {
        if let Some(symbol) = search.pointed_at().get() {
            focus::row(symbol);
        }
    });
    let shortcut = window_event_listener(keydown, |event| {
        let chord = (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("k");
        let slash = event.key() == "/" && !event.ctrl_key() && !event.alt_key() && !event.meta_key() && !is_typing();
        if (chord || slash) && document().query_selector("dialog[open]").ok().flatten().is_none() {
            event.prevent_default();
            focus::search();
        }
    });
    on_cleanup(move || shortcut.remove());

    effect(move || {
        search.active();
        focus::reveal(".option[aria-selected=true]");
    });

    let active_id = move || match &*search.found().read() {
        Found::Tickers(tickers) if search.is_open() && !tickers.is_empty() => Some(option_id(search.active())),
        _ => None,
    };
    let said = move || match &*search.found().read() {
        Found::Tickers(tickers) if search.is_open() => match tickers.len() {
            0 => "Nothing found.".to_owned(),
            1 => "1 result.".to_owned(),
            count => format!("{count} results."),
        },
        _ => String::new(),
    };
    view! {
        <div class="search" role="search" on:focusout=move |_| search.close()>
            <Icon path=icon::SEARCH />
            <input
                id=SEARCH_ID
                type="text"
                inputmode="search"
                role="combobox"
                aria-label="Search securities"
                aria-autocomplete="list"
                aria-haspopup="listbox"
                aria-controls="search-results"
                aria-expanded=text(move || active_id().is_some().to_string())
                aria-activedescendant=attribute(active_id)
                placeholder="Search symbol, company or ISIN"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                prop:value=text(move || search.query().get())
                on:input=move |event| search.type_text(event_target_value(&event))
                on:keydown=on_keydown
                on:focus=move |_| search.reopen()
            />
            <kbd class="search-hint" aria-hidden="true">
                "/"
            </kbd>
            <div
                class="search-panel"
                hidden=flag(move || !search.is_open())
                on:mousedown=|event| event.prevent_default()
            >
                <Results />
            </div>
            <span class="visually-hidden" role="status">
                {text(said)}
            </span>
        </div>
    }
}

/// What hangs below the box.
#[component]
fn Results() -> impl IntoView {
    let search = state().search;
    part(move || match search.found().get() {
        Found::Nothing => ().into_any(),
        Found::Failed(failure) => view! { <p class="search-said">{words::failure::sentence(&failure)}</p> }.into_any(),
        Found::Tickers(tickers) if tickers.is_empty() => view! {
            <p class="search-said">"Nothing found for “" {search.query().get_untracked()} "”."</p>
            <p class="search-said muted">
                "Try a symbol such as the one on a brokerage statement, a company’s name, or an ISIN."
            </p>
        }
        .into_any(),
        Found::Tickers(tickers) => {
            let options = tickers.into_iter().enumerate().map(|(at, found)| {
                view! { <SearchOption id=option_id(at) at found /> }
            });
            view! {
                <ul id="search-results" role="listbox" aria-label="Securities">
                    {options.collect_view()}
                </ul>
                <p class="search-keys" aria-hidden="true">
                    <kbd>"↑"</kbd>
                    <kbd>"↓"</kbd>
                    " choose "
                    <kbd>"Enter"</kbd>
                    " add "
                    <kbd>"Esc"</kbd>
                    " close"
                </p>
            }
            .into_any()
        }
    })
}

fn option_id(at: usize) -> String {
    format!("search-option-{at}")
}

fn is_typing() -> bool {
    let Some(active) = document().active_element() else { return false };
    let is_field = |element: &Element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT");
    is_field(&active) || active.dyn_ref::<HtmlElement>().is_some_and(HtmlElement::is_content_editable)
}
