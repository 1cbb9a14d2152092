//! Numbers as people type them: with the separators of the page's numbers, or with those of another country where that
//! can only mean one thing.

use super::separators::marks;

/// What is typed as plain decimal digits: `1,234.50` and `1234.5` are the same number. `None` where it is none, or may be
/// two: `1.234,5.6`.
pub(crate) fn decimal(typed: &str) -> Option<String> {
    let spaces = ['\u{a0}', '\u{202f}', '\u{2009}', '\'', '’'];
    let text: String = typed.trim().chars().filter(|letter| *letter != ' ' && !spaces.contains(letter)).collect();
    let is_mark = |letter: char| matches!(letter, '.' | ',');
    if text.is_empty() || !text.chars().all(|letter| letter.is_ascii_digit() || is_mark(letter)) {
        return None;
    }
    let (whole, fraction) = match text.rfind(is_mark) {
        Some(at) if is_decimal(&text, at) => (&text[..at], &text[at + 1..]),
        _ => (text.as_str(), ""),
    };
    let whole = ungrouped(whole)?;
    if fraction.is_empty() { Some(whole) } else { Some([&whole, ".", fraction].concat()) }
}

/// Whether the last mark of a number begins its decimals.
fn is_decimal(text: &str, at: usize) -> bool {
    let mark = &text[at..=at];
    let (before, after) = (&text[..at], &text[at + 1..]);
    if before.contains(['.', ',']) {
        // Of two kinds of marks the last is of the decimals; one kind alone, more than once, groups.
        return !before.contains(mark);
    }
    // One mark alone: the page's own decimals, or what cannot be a group of three.
    marks().decimal.to_string() == mark || after.len() != 3 || before.is_empty() || before.len() > 3 || before == "0"
}

/// A whole number without the marks between its groups of three.
fn ungrouped(whole: &str) -> Option<String> {
    let mut groups = whole.split(['.', ',']);
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let is_grouped = rest.is_empty() || (!first.is_empty() && first.len() <= 3);
    if !is_grouped || rest.iter().any(|group| group.len() != 3) {
        return None;
    }
    let digits = [first, &rest.concat()].concat();
    Some(if digits.is_empty() { "0".into() } else { digits })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::separators::{self, Separators};
    use wasm_bindgen_test::wasm_bindgen_test;

    #[track_caller]
    fn check(typed: &str, read: Option<&str>) {
        assert_eq!(decimal(typed).as_deref(), read, "{typed:?}");
    }

    #[wasm_bindgen_test]
    fn a_number_is_read_by_the_pages_separators() {
        for (typed, read) in
            [("200", "200"), (" 200.50 ", "200.50"), ("1,234", "1234"), ("1,234.5", "1234.5"), ("1,234,567", "1234567")]
        {
            check(typed, Some(read));
        }
        separators::choose(Separators::COMMA);
        for (typed, read) in [("1.234", "1234"), ("1.234,5", "1234.5"), ("1,234", "1.234"), ("0,5", "0.5")] {
            check(typed, Some(read));
        }
        separators::choose(Separators::POINT);
    }

    #[wasm_bindgen_test]
    fn another_countrys_are_read_where_they_mean_one_thing() {
        for (typed, read) in
            [("200,5", "200.5"), ("1.234,50", "1234.50"), ("1 234,50", "1234.50"), ("1’234.5", "1234.5"), (",5", "0.5")]
        {
            check(typed, Some(read));
        }
    }

    #[wasm_bindgen_test]
    fn what_is_no_number_is_none() {
        for typed in ["", "abc", "-5", "1.2.3", "1,23,456", "12e3", "1.234,5.6", "+5", "1234,567.8"] {
            check(typed, None);
        }
    }
}
