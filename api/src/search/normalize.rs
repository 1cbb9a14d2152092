//! Which characters are the same to a search, and where the words of a text begin.
//!
//! Case, accents and ligatures are folded away and punctuation is dropped; what remains are letters, each with the
//! character of the text it came from. Deliberately absent: knowledge of any language, except that `&` is "and".

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The most letters that are looked at in a text: places in it fit the bits of a `u128`, and so does its end.
pub(super) const MAX_LETTERS: usize = 127;

/// A letter or digit of a text, folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Letter {
    /// What it is compared as.
    pub(super) folded: char,
    /// The character of the text it came from, counted from its beginning.
    pub(super) origin: u16,
    /// Where it stands.
    pub(super) start: Start,
}

/// Whether something starts at a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// A word.
    Word,
    /// A word written into another, as in `ExxonMobil` or `L'Oréal`.
    Inner,
    /// Nothing.
    No,
}

/// Folds a text into its letters.
pub(super) fn letters(text: &str) -> Vec<Letter> {
    let mut letters: Vec<Letter> = Vec::with_capacity(text.len());
    let mut gap = Gap::Space;
    // How many characters the word has so far, and whether the two before were capitals.
    let (mut run, mut was_upper, mut was_upper_before) = (0, false, false);
    let mut chars = text.chars().enumerate().peekable();
    while let Some((origin, char)) = chars.next() {
        if is_combining_mark(char) {
            continue;
        }
        if !char.is_alphanumeric() {
            gap = gap.max(Gap::at(char, run));
            continue;
        }
        let upper = char.is_uppercase();
        let before_lower = chars.peek().is_some_and(|(_, next)| next.is_lowercase());
        let camel = upper && ((run > 0 && !was_upper) || (was_upper && was_upper_before && before_lower));
        let mut start = match gap {
            Gap::Space => Start::Word,
            Gap::Apostrophe => Start::Inner,
            Gap::None if camel => Start::Inner,
            Gap::None | Gap::Initials => Start::No,
        };
        run = if matches!(gap, Gap::None) { run + 1 } else { 1 };
        (was_upper_before, was_upper, gap) = (was_upper && run > 1, upper, Gap::None);
        for folded in fold(char) {
            if letters.len() == MAX_LETTERS {
                return letters;
            }
            letters.push(Letter { folded, origin: origin.min(usize::from(u16::MAX - 1)) as u16, start });
            start = Start::No;
        }
    }
    letters
}

/// What stands between two letters; the later kinds outweigh the earlier.
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

/// A character without case and accents; what has no decomposition in Unicode is spelt as it is commonly typed.
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

/// The words among letters, as ranges; inner words do not count.
pub(super) fn words(letters: &[Letter]) -> impl Iterator<Item = std::ops::Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let from = at;
        at = (from + 1..letters.len()).find(|next| letters[*next].start == Start::Word).unwrap_or(letters.len());
        (from < letters.len()).then_some(from..at)
    })
}

/// Whether a word is "and", which is the same as `&` and as nothing at all.
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
    fn words_begin_where_a_reader_sees_them_begin() {
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
