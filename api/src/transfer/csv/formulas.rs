//! Protection against CSV injection: no cell that is written is a formula to a spreadsheet (OWASP, "CSV Injection").
//!
//! A spreadsheet splits a file where its own language separates cells: at `;` in much of Europe, at tabs, and at a line end
//! within what it does not take for a quoted cell. So a `'` is put before what could begin a formula at the beginning of a
//! cell and behind each of these; and before a `'` there, so that an import restores every cell exactly.

/// First characters of formulas, and the escape character itself.
const ESCAPED_STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\'', '＝', '＋', '－', '＠'];
/// Characters behind which a spreadsheet may begin a cell.
const SEPARATORS: [char; 3] = [';', '\t', '\n'];
/// What a spreadsheet passes over at the beginning of a cell.
const PASSED_OVER: [char; 3] = [' ', '\u{a0}', '"'];
const ESCAPE: char = '\'';

/// Writes a cell so that no part of it is a formula.
pub(super) fn escape(cell: &str) -> String {
    rewrite(cell, |part| (needs_escape(part).then_some(ESCAPE), part))
}

/// Reads what [`escape`] has written.
pub(super) fn unescape(cell: &str) -> String {
    rewrite(cell, |part| (None, part.strip_prefix(ESCAPE).filter(|rest| needs_escape(rest)).unwrap_or(part)))
}

/// Rewrites the beginning of each part that a spreadsheet may take for a cell.
fn rewrite(cell: &str, begin: impl Fn(&str) -> (Option<char>, &str)) -> String {
    let mut written = String::with_capacity(cell.len());
    for part in cell.split_inclusive(SEPARATORS) {
        let (before, part) = begin(part);
        written.extend(before);
        written.push_str(part);
    }
    written
}

fn needs_escape(part: &str) -> bool {
    part.trim_start_matches(PASSED_OVER).starts_with(ESCAPED_STARTS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cell_is_restored_exactly(cell in "[-a'=+@;\t\n \"＝\u{a0}]{0,12}") {
            let written = escape(&cell);
            prop_assert_eq!(unescape(&written), cell);
            for part in written.split(SEPARATORS) {
                let part = part.trim_start_matches(PASSED_OVER);
                prop_assert!(!part.starts_with(['=', '+', '-', '@', '＝']), "{:?}", written);
            }
        }

        #[test]
        fn other_texts_are_left_as_they_are(cell in "[a-z ]{0,5}([;\t\n][a-z ]{1,3}){0,3}") {
            prop_assert_eq!(unescape(&cell), cell);
        }
    }
}
