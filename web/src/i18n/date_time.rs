//! Dates and times in the browser's time zone: in the page's language, or as the browser writes them.

use crate::texts;
use chrono::{DateTime, Utc};
use js_sys::{Date, Object, Reflect};
use wasm_bindgen::JsValue;

/// `22 Nov 2026, 19:10`, in the page's language.
pub(crate) fn date_and_time(at: DateTime<Utc>) -> String {
    formatted(at.timestamp_millis() as f64, &texts::locale(), &[("dateStyle", "medium"), ("timeStyle", "short")])
}

/// `22 November 2026`, in the page's language.
pub(crate) fn date(at: DateTime<Utc>) -> String {
    formatted(at.timestamp_millis() as f64, &texts::locale(), &[("dateStyle", "long")])
}

/// `Mon 15:30`, in the browser's own language.
pub(crate) fn weekday_and_time(at: DateTime<Utc>) -> String {
    let options = [("weekday", "short"), ("hour", "2-digit"), ("minute", "2-digit")];
    formatted(at.timestamp_millis() as f64, "default", &options)
}

/// `15:30`, in the browser's own language.
pub(crate) fn time(at_ms: f64) -> String {
    formatted(at_ms, "default", &[("hour", "2-digit"), ("minute", "2-digit")])
}

fn formatted(at_ms: f64, locale: &str, parts: &[(&str, &str)]) -> String {
    let options = Object::new();
    for (name, value) in parts {
        // A plain object takes every property.
        let _ = Reflect::set(&options, &(*name).into(), &(*value).into());
    }
    Date::new(&JsValue::from_f64(at_ms)).to_locale_string(locale, &options).into()
}
