//! Shows a notice when the app panics, instead of prices that no longer move; the cause goes to the console.

use crate::texts;
use std::panic;
use wasm_bindgen::JsValue;
use web_sys::Document;

/// Reports every panic from now on.
pub(crate) fn install() {
    panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&JsValue::from_str(&info.to_string()));
        if let Some(page) = web_sys::window().and_then(|window| window.document()) {
            show_notice(&page);
        }
    }));
}

/// Shows the page's own notice, in the language of the texts. Nothing more can be done about a page that cannot even
/// do this.
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
