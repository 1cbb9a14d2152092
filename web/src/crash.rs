//! What happens when the app itself breaks: the cause goes to the console, and the page says that it stands still
//! instead of showing prices that no longer move.

use std::panic;
use wasm_bindgen::JsValue;

/// Reports every panic from now on.
pub(crate) fn report_panics() {
    panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&JsValue::from_str(&info.to_string()));
        let notice = web_sys::window().and_then(|window| window.document()?.get_element_by_id("crashed"));
        if let Some(notice) = notice {
            // Nothing more can be done about a page that cannot even say this.
            let _ = notice.remove_attribute("hidden");
        }
    }));
}
