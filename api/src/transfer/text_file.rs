//! The text of a file's bytes, and its lines.
//!
//! Deliberately absent: guesses at other encodings. A text in Windows-1252 is valid in ten more of them, so that a guess
//! would be a wrong letter in somebody's note sooner or later; it is refused with the line where it begins.

use super::Error;
use std::borrow::Cow;

const UTF8_MARK: &[u8] = &[0xEF, 0xBB, 0xBF];
const UTF16_LE_MARK: &[u8] = &[0xFF, 0xFE];
const UTF16_BE_MARK: &[u8] = &[0xFE, 0xFF];

/// Decodes UTF-8, with a byte order mark or without, and UTF-16 with one. [`Error::NotUnicode`] names the first line that is
/// neither.
pub(super) fn decode(file: &[u8]) -> Result<Cow<'_, str>, Error> {
    if let Some(file) = file.strip_prefix(UTF16_LE_MARK) {
        return decode_utf16(file, u16::from_le_bytes);
    }
    if let Some(file) = file.strip_prefix(UTF16_BE_MARK) {
        return decode_utf16(file, u16::from_be_bytes);
    }
    let file = file.strip_prefix(UTF8_MARK).unwrap_or(file);
    let text = std::str::from_utf8(file);
    text.map(Cow::Borrowed).map_err(|cause| {
        let valid = String::from_utf8_lossy(&file[..cause.valid_up_to()]);
        Error::NotUnicode { line: line_ends(&valid) + 1 }
    })
}

fn decode_utf16(file: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, Error> {
    let (pairs, rest) = file.as_chunks::<2>();
    let mut text = String::with_capacity(file.len());
    let cut = |text: &str| Error::NotUnicode { line: line_ends(text) + 1 };
    for letter in char::decode_utf16(pairs.iter().copied().map(unit)) {
        text.push(letter.map_err(|_| cut(&text))?);
    }
    if rest.is_empty() { Ok(Cow::Owned(text)) } else { Err(cut(&text)) }
}

/// Splits a text behind its first line, whose end may be CR LF, LF or a CR alone. `None` at the end of the text.
pub(super) fn split_line(text: &str) -> Option<(&str, &str)> {
    if text.is_empty() {
        return None;
    }
    let Some(end) = text.find(['\r', '\n']) else { return Some((text, "")) };
    let (line, rest) = text.split_at(end);
    let rest = rest.strip_prefix("\r\n").or_else(|| rest.get(1..)).unwrap_or_default();
    Some((line, rest))
}

/// How many lines end in a text, as an editor counts them.
pub(super) fn line_ends(mut text: &str) -> u32 {
    let mut ends = 0;
    while let Some(end) = text.find(['\r', '\n']) {
        ends += 1;
        let rest = &text[end..];
        text = rest.strip_prefix("\r\n").unwrap_or(&rest[1..]);
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(mut text: &str) -> Vec<&str> {
        let mut lines = Vec::new();
        while let Some((line, rest)) = split_line(text) {
            lines.push(line);
            text = rest;
        }
        lines
    }

    #[test]
    fn a_line_ends_with_cr_lf_or_both() {
        assert_eq!(lines("a\rb\nc\r\n\r\nd"), ["a", "b", "c", "", "d"]);
        assert_eq!(line_ends("a\rb\nc\r\n\r\nd"), 4);
        assert!(lines("").is_empty());
    }

    #[test]
    fn what_is_no_unicode_is_refused_by_its_line() {
        for (file, at) in [
            (b"symbol\rAAPL\r\nM\xFCnchen".as_slice(), 3),
            (b"\xFF\xFEA\0\n\0\0\xD8", 2),
            (b"\xFE\xFF\0A\0", 1),
            (b"\xEF\xBB\xBF\xFF", 1),
        ] {
            assert!(matches!(decode(file), Err(Error::NotUnicode { line }) if line == at), "{}", file.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn a_text_is_the_same_in_each_encoding(text in "[a-z\\r\\n,é漢🙂\u{feff}]{0,40}") {
            let units: Vec<u16> = text.encode_utf16().collect();
            let le: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let be: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
            for file in [[UTF16_LE_MARK, &le].concat(), [UTF16_BE_MARK, &be].concat(), [UTF8_MARK, text.as_bytes()].concat()] {
                prop_assert_eq!(decode(&file).expect("Unicode"), text.as_str());
            }
        }

        #[test]
        fn lines_are_as_many_as_their_ends(text in "[ab\\r\\n]{0,20}") {
            let lines = lines(&text).len() as u32;
            let unended = !text.is_empty() && !text.ends_with(['\r', '\n']);
            prop_assert_eq!(lines, line_ends(&text) + u32::from(unended));
        }
    }
}
