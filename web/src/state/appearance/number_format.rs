//! The separators that numbers are written with, by preference or by the language of the browser.

use super::choices::Numbers;
use crate::format::separators::Separators;
use js_sys::Number;

pub(super) fn separators_of(numbers: Numbers) -> Separators {
    match numbers {
        Numbers::Locale => locale_separators().unwrap_or(Separators::POINT),
        Numbers::Point => Separators::POINT,
        Numbers::Comma => Separators::COMMA,
        Numbers::Space => Separators::SPACE,
    }
}

/// The separators of the browser's language with Latin digits.
fn locale_separators() -> Option<Separators> {
    let mut locale = web_sys::window()?.navigator().language()?;
    locale.truncate(locale.find("-u-").unwrap_or(locale.len()));
    let written = Number::from(1_234_567.5).to_locale_string(&(locale + "-u-nu-latn"));
    Separators::of(&String::from(written))
}
