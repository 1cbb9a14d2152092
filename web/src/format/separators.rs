//! The separators of thousands and decimals, one pair for all numbers; chosen in `state/appearance/preferences.rs`.

use std::cell::Cell;

/// The two separators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Separators {
    pub(crate) group: char,
    pub(crate) decimal: char,
}

impl Separators {
    /// `1,234.50`
    pub(crate) const POINT: Self = Self { group: ',', decimal: '.' };
    /// `1.234,50`
    pub(crate) const COMMA: Self = Self { group: '.', decimal: ',' };
    /// `1 234,50`, with the narrow space that does not break (U+202F).
    pub(crate) const SPACE: Self = Self { group: '\u{202f}', decimal: ',' };

    /// Reads them from a number that the browser formatted, with thousands and one decimal: `1.234.567,5`.
    pub(crate) fn of(written: &str) -> Option<Self> {
        let mut marks = written.chars().filter(|character| !character.is_ascii_digit());
        let (group, decimal) = (marks.next()?, marks.next_back()?);
        (group != decimal).then_some(Self { group, decimal })
    }
}

thread_local! {
    static MARKS: Cell<Separators> = const { Cell::new(Separators::POINT) };
}

/// Sets the separators of all numbers.
pub(crate) fn choose(marks: Separators) {
    MARKS.set(marks);
}

/// The separators of all numbers.
pub(crate) fn marks() -> Separators {
    MARKS.get()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn marks_are_read_off_a_figure() {
        assert_eq!(Separators::of("1,234,567.5"), Some(Separators::POINT));
        assert_eq!(Separators::of("1.234.567,5"), Some(Separators::COMMA));
        assert_eq!(Separators::of("1\u{202f}234\u{202f}567,5"), Some(Separators::SPACE));
        assert_eq!(Separators::of("12,34,567.5"), Some(Separators::POINT));
        assert_eq!(Separators::of("1’234’567.5"), Some(Separators { group: '’', decimal: '.' }));
    }

    #[wasm_bindgen_test]
    fn a_figure_without_both_marks_tells_nothing() {
        for written in ["", "1234567", "1234567,5", "1,5,5"] {
            assert_eq!(Separators::of(written), None, "{written}");
        }
    }
}
