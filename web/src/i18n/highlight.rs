//! Splits a search result at the matched ranges, so that they can be marked.

/// Cuts a text at half-open ranges of characters, as a search result gives them. Each piece says whether it is to be
/// marked; ranges that overlap or lie outside the text are clipped, never trusted.
pub(crate) fn pieces(text: &str, ranges: &[[u32; 2]]) -> Vec<(bool, String)> {
    let mut pieces: Vec<(bool, String)> = Vec::new();
    for (at, character) in text.chars().enumerate() {
        let highlighted = ranges.iter().any(|[from, to]| (*from as usize..*to as usize).contains(&at));
        match pieces.last_mut() {
            Some((same, piece)) if *same == highlighted => piece.push(character),
            _ => pieces.push((highlighted, character.into())),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn cut(text: &str, ranges: &[[u32; 2]]) -> String {
        let show = |(highlighted, piece): (bool, String)| if highlighted { format!("[{piece}]") } else { piece };
        pieces(text, ranges).into_iter().map(show).collect()
    }

    #[wasm_bindgen_test]
    fn the_matched_characters_are_cut_out() {
        assert_eq!(cut("AAPL", &[[0, 2]]), "[AA]PL");
        assert_eq!(cut("Apple Inc.", &[[0, 1], [6, 9]]), "[A]pple [Inc].");
        assert_eq!(cut("Apple", &[]), "Apple");
        assert_eq!(cut("", &[[0, 3]]), "");
    }

    #[wasm_bindgen_test]
    fn ranges_count_characters_and_not_bytes() {
        assert_eq!(cut("Nestlé S.A.", &[[5, 6], [7, 8]]), "Nestl[é] [S].A.");
        assert_eq!(cut("日本電産", &[[1, 3]]), "日[本電]産");
    }

    #[wasm_bindgen_test]
    fn ranges_that_overlap_or_reach_outside_are_clipped() {
        assert_eq!(cut("IBM", &[[0, 2], [1, 9]]), "[IBM]");
        assert_eq!(cut("IBM", &[[2, 1], [7, 9]]), "IBM");
    }
}
