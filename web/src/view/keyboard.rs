//! Whether a shortcut may act: not while somebody types or a dialog is open.

use leptos::ev::KeyboardEvent;
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Whether a single-key shortcut may act: nobody is typing, no dialog is open, and they are not switched off (WCAG
/// 2.1.4).
pub(crate) fn is_free(event: &KeyboardEvent) -> bool {
    let alone = !(event.ctrl_key() || event.alt_key() || event.meta_key() || event.default_prevented());
    alone && !is_typing() && !is_dialog_open() && !is_there("html[data-keys=off]")
}

/// Whether a dialog is open: what is behind it takes no keys.
pub(crate) fn is_dialog_open() -> bool {
    is_there("dialog[open]")
}

/// Whether the keys go into a field.
pub(crate) fn is_typing() -> bool {
    let Some(active) = document().active_element() else { return false };
    // The field of a dialog that was just closed keeps the focus until the next frame.
    if active.closest("dialog:not([open])").ok().flatten().is_some() {
        return false;
    }
    let is_field = |element: &Element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT");
    is_field(&active) || active.dyn_ref::<HtmlElement>().is_some_and(HtmlElement::is_content_editable)
}

fn is_there(selector: &str) -> bool {
    document().query_selector(selector).ok().flatten().is_some()
}
