//! The app's texts in the language of the page. They are written in `web/texts/LANGUAGE/*.txt`; `build.rs` makes a
//! function of each: `texts::list::removed(&symbol)`.

use std::fmt::Display;
use std::sync::OnceLock;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, Response};

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// The texts of every function, in order, where they are not the English ones that the functions hold.
static TEXTS: OnceLock<Vec<&str>> = OnceLock::new();

/// Loads a language before anything is shown. If it is unknown or cannot be loaded, the texts stay English.
pub(crate) async fn load(language: &str) {
    let Some(texts) = fetch(language).await.filter(|texts| texts.lines().count() == COUNT) else { return };
    let texts: &'static str = texts.leak();
    let _ = TEXTS.set(texts.lines().collect());
    if let Some(page) = page() {
        // A plain attribute of an element that is always there.
        let _ = page.set_attribute("lang", language);
        let _ = page.set_attribute("dir", language::direction());
    }
}

/// The language code of the texts.
pub(crate) fn language_code() -> String {
    page().and_then(|page| page.get_attribute("lang")).unwrap_or_else(|| "en".into())
}

/// The locale of dates: the browser's, if it is of the page's language, so that English stays British or American.
pub(crate) fn locale() -> String {
    let spoken = language_code();
    let own = web_sys::window().and_then(|window| window.navigator().language());
    own.filter(|own| own.starts_with(&spoken)).unwrap_or(spoken)
}

/// Reads the file of a language, which the page names as `<meta name="texts-LANGUAGE">`.
async fn fetch(language: &str) -> Option<String> {
    let window = web_sys::window()?;
    let meta = window.document()?.query_selector(&format!("meta[name=texts-{language}]")).ok()??;
    let response = JsFuture::from(window.fetch_with_str(&meta.get_attribute("content")?)).await.ok()?;
    let response: Response = response.unchecked_into();
    if !response.ok() {
        return None;
    }
    JsFuture::from(response.text().ok()?).await.ok()?.as_string()
}

fn page() -> Option<Element> {
    web_sys::window()?.document()?.document_element()
}

fn text(at: usize, english: &'static str) -> &'static str {
    TEXTS.get().and_then(|texts| texts.get(at)).copied().unwrap_or(english)
}

/// The text with each `{name}` replaced.
fn filled(at: usize, english: &'static str, values: &[(&str, &dyn Display)]) -> String {
    let mut parts = text(at, english).split('{');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            out += &isolated(value.to_string());
        }
        out += rest;
    }
    out
}

/// A value that is read from right to left does not turn the words and marks around it: between U+2068 and U+2069 it is
/// isolated from them (Unicode Standard Annex #9).
fn isolated(value: String) -> String {
    // Hebrew to Arabic Extended, their presentation forms, and the scripts of the supplementary plane.
    let is_rtl = |letter: char| {
        matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
            | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
    };
    if value.contains(is_rtl) { ["\u{2068}", &value, "\u{2069}"].concat() } else { value }
}

/// The text for one thing or for any other number of them.
pub(crate) fn count(count: usize, one: fn() -> &'static str, many: impl Fn(&dyn Display) -> String) -> String {
    if count == 1 { one().to_owned() } else { many(&count) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_value_that_is_read_from_right_to_left_is_isolated() {
        assert_eq!(isolated("أسهم 1".into()), "\u{2068}أسهم 1\u{2069}");
        assert_eq!(isolated("מניות".into()), "\u{2068}מניות\u{2069}");
        assert_eq!(isolated("Größen 1 €".into()), "Größen 1 €");
        assert_eq!(filled(0, "“{name}” is new.", &[("name", &"أسهم")]), "“\u{2068}أسهم\u{2069}” is new.");
    }
}
