//! A set of texts in order: exact look-up, ranges by prefix, and fuzzy search.
//!
//! The texts are in one buffer. Beside each are the letters that it has, as bits: a text that lacks more letters of a pattern than
//! may be wrong is passed over at the cost of one operation. Deliberately absent: updates.

use super::edit_distance::Pattern;
use std::ops::Range;

/// Texts in ascending order, each once. A text is a `u32` outside: its position in that order.
#[derive(Default)]
pub(super) struct SortedTexts {
    buffer: String,
    /// Where each text ends in the buffer.
    ends: Vec<u32>,
    /// The letters of each text.
    letters: Vec<LetterSet>,
}

/// Which letters and digits a text has, and which of them twice, as bits. Some characters share a bit, so that two texts may seem to
/// have more in common than they do.
#[derive(Clone, Copy, Default)]
struct LetterSet(u64);

impl LetterSet {
    fn of(letters: impl Iterator<Item = char>) -> Self {
        let bit = |letter: char| match letter {
            'a'..='z' => letter as u32 - 'a' as u32,
            '0'..='9' => 26 + (letter as u32 - '0' as u32) % 6,
            other => other as u32 % 32,
        };
        let add = |set: u64, letter: char| {
            let once = 1 << bit(letter);
            if set & once == 0 { set | once } else { set | once << 32 }
        };
        Self(letters.fold(0, add))
    }

    /// Whether another set lacks at most this many of these letters, of 0 to 2.
    fn lacks_at_most(self, limit: u8, other: Self) -> bool {
        // Takes out a bit at a time: baseline processors do not count them.
        let take_one = |set: u64| set & set.wrapping_sub(1);
        let lacking = self.0 & !other.0;
        let rest = take_one(lacking);
        (if limit == 1 { rest } else { take_one(rest) }) == 0
    }
}

impl SortedTexts {
    /// Adds a text, which is greater than all before it. Returns its position.
    pub(super) fn push(&mut self, text: &str) -> u32 {
        self.letters.push(LetterSet::of(text.chars()));
        self.buffer.push_str(text);
        self.ends.push(self.buffer.len() as u32);
        self.ends.len() as u32 - 1
    }

    /// Returns the memory that was reserved for further texts.
    pub(super) fn shrink(&mut self) {
        self.buffer.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.letters.shrink_to_fit();
    }

    /// The text at a position.
    pub(super) fn get(&self, at: u32) -> &str {
        let from = (at as usize).checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.buffer[from as usize..self.ends[at as usize] as usize]
    }

    /// How many there are.
    pub(super) fn len(&self) -> u32 {
        self.ends.len() as u32
    }

    /// The position of a text.
    pub(super) fn find(&self, text: &str) -> Option<u32> {
        let at = self.partition(|known| known < text);
        (at < self.len() && self.get(at) == text).then_some(at)
    }

    /// The positions of the texts that begin with a prefix.
    pub(super) fn with_prefix(&self, prefix: &str) -> Range<u32> {
        let from = self.partition(|known| known < prefix);
        let to = self.partition(|known| known < prefix || known.starts_with(prefix));
        from..to
    }

    /// The number of texts at the front for which this holds.
    fn partition(&self, holds: impl Fn(&str) -> bool) -> u32 {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = from + (to - from) / 2;
            if holds(self.get(middle)) { from = middle + 1 } else { to = middle }
        }
        from
    }

    /// Calls `found` with each text that has a prefix within the pattern's error limit: the fewest errors of its prefixes, and those
    /// of the whole text, if they are within the limit.
    pub(super) fn find_fuzzy(&self, pattern: &Pattern, mut found: impl FnMut(u32, u8, Option<u8>)) {
        let wanted = LetterSet::of(pattern.letters());
        let limit = pattern.max_errors();
        // An error replaces or leaves out one letter.
        let likely = (0..).zip(&self.letters).filter(|(_, letters)| wanted.lacks_at_most(limit, **letters));
        for (at, _) in likely {
            let text = self.get(at);
            let result = if text.is_ascii() {
                pattern.errors_in(text.bytes().map(char::from))
            } else {
                pattern.errors_in(text.chars())
            };
            if let Some((fewest, whole)) = result {
                found(at, fewest, whole);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::btree_set;
    use proptest::prelude::*;

    fn of(texts: &std::collections::BTreeSet<String>) -> SortedTexts {
        let mut sorted = SortedTexts::default();
        for text in texts {
            sorted.push(text);
        }
        sorted
    }

    proptest! {
        #[test]
        fn ranges_are_those_of_a_look_at_each_text(texts in btree_set("[abé]{1,5}", 0..40), prefix in "[abé]{0,3}") {
            let sorted = of(&texts);
            let expected: Vec<&String> = texts.iter().filter(|text| text.starts_with(&prefix)).collect();
            let found: Vec<&str> = sorted.with_prefix(&prefix).map(|at| sorted.get(at)).collect();
            prop_assert_eq!(found, expected);
            prop_assert_eq!(sorted.find(&prefix).map(|at| sorted.get(at)), texts.get(&prefix).map(String::as_str));
        }

        #[test]
        fn fuzzy_search_is_a_look_at_each_text(texts in btree_set("[abcé]{1,9}", 0..60), word in "[abcé]{4,9}") {
            let (sorted, letters) = (of(&texts), word.chars().collect::<Vec<char>>());
            let pattern = Pattern::new(&letters).expect("it is long enough");
            let mut found = Vec::new();
            sorted.find_fuzzy(&pattern, |at, fewest, whole| found.push((sorted.get(at).to_owned(), fewest, whole)));
            let expected = texts.iter().filter_map(|text| {
                let text: Vec<char> = text.chars().collect();
                let (fewest, _) = pattern.match_prefix(&text, |_| false)?;
                Some((text.iter().collect::<String>(), fewest, pattern.match_whole(&text)))
            });
            prop_assert_eq!(found, expected.collect::<Vec<_>>());
        }
    }
}
