//! What a query may mean: its words as they are, some joined or split, without what need not match, at an exchange.

use super::codes::fold;
use super::index::TickerIndex;
use super::minor_words::is_suffix;
use super::query::Query;
use crate::reference::exchanges::{self, Exchange};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

/// The most ways to split words that are tried.
const MAX_SPLITS: usize = 6;
/// The most letters of a word that is split.
const MAX_SPLIT_LETTERS: usize = 32;

/// A word that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// Its letters.
    pub(super) text: String,
    /// How many.
    pub(super) letters: usize,
    /// The words of the vocabulary that begin with it.
    pub(super) prefixed: Range<u32>,
    /// The word of the vocabulary that it is.
    pub(super) exact: Option<u32>,
    /// Which word of the query it comes from.
    pub(super) typed_word: usize,
}

/// A corporate suffix of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Suffix {
    Whole,
    /// It may be the beginning of another word.
    Partial,
}

/// One meaning of a query.
#[derive(Clone, Debug)]
pub(super) struct Interpretation {
    /// The words that a name must have.
    pub(super) tokens: Vec<Token>,
    /// Whether they must be one after the other, as the query has them in one word.
    pub(super) is_split: bool,
    /// The exchanges one of which the listing must be at, as numbers (see `exchanges::number_of`).
    pub(super) exchanges: Option<Vec<u8>>,
    /// The letters of a symbol, if it can be one.
    pub(super) code: Option<String>,
    /// The suffix that was left out.
    pub(super) shortened_by: Option<Suffix>,
}

impl Interpretation {
    /// The words as they are.
    pub(super) fn of(index: &TickerIndex, words: &[String]) -> Self {
        let tokens = words.iter().zip(0..).map(|(word, at)| token(index, word.clone(), at)).collect();
        Self { tokens, is_split: false, exchanges: None, code: None, shortened_by: None }
    }

    /// Whether each of its words is in the vocabulary, if only as a prefix.
    pub(super) fn is_known(&self) -> bool {
        self.tokens.iter().all(|token| !token.prefixed.is_empty())
    }
}

fn token(index: &TickerIndex, text: String, typed_word: usize) -> Token {
    let vocabulary = &index.names.vocabulary;
    let prefixed = vocabulary.with_prefix(&text);
    // In order, a word precedes those that it is a prefix of.
    let exact = (!prefixed.is_empty() && vocabulary.get(prefixed.start) == text).then_some(prefixed.start);
    Token { letters: text.chars().count(), text, prefixed, exact, typed_word }
}

/// The meanings that are always tried: as it is; without suffixes; without digraphs.
pub(super) fn usual(index: &TickerIndex, query: &Query) -> Vec<Interpretation> {
    let code = |code: &str| (query.may_be_symbol && !code.is_empty()).then(|| code.to_owned());
    let all: Vec<String> = query.words.iter().chain(&query.optional).cloned().collect();
    let mut found = vec![Interpretation { code: code(&query.code), ..Interpretation::of(index, &all) }];
    let shortened_by = left_out(query);
    if shortened_by.is_some() {
        found.push(Interpretation { shortened_by, ..Interpretation::of(index, &query.words) });
    }
    found.extend(without_digraphs(&all).map(|words| Interpretation::of(index, &words)));
    found
}

/// The suffix that is left out where the words of a query are taken without what need not match.
pub(super) fn left_out(query: &Query) -> Option<Suffix> {
    let last = query.optional.last()?;
    Some(if is_suffix(last, false) { Suffix::Whole } else { Suffix::Partial })
}

/// At the exchanges that a word names, with the other words: `sap frankfurt`.
pub(super) fn at_exchanges(index: &TickerIndex, query: &Query) -> Vec<Interpretation> {
    let all: Vec<String> = query.words.iter().chain(&query.optional).cloned().collect();
    let meanings = without_exchange(&all).into_iter().map(|(named, rest)| {
        let code = query.may_be_symbol.then(|| rest.concat());
        Interpretation { code, exchanges: Some(numbers_of(&named)), ..Interpretation::of(index, rest) }
    });
    meanings.collect()
}

/// With `ö` for `oe`: whoever has no such key types `boerse`, and names have `Börse`, which is folded to `borse`.
fn without_digraphs(words: &[String]) -> Option<Vec<String>> {
    let plain = |word: &String| word.replace("ae", "a").replace("oe", "o").replace("ue", "u");
    let plain: Vec<String> = words.iter().map(plain).collect();
    (plain != words).then_some(plain)
}

/// With two or three neighbouring words joined into one that the vocabulary has, or all of them: `jp morgan`, `wal mart`.
pub(super) fn joined(index: &TickerIndex, words: &[String], shortened_by: Option<Suffix>) -> Vec<Interpretation> {
    let singles: Vec<Token> = words.iter().zip(0..).map(|(word, at)| token(index, word.clone(), at)).collect();
    let runs = (0..words.len()).flat_map(|from| (from + 2..=words.len()).map(move |to| from..to));
    let mut found = Vec::new();
    for run in runs.filter(|run| run.len() <= 3 || run.len() == words.len()) {
        let others = || singles[..run.start].iter().chain(&singles[run.end..]);
        // Looking for the joined word is the dearest: only where the others are known.
        if others().any(|other| other.prefixed.is_empty()) {
            continue;
        }
        let one = token(index, words[run.clone()].concat(), run.start);
        if !one.prefixed.is_empty() {
            let tokens = [&singles[..run.start], &[one], &singles[run.end..]].concat();
            found.push(Interpretation { tokens, is_split: false, exchanges: None, code: None, shortened_by });
        }
    }
    found
}

