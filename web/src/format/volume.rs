//! Volumes in compact notation, in the page's language: `51.2M`, `51,2 Mio.`.

use js_sys::{Array, Function, Intl, Object, Reflect};
use wasm_bindgen::JsValue;

thread_local! {
    /// Cached: creating a formatter is slow.
    static COMPACT: Function = compact();
}

fn compact() -> Function {
    let options = Object::new();
    for (name, value) in [("notation", JsValue::from("compact")), ("maximumFractionDigits", JsValue::from(1))] {
        // A plain object takes every property.
        let _ = Reflect::set(&options, &name.into(), &value);
    }
    let page = web_sys::window().and_then(|window| window.document()?.document_element());
    let language = page.and_then(|page| page.get_attribute("lang")).map_or(JsValue::UNDEFINED, JsValue::from);
    Intl::NumberFormat::new(&Array::of1(&language), &options).format()
}

/// The number of shares, rounded.
pub(crate) fn short(shares: u64) -> String {
    // Doubles are exact far beyond what is left after rounding.
    let number = JsValue::from(shares as f64);
    COMPACT
        .with(|format| format.call1(&JsValue::UNDEFINED, &number))
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}
