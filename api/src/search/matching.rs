//! Matching and the order of results: by tier, by order within the tier, by rank.
//!
//! Deliberately absent: scores. No weight can move a result into another tier.

use super::bitset::Bitset;
use super::index::TickerIndex;
use super::prefix_tree::NodeId;
use super::query::{Query, Word};
use super::typo_matching;
use super::word_layout::{Layout, Scratch};
use std::collections::HashMap;

/// The shortest query that is matched against ISINs, whose first two letters are a country.
const MIN_ISIN_LETTERS: usize = 4;

/// Fuzzy matches are added to fewer exact results than this.
const MIN_EXACT_RESULTS: usize = 5;

/// How a ticker matched, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    /// The query equals the symbol.
    Symbol,
    /// The symbol begins with the query.
    SymbolPrefix,
    /// Each word of the query is a prefix of a word of the name.
    Words,
    /// The ISIN begins with the query.
    Isin,
    /// The symbol or the name matches with typing errors.
    Fuzzy,
}

/// A result. The derived order is the order of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hit {
    pub(super) tier: Tier,
    /// The order within the tier: lower is better.
    pub(super) order: u8,
    /// The ticker's position, which is its order by rank.
    pub(super) ticker: u32,
}

/// All hits of a query, each ticker once in its best tier, unsorted.
pub(super) fn find(index: &TickerIndex, query: &Query) -> Vec<Hit> {
    let mut hits = Hits { list: Vec::new(), seen: Bitset::empty(index.len()) };
    if query.may_be_symbol {
        find_symbols(index, query, &mut hits);
    }
    let scratch = &mut Scratch::default();
    find_words(index, &query.words, &query.optional, scratch, &mut hits);
    if let (true, Some(words)) = (hits.list.is_empty(), query.without_partial_suffix()) {
        find_words(index, words, &[], scratch, &mut hits);
    }
    if query.code.len() >= MIN_ISIN_LETTERS
        && let Some(at) = index.isins.descend(index.isins.root(), &query.code)
    {
        index.isins.values_below(at).iter().for_each(|code| hits.push(Tier::Isin, 0, code.ticker));
    }
    if hits.list.len() < MIN_EXACT_RESULTS {
        for (ticker, cost) in typo_matching::costs(index, query) {
            hits.push(Tier::Fuzzy, cost, ticker);
        }
    }
    hits.list
}

struct Hits {
    list: Vec<Hit>,
    seen: Bitset,
}

impl Hits {
    /// Adds a hit, unless its ticker has one.
    fn push(&mut self, tier: Tier, order: u8, ticker: u32) {
        if self.seen.insert(ticker) {
            self.list.push(Hit { tier, order, ticker });
        }
    }
}

fn find_symbols(index: &TickerIndex, query: &Query, hits: &mut Hits) {
    let Some(at) = index.symbols.descend(index.symbols.root(), &query.code) else { return };
    for code in index.symbols.values_at(at) {
        // `INN.PF` and `INNPF` fold to the same letters: the one that was typed comes first.
        let differs = query.symbol.as_ref() != Some(index.symbol(code.ticker));
        hits.push(Tier::Symbol, u8::from(differs), code.ticker);
    }
    index.symbols.values_below(at).iter().for_each(|code| hits.push(Tier::SymbolPrefix, 0, code.ticker));
}

fn find_words(index: &TickerIndex, words: &[Word], optional: &[Word], scratch: &mut Scratch, hits: &mut Hits) {
    if let ([word], []) = (words, optional) {
        // The most frequent queries, with the most results: the tree alone answers them.
        let Some(at) = index.name_words.descend(index.name_words.root(), word) else { return };
        let starts = || index.name_words.values_below(at).iter();
        let (leading, inner) = (Layout::Verbatim as u8, Layout::Consecutive as u8);
        starts().filter(|start| start.is_leading).for_each(|start| hits.push(Tier::Words, leading, start.ticker));
        starts().for_each(|start| hits.push(Tier::Words, inner, start.ticker));
        return;
    }
    for ticker in candidates(index, words).iter() {
        let name = index.names.get(ticker);
        if let Some(layout) = name.best_layout(words, scratch) {
            let has_optional = optional.is_empty() || optional.iter().any(|word| name.has_word(word));
            let order = layout as u8 + if has_optional { 0 } else { Layout::Any as u8 + 1 };
            hits.push(Tier::Words, order, ticker);
        }
    }
}

/// The tickers whose names have each word, or a run of neighbouring words written as one, as a prefix of a word.
fn candidates(index: &TickerIndex, words: &[Word]) -> Bitset {
    // Dynamic programming: `having[n]` are the tickers with the first n words; each run of words extends one entry to a later one.
    let mut having = vec![Bitset::empty(index.len()); words.len() + 1];
    having[0] = Bitset::full(index.len());
    let tree = &index.name_words;
    let mut runs: HashMap<NodeId, Bitset> = HashMap::new();
    for from in 0..words.len() {
        let (before, after) = having.split_at_mut(from + 1);
        if before[from].is_empty() {
            continue;
        }
        let mut at = tree.root();
        for (word, after) in words[from..].iter().zip(after) {
            let Some(next) = tree.descend(at, word) else { break };
            at = next;
            let starting = || Bitset::of(index.len(), tree.values_below(at).iter().map(|start| start.ticker));
            after.add_intersection(&before[from], runs.entry(at).or_insert_with(starting));
        }
    }
    having.pop().unwrap_or_else(|| Bitset::empty(0))
}
