//! Where the words of a query are in a name, and the weight of that.
//!
//! Positions are the bits of a `u64`. Deliberately absent: typing errors, and tickers.

use super::bitset::ones;
use super::interpretation::Interpretation;
use super::names::{MAX_WORDS, Names, Word};
use super::score::{self, Layout, Score};

/// The positions of a name at which each word of a query is; used again for the next name.
#[derive(Default)]
pub(super) struct Places {
    /// The positions that begin with each word.
    prefixed: Vec<u64>,
    /// The positions that are each word.
    whole: Vec<u64>,
    /// The positions that a name begins with.
    leading: u64,
    /// The positions that are the end of the word before.
    inner: u64,
}

/// The weight of a name for an interpretation; `None` if a word is not in it.
pub(super) fn weight(names: &Names, name: &[Word], wanted: &Interpretation, places: &mut Places) -> Option<Score> {
    if !places.find(name, wanted) {
        return None;
    }
    let (layout, last) = places.best_layout(wanted.is_split)?;
    let wanted_telling = wanted.tokens.iter().filter(|token| token.exact.is_none_or(|id| !names.is_minor(id))).count();
    let telling = telling_words(names, name, last as usize).max(wanted_telling);
    let coverage = if telling == 0 { 1.0 } else { wanted_telling as f32 / telling as f32 };
    let typed = match wanted.tokens.last() {
        Some(token) if layout != Layout::LeadingWhole && layout != Layout::ConsecutiveWhole => {
            let letters = names.vocabulary.get(name[last as usize].id()).chars().count();
            token.letters as f32 / letters.max(1) as f32
        }
        _ => 1.0,
    };
    let in_part = places.whole.iter().rev().skip(1).filter(|positions| **positions == 0).count();
    Some((0..in_part).fold(score::name(layout, coverage, typed), |score, _| score + score::WORD_IN_PART))
}

/// How many words say something, of the name that has a word at this position.
pub(super) fn telling_words(names: &Names, name: &[Word], at: usize) -> usize {
    let from = (0..=at).rev().find(|from| name[*from].is_first_of_alias()).unwrap_or(0);
    let to = (from + 1..name.len()).find(|to| name[*to].is_first_of_alias()).unwrap_or(name.len());
    name[from..to].iter().filter(|word| !word.is_inner() && !names.is_minor(word.id())).count()
}

impl Places {
    /// Finds the positions; false if a word has none.
    fn find(&mut self, name: &[Word], wanted: &Interpretation) -> bool {
        let count = wanted.tokens.len();
        if count > name.len() || count == 0 {
            return false;
        }
        for positions in [&mut self.prefixed, &mut self.whole] {
            positions.clear();
            positions.resize(count, 0);
        }
        (self.leading, self.inner) = (0, 0);
        for (at, word) in name.iter().enumerate().take(MAX_WORDS) {
            let (id, bit) = (word.id(), 1 << at);
            for (order, token) in wanted.tokens.iter().enumerate() {
                if token.prefixed.contains(&id) {
                    self.prefixed[order] |= bit;
                    self.whole[order] |= if token.exact == Some(id) { bit } else { 0 };
                }
            }
            self.leading |= if word.is_leading() { bit } else { 0 };
            self.inner |= if word.is_inner() { bit } else { 0 };
        }
        self.prefixed.iter().all(|positions| *positions != 0)
    }

    /// The best layout, and the position of the last word in it.
    fn best_layout(&self, is_split: bool) -> Option<(Layout, u32)> {
        let last = |positions: u64| (positions != 0).then(|| positions.trailing_zeros());
        let found = |layout| move |last| (layout, last);
        let whole = |from| last(self.consecutive(&self.whole, from));
        let prefixed = |from| last(self.consecutive(&self.prefixed, from));
        let in_order = |from| last(self.in_order(from));
        let any = || {
            if self.prefixed.len() > 1 && self.match_any_order() { last(*self.prefixed.last()?) } else { None }
        };
        let strict = whole(self.leading)
            .map(found(Layout::LeadingWhole))
            .or_else(|| prefixed(self.leading).map(found(Layout::Leading)));
        let inner = || {
            whole(u64::MAX)
                .map(found(Layout::ConsecutiveWhole))
                .or_else(|| prefixed(u64::MAX).map(found(Layout::Consecutive)))
        };
        if is_split {
            return strict.or_else(inner);
        }
        strict
            .or_else(|| in_order(self.leading).map(found(Layout::LeadingInOrder)))
            .or_else(inner)
            .or_else(|| in_order(u64::MAX).map(found(Layout::InOrder)))
            .or_else(|| any().map(found(Layout::Any)))
    }

    /// The last positions of words one after the other, the first at one of these positions.
    fn consecutive(&self, places: &[u64], first: u64) -> u64 {
        let after = |positions: u64| {
            let next = positions << 1;
            // A word within the one before is passed over, or is the next word.
            next | ((next & self.inner) << 1)
        };
        places[1..].iter().fold(places[0] & first, |positions, next| after(positions) & next)
    }

    /// The last positions of words in order, the first at one of these positions.
    fn in_order(&self, first: u64) -> u64 {
        let after = |positions: u64| (positions & positions.wrapping_neg()).wrapping_neg() << 1;
        let prefixed = &self.prefixed;
        prefixed[1..].iter().fold(
            prefixed[0] & first,
            |positions, next| {
                if positions == 0 { 0 } else { after(positions) & next }
            },
        )
    }

    /// Whether each word can have a position of its own (Kuhn's algorithm for bipartite matching).
    fn match_any_order(&self) -> bool {
        let mut owners = [usize::MAX; MAX_WORDS];
        (0..self.prefixed.len()).all(|word| self.assign(word, &mut 0, &mut owners))
    }

    fn assign(&self, word: usize, tried: &mut u64, owners: &mut [usize; MAX_WORDS]) -> bool {
        ones(self.prefixed[word]).any(|at| {
            let is_new = *tried & (1 << at) == 0;
            *tried |= 1 << at;
            let at = at as usize;
            let is_free = is_new && (owners[at] == usize::MAX || self.assign(owners[at], tried, owners));
            if is_free {
                owners[at] = word;
            }
            is_free
        })
    }
}
