//! The folded names of the catalogue, with the positions of their word starts.
//!
//! Deliberately absent: spaces. Word starts are bits beside the letters, so `jp morgan` and `jpmorgan` match the same name.

use super::bitset::ones;
use super::normalize::{self, MAX_LETTERS, Start};
use super::query::is_suffix;

/// The character index of a letter of another name, which has nothing to highlight.
const NO_CHAR_INDEX: u16 = u16::MAX;

/// The shortest inner word that can be found by itself: `mobil` of `ExxonMobil`, not the `s` of `McDonald's`.
const MIN_INNER_WORD_LETTERS: usize = 3;

/// All names, in the order of the tickers.
#[derive(Default)]
pub(super) struct Names {
    letters: Vec<char>,
    char_indices: Vec<u16>,
    spans: Vec<Span>,
}

struct Span {
    from: u32,
    len: u32,
    /// Positions of word starts, as bits.
    starts: u128,
    /// Positions of leading words, as bits: the first word, the one after "the", and the first of each other name.
    leading: u128,
}

/// One name.
#[derive(Clone, Copy)]
pub(super) struct Name<'a> {
    pub(super) letters: &'a [char],
    /// Positions of word starts, as bits.
    pub(super) starts: u128,
    /// Positions of leading words, as bits: the first word, the one after "the", and the first of each other name.
    pub(super) leading: u128,
    char_indices: &'a [u16],
}

impl Names {
    /// Adds the name of the next ticker, and its other names.
    pub(super) fn push<'t>(&mut self, name: &str, aliases: impl Iterator<Item = &'t str>) {
        let from = self.letters.len();
        let mut span = Span { from: from as u32, len: 0, starts: 0, leading: 0 };
        self.append(&mut span, name, false);
        aliases.for_each(|name| self.append(&mut span, name, true));
        self.spans.push(span);
    }

    fn append(&mut self, span: &mut Span, text: &str, is_alias: bool) {
        let letters = normalize::letters(text);
        let is_single_word = normalize::words(&letters).nth(1).is_none();
        let mut is_leading = true;
        for word in normalize::words(&letters)
            .map(|word| &letters[word])
            .filter(|word| is_single_word || !normalize::is_and(word))
        {
            if span.len as usize + word.len() > MAX_LETTERS {
                return;
            }
            for (at, letter) in word.iter().enumerate() {
                let is_inner_word = || letter.start == Start::Inner && is_long_enough(&word[at..]);
                span.starts |= u128::from(at == 0 || is_inner_word()) << span.len;
                span.leading |= u128::from(at == 0 && is_leading) << span.len;
                self.letters.push(letter.folded);
                self.char_indices.push(if is_alias { NO_CHAR_INDEX } else { letter.char_index });
                span.len += 1;
            }
            is_leading = is_leading && word.iter().map(|letter| letter.folded).eq("the".chars());
        }
    }

    /// The name of a ticker.
    pub(super) fn get(&self, ticker: u32) -> Name<'_> {
        let Span { from, len, starts, leading } = self.spans[ticker as usize];
        let range = from as usize..(from + len) as usize;
        Name { letters: &self.letters[range.clone()], char_indices: &self.char_indices[range], starts, leading }
    }
}

fn is_long_enough(inner: &[normalize::Letter]) -> bool {
    inner.iter().skip(1).take_while(|letter| letter.start == Start::No).count() + 1 >= MIN_INNER_WORD_LETTERS
}

impl<'a> Name<'a> {
    /// The positions of word starts, each with whether the word is a leading one.
    pub(super) fn words(self) -> impl Iterator<Item = (usize, bool)> + use<'a> {
        ones(self.starts).map(move |at| (at as usize, self.leading & (1 << at) != 0))
    }

    /// Whether a word is a prefix of a word of the name that is not a corporate suffix.
    pub(super) fn has_word(&self, word: &[char]) -> bool {
        ones(self.hits(word)).map(|at| at as usize).any(|at| {
            let end = (at + 1..self.letters.len()).find(|end| self.ends_at(*end)).unwrap_or(self.letters.len());
            !is_suffix(&self.letters[at..end], false)
        })
    }

    /// The character ranges of the name at these positions, merged.
    pub(super) fn ranges(&self, positions: &[(usize, usize)]) -> Vec<[u32; 2]> {
        let ends = |&(at, len): &(usize, usize)| {
            let char_indices = self.char_indices.get(at..at + len)?;
            let mut real = char_indices.iter().filter(|index| **index != NO_CHAR_INDEX).map(|index| u32::from(*index));
            let first = real.next()?;
            Some([first, real.next_back().unwrap_or(first) + 1])
        };
        let mut ranges: Vec<[u32; 2]> = positions.iter().filter_map(ends).collect();
        ranges.sort_unstable();
        ranges.dedup_by(|next, kept| {
            let touches = next[0] <= kept[1];
            kept[1] = if touches { kept[1].max(next[1]) } else { kept[1] };
            touches
        });
        ranges
    }

    /// Whether a word ends before a position.
    pub(super) fn ends_at(&self, position: usize) -> bool {
        position == self.letters.len() || (position < self.letters.len() && self.starts & (1 << position) != 0)
    }

    /// The word starts at which the letters begin with `word`, as bits.
    pub(super) fn hits(&self, word: &[char]) -> u128 {
        ones(self.starts).filter(|at| self.letters[*at as usize..].starts_with(word)).fold(0, |hits, at| hits | 1 << at)
    }
}
