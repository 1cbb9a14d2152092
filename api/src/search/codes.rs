//! Symbols or ISINs in order, folded to their letters and digits, each with its ticker.

use super::edit_distance::Pattern;
use super::normalize;
use super::sorted_texts::SortedTexts;
use std::ops::Range;

/// A code of a ticker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Code {
    /// The ticker's position.
    pub(super) ticker: u32,
    /// How many letters it has before the first separator: `SAP` of `SAP.DE`.
    pub(super) base_letters: u8,
    /// How many letters it has.
    pub(super) letters: u8,
}

/// Codes in order.
#[derive(Default)]
pub(super) struct Codes {
    texts: SortedTexts,
    /// Where the codes of each text end in `codes`.
    ends: Vec<u32>,
    codes: Vec<Code>,
}

/// Collects codes.
#[derive(Default)]
pub(super) struct CodesBuilder(Vec<(Box<str>, Code)>);

impl CodesBuilder {
    /// Adds the code of a ticker.
    pub(super) fn push(&mut self, text: &str, ticker: u32) {
        let folded = fold(text);
        // A separator at the front, as of an index, is none.
        let base = text.get(1..).and_then(|rest| rest.find(['.', '-', '=', '/'])).map_or(text, |at| &text[..=at]);
        let (base_letters, letters) = (fold(base).chars().count() as u8, folded.chars().count() as u8);
        self.0.push((folded.into(), Code { ticker, base_letters, letters }));
    }

    /// The codes.
    pub(super) fn build(mut self) -> Codes {
        self.0.sort_by(|(one, a), (other, b)| one.cmp(other).then(a.ticker.cmp(&b.ticker)));
        let mut codes = Codes::default();
        for (text, code) in self.0 {
            if codes.texts.len().checked_sub(1).is_none_or(|last| codes.texts.get(last) != &*text) {
                codes.texts.push(&text);
                codes.ends.push(codes.codes.len() as u32);
            }
            codes.codes.push(code);
            if let Some(end) = codes.ends.last_mut() {
                *end += 1;
            }
        }
        codes.texts.shrink();
        codes.ends.shrink_to_fit();
        codes.codes.shrink_to_fit();
        codes
    }
}

/// A text without case, accents and separators.
pub(super) fn fold(text: &str) -> String {
    normalize::letters(text).into_iter().map(|letter| letter.folded).collect()
}

impl Codes {
    /// The codes that fold to the same letters as this text.
    pub(super) fn equal_to(&self, text: &str) -> impl Iterator<Item = Code> {
        let at = self.texts.find(&fold(text));
        at.map_or(&[][..], |at| self.at(at..at + 1)).iter().copied()
    }

    /// The codes that begin with these folded letters.
    pub(super) fn with_prefix(&self, folded: &str) -> &[Code] {
        self.at(self.texts.with_prefix(folded))
    }

    /// Calls `found` with each code that is, as a whole, within the pattern's error limit, and the number of errors; false if the first
    /// letter is another.
    pub(super) fn find_fuzzy(&self, pattern: &Pattern, mut found: impl FnMut(Code, u8, bool)) {
        self.texts.find_fuzzy(pattern, |at, _, whole| {
            if let Some(errors) = whole {
                let is_first_right = self.texts.get(at).starts_with(pattern.first());
                self.at(at..at + 1).iter().for_each(|code| found(*code, errors, is_first_right));
            }
        });
    }

    fn at(&self, texts: Range<u32>) -> &[Code] {
        let end = |count: u32| (count as usize).checked_sub(1).map_or(0, |last| self.ends[last] as usize);
        &self.codes[end(texts.start)..end(texts.end)]
    }
}
