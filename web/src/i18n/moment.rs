//! Moments as the calendar on the wall has them: in the language of the page and in the time of the browser.

use crate::texts;
use chrono::{DateTime, Utc};
use js_sys::{Date, Object, Reflect};
use wasm_bindgen::JsValue;

/// `22 Nov 2026, 19:10`
pub(crate) fn date_and_time(at: DateTime<Utc>) -> String {
    written(at, &[("dateStyle", "medium"), ("timeStyle", "short")])
}

/// `22 November 2026`
pub(crate) fn date(at: DateTime<Utc>) -> String {
    written(at, &[("dateStyle", "long")])
}

fn written(at: DateTime<Utc>, style: &[(&str, &str)]) -> String {
    let options = Object::new();
    for (name, value) in style {
        // An object that was made here takes every property.
        let _ = Reflect::set(&options, &(*name).into(), &(*value).into());
    }
    let date = Date::new(&JsValue::from_f64(at.timestamp_millis() as f64));
    date.to_locale_string(&texts::locale(), &options).into()
}
