//! Matches typed words with the names of actions and lists.

use js_sys::JsString;

/// Whether each word that was typed begins a word of the name.
pub(crate) fn matches(name: &str, typed: &str) -> bool {
    let (name, typed) = (lower_case(name), lower_case(typed));
    words(&typed).all(|begun| words(&name).any(|word| word.starts_with(begun)))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric())
}

/// Lower case by the browser, which has the Unicode tables.
fn lower_case(text: &str) -> String {
    JsString::from(text).to_lower_case().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn words_are_found_by_how_they_begin_in_any_order() {
        for typed in ["", "exp", "csv", "as exp", "EXPORT: Csv"] {
            assert!(matches("Export as CSV", typed), "{typed:?}");
        }
        for typed in ["xport", "sv", "export json"] {
            assert!(!matches("Export as CSV", typed), "{typed:?}");
        }
        assert!(matches("Zurück: Übersicht", "über"));
    }
}
