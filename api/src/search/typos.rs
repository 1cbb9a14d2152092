//! Matches with typing errors, of symbols and of words of names.
//!
//! Deliberately absent: ISINs, which nobody types by heart, and errors in words of fewer than four letters.

use super::bitset::Bitset;
use super::edit_distance::Pattern;
use super::hit::Hit;
use super::index::TickerIndex;
use super::interpretation::{Interpretation, Token};
use super::layout::telling_words;
use super::names::Names;
use super::score::{self, Score, Typos};
use super::top_hits::TopHits;

/// For each word of the vocabulary how well it matches a word that was typed.
struct WordTypos {
    /// Packed: the errors in the upper two bits, and one for each further lack; `NO_MATCH` for the others.
    by_word: Vec<u8>,
    /// The words that match.
    matching: Vec<u32>,
}

const NO_MATCH: u8 = u8::MAX;
const WRONG_FIRST: u8 = 2;
const PREFIX: u8 = 1;

/// Which words of a query may have typing errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubted {
    /// Those that are in no name, not even as the beginning of a word.
    Unknown,
    /// All of them.
    All,
}

impl WordTypos {
    fn of(names: &Names, token: &Token, doubted: Doubted) -> Self {
        let vocabulary = &names.vocabulary;
        let mut found = Self { by_word: vec![NO_MATCH; vocabulary.len() as usize], matching: Vec::new() };
        let letters: Vec<char> = token.text.chars().collect();
        let is_doubted = doubted == Doubted::All || token.prefixed.is_empty();
        match Pattern::new(&letters).filter(|_| is_doubted) {
            Some(pattern) => vocabulary.find_fuzzy(&pattern, |id, fewest, whole| {
                let is_first_right = vocabulary.get(id).starts_with(pattern.first());
                let is_whole = whole == Some(fewest);
                let lacks = if is_first_right { 0 } else { WRONG_FIRST } | if is_whole { 0 } else { PREFIX };
                found.add(id, fewest << 6 | lacks);
            }),
            None => {
                for id in token.prefixed.clone() {
                    found.add(id, if token.exact == Some(id) { 0 } else { PREFIX });
                }
            }
        }
        found
    }

    fn add(&mut self, id: u32, packed: u8) {
        self.by_word[id as usize] = packed;
        self.matching.push(id);
    }

    fn get(&self, id: u32) -> Option<Typos> {
        let packed = Some(self.by_word[id as usize]).filter(|packed| *packed != NO_MATCH)?;
        let flag = |flag| u8::from(packed & flag != 0);
        Some(Typos { errors: packed >> 6, wrong_first: flag(WRONG_FIRST), prefixes: flag(PREFIX), is_inner: false })
    }
}

/// Adds the names that have each word, in any order, with typing errors, at least one. `most` is what a ticker and all less popular ones
/// weigh at most; `hit` makes a hit of a ticker and its weight, or
/// none if it does not count.
pub(super) fn find_names(
    index: &TickerIndex,
    wanted: &Interpretation,
    doubted: Doubted,
    top: &mut TopHits,
    most: impl Fn(Score, u32) -> Score,
    hit: impl Fn(u32, Score) -> Option<Hit>,
) {
    let names = &index.names;
    let mut words = Vec::with_capacity(wanted.tokens.len());
    for token in &wanted.tokens {
        let word = WordTypos::of(names, token, doubted);
        if word.matching.is_empty() {
            return;
        }
        words.push(word);
    }
    let with = |word: &WordTypos| {
        let mut set = Bitset::empty(index.len());
        for id in &word.matching {
            for ticker in names.tickers_of(*id) {
                set.insert(*ticker);
            }
        }
        set
    };
    let Some((first, others)) = words.split_first() else { return };
    let mut candidates = with(first);
    others.iter().for_each(|word| candidates.intersect(&with(word)));
    let best = score::mistyped_name(Typos { errors: 1, ..Typos::default() }, 1.0);
    for ticker in candidates.iter() {
        if top.is_below(most(best, ticker)) {
            break;
        }
        if let Some(found) = weight(names, ticker, &words).and_then(|weight| hit(ticker, weight)) {
            top.push(found);
        }
    }
}

/// The weight of a name, each word of the query at the word that it is most like; `None` without a typing error.
fn weight(names: &Names, ticker: u32, words: &[WordTypos]) -> Option<Score> {
    let name = names.get(ticker);
    let mut total = Typos::default();
    let mut first = 0;
    for (order, word) in words.iter().enumerate() {
        let places = name.iter().enumerate().filter_map(|(at, of_name)| Some((at, word.get(of_name.id())?)));
        let (at, typos) = places.min_by_key(|(at, typos)| (typos.weight(), !name[*at].is_leading()))?;
        if order == 0 {
            first = at;
        }
        total = total + typos;
    }
    total.is_inner = !name[first].is_leading();
    let coverage = words.len() as f32 / telling_words(names, name, first).max(words.len()) as f32;
    (total.errors > 0).then(|| score::mistyped_name(total, coverage))
}

/// Calls `found` with each ticker whose symbol is the code with typing errors, at least one, and the weight of that.
pub(super) fn find_symbols(index: &TickerIndex, code: &str, mut found: impl FnMut(u32, Score)) {
    let letters: Vec<char> = code.chars().collect();
    let Some(pattern) = Pattern::new(&letters) else { return };
    index.symbols.find_fuzzy(&pattern, |of_symbol, errors, is_first_right| {
        if errors > 0 {
            found(of_symbol.ticker, score::mistyped_symbol(errors, is_first_right));
        }
    });
}
