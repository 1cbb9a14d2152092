//! Text normalisation: case, accents and ligatures are folded, punctuation is dropped, and word starts are marked. Each
//! letter keeps the index of its character in the text.
//!
//! Deliberately absent: rules of any language, except that `&` is "and".

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Letters of a text that are used: their positions, and the end, fit the bits of a `u128`.
pub(super) const MAX_LETTERS: usize = 127;

/// A letter or digit of a text, folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Letter {
    /// The folded form, which is compared.
    pub(super) folded: char,
    /// The index of its character in the text.
    pub(super) char_index: u16,
    /// Whether a word starts here.
    pub(super) start: Start,
}

/// Whether a word starts at a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// A word starts.
    Word,
    /// A word within a word starts, as in `ExxonMobil` or `L'Oréal`.
    Inner,
    /// No word starts.
    No,
}

/// Folds a text into its letters.
pub(super) fn letters(text: &str) -> Vec<Letter> {
    let mut letters: Vec<Letter> = Vec::with_capacity(text.len());
    let mut gap = Gap::Space;
    // The length of the word so far, and whether the previous two characters were upper case.
    let (mut run, mut was_upper, mut was_upper_before) = (0, false, false);
    let mut chars = text.chars().enumerate().peekable();
    while let Some((char_index, char)) = chars.next() {
        if is_combining_mark(char) {
            continue;
        }
        if !char.is_alphanumeric() {
            gap = gap.max(Gap::at(char, run));
            continue;
        }
        let upper = char.is_uppercase();
        let is_before_lower = chars.peek().is_some_and(|(_, next)| next.is_lowercase());
        let is_camel_case = upper && ((run > 0 && !was_upper) || (was_upper && was_upper_before && is_before_lower));
        let mut start = match gap {
            Gap::Space => Start::Word,
            Gap::Apostrophe => Start::Inner,
            Gap::None if is_camel_case => Start::Inner,
            Gap::None | Gap::Initials => Start::No,
        };
        run = if matches!(gap, Gap::None) { run + 1 } else { 1 };
        (was_upper_before, was_upper, gap) = (was_upper && run > 1, upper, Gap::None);
        for folded in fold(char) {
            if letters.len() == MAX_LETTERS {
                return letters;
            }
            letters.push(Letter { folded, char_index: char_index.min(usize::from(u16::MAX - 1)) as u16, start });
            start = Start::No;
        }
    }
    letters
}

/// The separator between two letters; of several the greatest counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    /// `S.A.` is one word.
    Initials,
    Apostrophe,
    Space,
}

impl Gap {
    fn at(char: char, run: usize) -> Self {
        match char {
            '.' if run == 1 => Self::Initials,
            '\'' | '\u{2019}' | '\u{2bc}' | '`' | '\u{b4}' => Self::Apostrophe,
            _ => Self::Space,
        }
    }
}

/// A character without case and accents. Letters without a decomposition in Unicode become what people type for them.
fn fold(char: char) -> impl Iterator<Item = char> {
    let folded = char.to_lowercase().nfkd().flat_map(char::to_lowercase).filter(|part| part.is_alphanumeric());
    folded.flat_map(|part| {
        let (first, second) = match part {
            'ß' => ('s', Some('s')),
            'æ' => ('a', Some('e')),
            'œ' => ('o', Some('e')),
            'þ' => ('t', Some('h')),
            'ø' => ('o', None),
            'ð' | 'đ' => ('d', None),
            'ł' => ('l', None),
            'ı' => ('i', None),
            other => (other, None),
        };
        std::iter::once(first).chain(second)
    })
}

/// The words, as ranges of letters. Inner words do not count.
pub(super) fn words(letters: &[Letter]) -> impl Iterator<Item = std::ops::Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let from = at;
        at = (from + 1..letters.len()).find(|next| letters[*next].start == Start::Word).unwrap_or(letters.len());
        (from < letters.len()).then_some(from..at)
    })
}

/// Whether a word is "and", which like `&` is ignored.
pub(super) fn is_and(word: &[Letter]) -> bool {
    word.iter().map(|letter| letter.folded).eq("and".chars())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let show = |letter: Letter| match letter.start {
            Start::Word => format!(" {}", letter.folded),
            Start::Inner => format!("_{}", letter.folded),
            Start::No => letter.folded.to_string(),
        };
        letters(text).into_iter().map(show).collect()
    }

    #[test]
    fn words_are_split_as_a_reader_would() {
        for (text, expected) in [
            ("Nestlé S.A.", " nestle sa"),
            ("L'Oréal", " l_oreal"),
            ("ExxonMobil", " exxon_mobil"),
            ("JPMorgan Chase & Co.", " jp_morgan chase co"),
            ("U.S. Bancorp", " us bancorp"),
            ("COCA-COLA HBC", " coca cola hbc"),
            ("Amazon.com", " amazon com"),
            ("Großhandel Æ", " grosshandel ae"),
            ("e\u{301}tude", " etude"),
            ("AT&T", " at t"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
