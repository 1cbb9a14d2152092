//! What comes from the clipboard, and whether it is several symbols rather than words to search for.

use web_sys::ClipboardEvent;

/// The text of a paste.
pub(crate) fn text(event: &ClipboardEvent) -> String {
    event.clipboard_data().and_then(|data| data.get_data("text").ok()).unwrap_or_default()
}

/// Whether a text is a list: lines, cells or words between commas, or several words in capitals.
pub(crate) fn is_many(text: &str) -> bool {
    let text = text.trim();
    let is_symbol = |word: &str| !word.bytes().any(|byte| byte.is_ascii_lowercase());
    text.contains(['\n', '\t', ',', ';'])
        || (text.contains(' ') && text.is_ascii() && text.split_ascii_whitespace().all(is_symbol))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_list_is_told_from_words_to_search_for() {
        for text in ["AAPL, MSFT NVDA", "aapl;msft", "AAPL\nMSFT\n", "AAPL\tApple", "AAPL MSFT 7203.T"] {
            assert!(is_many(text), "{text:?}");
        }
        for text in ["", " AAPL \n", "Apple Inc.", "novo nordisk", "US0378331005"] {
            assert!(!is_many(text), "{text:?}");
        }
    }
}