/// With one word split into two or three that the vocabulary has: `cocacola`, `bank ofamerica`.
pub(super) fn split(index: &TickerIndex, words: &[String]) -> Vec<Interpretation> {
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate().filter(|(_, word)| word.len() <= MAX_SPLIT_LETTERS) {
        for parts in splits(index, word, 3) {
            let last = parts.len() - 1;
            let part = |(order, part): (usize, &str)| {
                let part = token(index, part.to_owned(), at);
                // Only the last part may be the beginning of a word.
                let whole = part.exact.filter(|_| order < last).map(|id| id..id + 1);
                Token { prefixed: whole.unwrap_or_else(|| part.prefixed.clone()), ..part }
            };
            let parts = parts.into_iter().enumerate().map(part);
            let single = |at: usize| token(index, words[at].clone(), at);
            let tokens: Vec<Token> =
                (0..at).map(single).chain(parts).chain((at + 1..words.len()).map(single)).collect();
            found.push(Interpretation { tokens, is_split: true, exchanges: None, code: None, shortened_by: None });
        }
    }
    found.truncate(MAX_SPLITS);
    found
}

/// The ways to write a text as up to `max_parts` words of the vocabulary, at least two, of which the last may be the beginning of one.
fn splits<'a>(index: &TickerIndex, text: &'a str, max_parts: usize) -> Vec<Vec<&'a str>> {
    let vocabulary = &index.names.vocabulary;
    let ends = text.char_indices().map(|(at, _)| at).skip(1);
    let mut found = Vec::new();
    for (first, rest) in ends.map(|at| text.split_at(at)).filter(|(first, _)| vocabulary.find(first).is_some()) {
        if !vocabulary.with_prefix(rest).is_empty() {
            found.push(vec![first, rest]);
        }
        if max_parts > 2 {
            found.extend(splits(index, rest, max_parts - 1).into_iter().map(|more| [vec![first], more].concat()));
        }
    }
    found
}

/// The fewest tickers that have a word which is split off, so that it is one that people know.
const MIN_TICKERS_OF_SPLIT_WORD: usize = 20;

/// With a known word split off a word that the vocabulary does not have, so that the rest can have typing errors.
pub(super) fn split_with_typos(index: &TickerIndex, words: &[String]) -> Vec<Interpretation> {
    let vocabulary = &index.names.vocabulary;
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate().filter(|(_, word)| word.is_ascii() && word.len() <= MAX_SPLIT_LETTERS) {
        let parts = (2..word.len().saturating_sub(3)).map(|middle| word.split_at(middle));
        let is_common = |word: &str| {
            vocabulary.find(word).is_some_and(|id| index.names.tickers_of(id).len() >= MIN_TICKERS_OF_SPLIT_WORD)
        };
        for (first, rest) in parts.filter(|(first, _)| is_common(first)) {
            let parts = words[..at].iter().map(String::as_str).chain([first, rest]);
            let parts: Vec<String> =
                parts.chain(words[at + 1..].iter().map(String::as_str)).map(str::to_owned).collect();
            found.push(Interpretation { is_split: true, ..Interpretation::of(index, &parts) });
        }
    }
    found.truncate(MAX_SPLITS);
    found
}

/// The exchanges that the first or last word names, or the last two, each with the other words.
fn without_exchange(words: &[String]) -> Vec<(Vec<&'static Exchange>, &[String])> {
    let mut found = Vec::new();
    let mut add = |name: &[String], rest| {
        let named = exchanges_named(&name.concat());
        if !named.is_empty() {
            found.push((named.to_vec(), rest));
        }
    };
    if let Some((last, rest)) = words.split_last().filter(|(_, rest)| !rest.is_empty()) {
        add(std::slice::from_ref(last), rest);
        add(&words[..1], &words[1..]);
        if rest.len() > 1 {
            let (rest, name) = words.split_at(words.len() - 2);
            add(name, rest);
        }
    }
    found
}

/// The exchanges with this name, city or code.
fn exchanges_named(folded: &str) -> &'static [&'static Exchange] {
    static BY_NAME: LazyLock<HashMap<String, Vec<&'static Exchange>>> = LazyLock::new(|| {
        let mut by_name: HashMap<String, Vec<&'static Exchange>> = HashMap::new();
        for exchange in exchanges::all() {
            let mut names: Vec<String> =
                [exchange.city, exchange.mic].iter().chain(exchange.names).map(|name| fold(name)).collect();
            names.sort_unstable();
            names.dedup();
            names.into_iter().for_each(|name| by_name.entry(name).or_default().push(exchange));
        }
        by_name
    });
    BY_NAME.get(folded).map_or(&[], Vec::as_slice)
}

/// The numbers of exchanges (see `exchanges::number_of`).
pub(super) fn numbers_of(exchanges: &[&Exchange]) -> Vec<u8> {
    exchanges.iter().map(|exchange| exchanges::number_of(Some(exchange.mic))).collect()
}
