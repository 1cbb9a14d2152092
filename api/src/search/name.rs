//! The names of the catalogue, folded, with the places where their words start.
//!
//! Deliberately absent: spaces. A name is its letters and the places where words start, so that `jp morgan` and
//! `jpmorgan` are the same to it.

use super::bitset::ones;
use super::normalize::{self, MAX_LETTERS, Start};
use super::query::is_suffix;

/// The origin of a letter that is not in the text of the name.
const NOWHERE: u16 = u16::MAX;

/// The shortest word within a word that can be found by itself: `mobil` of `ExxonMobil`, not the `s` of `McDonald's`.
const MIN_INNER: usize = 3;

/// All names, in the order of the tickers.
#[derive(Default)]
pub(super) struct Names {
    letters: Vec<char>,
    origins: Vec<u16>,
    spans: Vec<Span>,
}

struct Span {
    from: u32,
    len: u32,
    /// Where words start.
    starts: u128,
    /// Where a search may take the name to begin: at its first word, behind "the", at each further name.
    heads: u128,
}

/// One name.
#[derive(Clone, Copy)]
pub(super) struct Name<'a> {
    pub(super) letters: &'a [char],
    /// Where words start, as bits.
    pub(super) starts: u128,
    /// Where the name may be taken to begin, as bits.
    pub(super) heads: u128,
    origins: &'a [u16],
}

impl Names {
    /// Adds the next ticker's name, and the other names it is known by.
    pub(super) fn push<'t>(&mut self, name: &str, also: impl Iterator<Item = &'t str>) {
        let from = self.letters.len();
        let mut span = Span { from: from as u32, len: 0, starts: 0, heads: 0 };
        self.append(&mut span, name, false);
        also.for_each(|name| self.append(&mut span, name, true));
        self.spans.push(span);
    }

    fn append(&mut self, span: &mut Span, text: &str, nowhere: bool) {
        let letters = normalize::letters(text);
        let lone = normalize::words(&letters).nth(1).is_none();
        let mut head = true;
        for word in
            normalize::words(&letters).map(|word| &letters[word]).filter(|word| lone || !normalize::is_and(word))
        {
            if span.len as usize + word.len() > MAX_LETTERS {
                return;
            }
            for (at, letter) in word.iter().enumerate() {
                let inner = || letter.start == Start::Inner && long_enough(&word[at..]);
                span.starts |= u128::from(at == 0 || inner()) << span.len;
                span.heads |= u128::from(at == 0 && head) << span.len;
                self.letters.push(letter.folded);
                self.origins.push(if nowhere { NOWHERE } else { letter.origin });
                span.len += 1;
            }
            head = head && word.iter().map(|letter| letter.folded).eq("the".chars());
        }
    }

    /// The name of a ticker.
    pub(super) fn get(&self, ticker: u32) -> Name<'_> {
        let Span { from, len, starts, heads } = self.spans[ticker as usize];
        let range = from as usize..(from + len) as usize;
        Name { letters: &self.letters[range.clone()], origins: &self.origins[range], starts, heads }
    }
}

fn long_enough(inner: &[normalize::Letter]) -> bool {
    inner.iter().skip(1).take_while(|letter| letter.start == Start::No).count() + 1 >= MIN_INNER
}

impl<'a> Name<'a> {
    /// Where words start, each with whether the name may be taken to begin there.
    pub(super) fn words(self) -> impl Iterator<Item = (usize, bool)> + use<'a> {
        ones(self.starts).map(move |at| (at as usize, self.heads & (1 << at) != 0))
    }

    /// Whether a word starts a word of the name that is no corporate suffix.
    pub(super) fn has(&self, word: &[char]) -> bool {
        ones(self.hits(word)).map(|at| at as usize).any(|at| {
            let end = (at + 1..self.letters.len()).find(|end| self.ends_at(*end)).unwrap_or(self.letters.len());
            !is_suffix(&self.letters[at..end], false)
        })
    }

    /// The characters of the name that places came from, merged.
    pub(super) fn ranges(&self, places: &[(usize, usize)]) -> Vec<[u32; 2]> {
        let ends = |&(at, len): &(usize, usize)| {
            let origins = self.origins.get(at..at + len)?;
            let mut real = origins.iter().filter(|origin| **origin != NOWHERE).map(|origin| u32::from(*origin));
            let first = real.next()?;
            Some([first, real.next_back().unwrap_or(first) + 1])
        };
        let mut ranges: Vec<[u32; 2]> = places.iter().filter_map(ends).collect();
        ranges.sort_unstable();
        ranges.dedup_by(|next, kept| {
            let touches = next[0] <= kept[1];
            kept[1] = if touches { kept[1].max(next[1]) } else { kept[1] };
            touches
        });
        ranges
    }

    /// Whether a word ends before a place.
    pub(super) fn ends_at(&self, place: usize) -> bool {
        place == self.letters.len() || (place < self.letters.len() && self.starts & (1 << place) != 0)
    }

    /// The starts of words at which a word is, as bits.
    pub(super) fn hits(&self, word: &[char]) -> u128 {
        ones(self.starts).filter(|at| self.letters[*at as usize..].starts_with(word)).fold(0, |hits, at| hits | 1 << at)
    }
}
