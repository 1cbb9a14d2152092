//! Pasted text, and whether it is a list of symbols rather than words to search for.

use web_sys::ClipboardEvent;

/// The text of a paste.
pub(crate) fn text(event: &ClipboardEvent) -> String {
    event.clipboard_data().and_then(|data| data.get_data("text").ok()).unwrap_or_default()
}

/// Whether a text is a list of symbols: several lines or cells, or symbols between commas or spaces. Words in mixed
/// case are names and not symbols.
pub(crate) fn is_symbol_list(text: &str) -> bool {
    let text = text.trim();
    if text.contains(['\n', '\t']) {
        return true;
    }
    let mut words = text.split([' ', ',', ';']).filter(|word| !word.is_empty());
    let is_parted = text.contains([',', ';']);
    let is_symbol = |word: &str| {
        let has = |is: fn(&u8) -> bool| word.bytes().any(|byte| is(&byte));
        word.is_ascii() && !(has(u8::is_ascii_lowercase) && (!is_parted || has(u8::is_ascii_uppercase)))
    };
    text.contains([' ', ',', ';']) && words.all(is_symbol)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_list_is_told_from_words_to_search_for() {
        for text in ["AAPL, MSFT NVDA", "aapl;msft", "AAPL\nMSFT\n", "AAPL\tApple", "AAPL MSFT 7203.T"] {
            assert!(is_symbol_list(text), "{text:?}");
        }
        for text in ["", " AAPL \n", "Apple Inc.", "novo nordisk", "Amazon.com, Inc.", "US0378331005"] {
            assert!(!is_symbol_list(text), "{text:?}");
        }
    }
}
