//! The names of the catalogue as numbers: each different word once, with the tickers that have it, and each name as a
//! sequence of words.
//!
//! Deliberately absent: the order of results.

use super::bitset::Bitset;
use super::minor_words::is_minor;
use super::name::NameWord;
use super::sorted_texts::SortedTexts;
use std::collections::HashMap;
use std::ops::Range;

/// The most words of a name that are searched: their positions are the bits of a `u64`.
pub(super) const MAX_WORDS: usize = 64;

/// A word of a name: its position in the vocabulary, and what it is there.
#[derive(Clone, Copy)]
pub(super) struct Word(u32);

impl Word {
    const INNER: u32 = 1 << 31;
    const LEADING: u32 = 1 << 30;
    const FIRST_OF_ALIAS: u32 = 1 << 29;
    const ID: u32 = Self::FIRST_OF_ALIAS - 1;

    /// Its position in the vocabulary.
    pub(super) fn id(self) -> u32 {
        self.0 & Self::ID
    }

    /// Whether it is the end of the word before.
    pub(super) fn is_inner(self) -> bool {
        self.0 & Self::INNER != 0
    }

    /// Whether a name begins with it.
    pub(super) fn is_leading(self) -> bool {
        self.0 & Self::LEADING != 0
    }

    /// Whether another name of the company begins here.
    pub(super) fn is_first_of_alias(self) -> bool {
        self.0 & Self::FIRST_OF_ALIAS != 0
    }
}

/// All names, in the order of the tickers.
#[derive(Default)]
pub(super) struct Names {
    /// The different words.
    pub(super) vocabulary: SortedTexts,
    /// Which of them say little (see `minor_words`).
    minor: Bitset,
    /// Where each word's tickers end in `tickers`.
    ticker_ends: Vec<u32>,
    /// The tickers of each word, ascending.
    tickers: Vec<u32>,
    words: Vec<Word>,
    /// Where each name ends in `words`.
    word_ends: Vec<u32>,
}

/// Collects names, each word as the number of its first use.
#[derive(Default)]
pub(super) struct NamesBuilder {
    numbers: HashMap<Box<str>, u32>,
    words: Vec<Word>,
    word_ends: Vec<u32>,
}

impl NamesBuilder {
    /// Adds the name of the next ticker, and its other names.
    pub(super) fn push(&mut self, name: &[NameWord], aliases: &[Vec<NameWord>]) {
        let from = self.words.len();
        for (words, is_alias) in
            std::iter::once((name, false)).chain(aliases.iter().map(|alias| (alias.as_slice(), true)))
        {
            for (at, word) in words.iter().enumerate().take(MAX_WORDS - (self.words.len() - from)) {
                let next = self.numbers.len() as u32;
                let number = match self.numbers.get(word.text.as_str()) {
                    Some(number) => *number,
                    None => *self.numbers.entry(word.text.as_str().into()).or_insert(next),
                };
                let flag = |holds, flag| if holds { flag } else { 0 };
                self.words.push(Word(
                    number
                        | flag(word.is_inner, Word::INNER)
                        | flag(word.is_leading, Word::LEADING)
                        | flag(is_alias && at == 0, Word::FIRST_OF_ALIAS),
                ));
            }
        }
        self.word_ends.push(self.words.len() as u32);
    }

    /// The names, with the tickers in this order: for each position the number of the name that was pushed.
    pub(super) fn build(self, order: &[u32]) -> Names {
        let mut texts: Vec<(&str, u32)> = self.numbers.iter().map(|(text, number)| (&**text, *number)).collect();
        texts.sort_unstable();
        let mut names = Names { minor: Bitset::empty(texts.len()), ..Names::default() };
        let mut ids = vec![0; texts.len()];
        for (text, number) in &texts {
            let id = names.vocabulary.push(text);
            ids[*number as usize] = id;
            if is_minor(text) {
                names.minor.insert(id);
            }
        }
        names.vocabulary.shrink();
        names.words.reserve_exact(self.words.len());
        names.word_ends.reserve_exact(order.len());
        let mut counts = vec![0_u32; texts.len() + 1];
        for number in order {
            let words = &self.words[range(&self.word_ends, *number)];
            let from = names.words.len();
            names.words.extend(words.iter().map(|word| Word(word.0 & !Word::ID | ids[word.id() as usize])));
            names.word_ends.push(names.words.len() as u32);
            each_once(&names.words[from..], |id| counts[id as usize] += 1);
        }
        // Counting sort: where each word's tickers begin, then the tickers, then that is where they end.
        let mut total = 0;
        for count in counts {
            names.ticker_ends.push(total);
            total += count;
        }
        names.tickers = vec![0; total as usize];
        for ticker in 0..order.len() as u32 {
            each_once(&names.words[range(&names.word_ends, ticker)], |id| {
                let end = &mut names.ticker_ends[id as usize];
                names.tickers[*end as usize] = ticker;
                *end += 1;
            });
        }
        names
    }
}

/// Calls `found` with each different word of a name.
fn each_once(words: &[Word], mut found: impl FnMut(u32)) {
    for (at, word) in words.iter().enumerate() {
        if words[..at].iter().all(|before| before.id() != word.id()) {
            found(word.id());
        }
    }
}

fn range(ends: &[u32], at: u32) -> Range<usize> {
    let from = (at as usize).checked_sub(1).map_or(0, |before| ends[before]);
    from as usize..ends[at as usize] as usize
}

impl Names {
    /// The words of a ticker's name, then those of its other names.
    pub(super) fn get(&self, ticker: u32) -> &[Word] {
        &self.words[range(&self.word_ends, ticker)]
    }

    /// Whether a word says little.
    pub(super) fn is_minor(&self, id: u32) -> bool {
        self.minor.contains(id)
    }

    /// The tickers with a word.
    pub(super) fn tickers_of(&self, id: u32) -> &[u32] {
        &self.tickers[range(&self.ticker_ends, id)]
    }

    /// The tickers with any of these words: those of each word ascending, so that one may come more than once.
    pub(super) fn tickers_of_any(&self, ids: &Range<u32>) -> &[u32] {
        if ids.is_empty() {
            return &[];
        }
        let (first, last) = (range(&self.ticker_ends, ids.start), range(&self.ticker_ends, ids.end - 1));
        &self.tickers[first.start..last.end]
    }
}
