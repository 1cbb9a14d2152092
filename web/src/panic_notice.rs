//! Shows a notice when the app panics, instead of prices that no longer move; the cause goes to the console.

use crate::texts;
use std::panic;
use wasm_bindgen::JsValue;
use web_sys::Document;

/// Installs the panic hook.
pub(crate) fn install() {
    panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&JsValue::from_str(&info.to_string()));
        if let Some(page) = web_sys::window().and_then(|window| window.document()) {
            show_notice(&page);
        }
    }));
}

/// Shows the notice that is part of `index.html`, in the language of the texts. Failures are ignored.
fn show_notice(page: &Document) {
    for (id, text) in [("crashed-text", texts::page::crashed()), ("crashed-reload", texts::page::reload())] {
        if let Some(element) = page.get_element_by_id(id) {
            element.set_text_content(Some(text));
        }
    }
    if let Some(notice) = page.get_element_by_id("crashed") {
        let _ = notice.remove_attribute("hidden");
    }
}
