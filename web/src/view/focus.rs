//! Moving the keyboard's focus to a part of the page that another part made or moved.

use leptos::prelude::*;
use leptos::task::{spawn_local, tick};
use wasm_bindgen::JsCast;
use watchtape_shared::Symbol;
use web_sys::{HtmlElement, HtmlInputElement, ScrollIntoViewOptions, ScrollLogicalPosition};

fn find(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok().flatten()?.dyn_into().ok()
}

fn show(element: &HtmlElement) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    options.set_inline(ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

/// Brings what a selector finds into sight, once the page has been brought up to date.
pub(crate) fn reveal(selector: &'static str) {
    request_animation_frame(move || {
        if let Some(element) = find(selector) {
            show(&element);
        }
    });
}

/// Puts the focus on what a selector finds, as soon as the page has been brought up to date: before the next key, so
/// that keys in quick succession all arrive.
fn after_update(selector: String) {
    spawn_local(async move {
        tick().await;
        if !take(&selector) {
            request_animation_frame(move || {
                take(&selector);
            });
        }
    });
}

fn take(selector: &str) -> bool {
    let Some(element) = find(selector) else { return false };
    show(&element);
    element.focus().is_ok()
}

/// The row of a symbol.
pub(crate) fn row(symbol: Symbol) {
    after_update(format!("[role=row][data-symbol='{symbol}']"));
}

/// The button that opens the palette.
pub(crate) fn search() {
    take("#search");
}

/// Selects what is typed into the palette.
pub(crate) fn select_typed() {
    let field = find(".palette-field input").and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
    if let Some(field) = field {
        field.select();
    }
}

/// What a dialog is opened for, once it is there.
pub(crate) fn in_dialog() {
    after_update("dialog[open] [autofocus]".into());
}

/// The first field of a form that is marked invalid.
pub(crate) fn invalid_field() {
    after_update("[aria-invalid=true]".into());
}
