//! The order of results: the tiers, and what is better inside of one.
//!
//! Deliberately absent: scores. A result is in a tier, has a place in it, and then goes by rank; no weight to tune can
//! bring it over the edge of its tier.

use super::bitset::Bits;
use super::index::TickerIndex;
use super::prefix_tree::At;
use super::query::{Query, Word};
use super::typo_matching;
use super::word_index::{Layout, Scratch};
use std::collections::HashMap;

/// The fewest letters that are looked for in ISINs; two of them are a country.
const MIN_ISIN: usize = 4;

/// Typing errors are looked for where fewer results than this are without.
const ENOUGH: usize = 5;

/// How a ticker was found, the better first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    /// The query is the symbol.
    Symbol,
    /// The symbol begins with it.
    SymbolPrefix,
    /// Its words start words of the name.
    Words,
    /// The ISIN begins with it.
    Isin,
    /// It is mistyped.
    Mistyped,
}

/// A result. The order of hits is the order of results: by tier, by place in the tier, by rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hit {
    pub(super) tier: Tier,
    /// Lower is better.
    pub(super) place: u8,
    /// Tickers are in the order of their ranks.
    pub(super) ticker: u32,
}

/// All results of a query, each ticker once, in no order.
pub(super) fn find(index: &TickerIndex, query: &Query) -> Vec<Hit> {
    let mut found = Found { hits: Vec::new(), seen: Bits::empty(index.len()) };
    if query.may_be_symbol {
        find_symbols(index, query, &mut found);
    }
    let scratch = &mut Scratch::default();
    find_words(index, &query.words, &query.optional, scratch, &mut found);
    if let (true, Some(words)) = (found.hits.is_empty(), query.without_growing()) {
        find_words(index, words, &[], scratch, &mut found);
    }
    if query.code.len() >= MIN_ISIN
        && let Some(at) = index.isins.follow(index.isins.root(), &query.code)
    {
        index.isins.below(at).iter().for_each(|code| found.push(Tier::Isin, 0, code.ticker));
    }
    if found.hits.len() < ENOUGH {
        for (ticker, cost) in typo_matching::costs(index, query) {
            found.push(Tier::Mistyped, cost, ticker);
        }
    }
    found.hits
}

struct Found {
    hits: Vec<Hit>,
    seen: Bits,
}

impl Found {
    /// Adds a result, unless its ticker is one already.
    fn push(&mut self, tier: Tier, place: u8, ticker: u32) {
        if self.seen.insert(ticker) {
            self.hits.push(Hit { tier, place, ticker });
        }
    }
}

fn find_symbols(index: &TickerIndex, query: &Query, found: &mut Found) {
    let Some(at) = index.symbols.follow(index.symbols.root(), &query.code) else { return };
    for code in index.symbols.exactly(at) {
        // `INN.PF` and `INNPF` are one to a search, but not two to whoever typed one of them.
        let differs = query.symbol.as_ref() != Some(index.symbol(code.ticker));
        found.push(Tier::Symbol, u8::from(differs), code.ticker);
    }
    index.symbols.below(at).iter().for_each(|code| found.push(Tier::SymbolPrefix, 0, code.ticker));
}

fn find_words(index: &TickerIndex, words: &[Word], optional: &[Word], scratch: &mut Scratch, found: &mut Found) {
    if let ([word], []) = (words, optional) {
        // By far the most queries, and the ones with the most results: the tree alone answers them.
        let Some(at) = index.name_starts.follow(index.name_starts.root(), word) else { return };
        let starts = || index.name_starts.below(at).iter();
        let (head, inside) = (Layout::Verbatim as u8, Layout::Consecutive as u8);
        starts().filter(|start| start.head).for_each(|start| found.push(Tier::Words, head, start.ticker));
        starts().for_each(|start| found.push(Tier::Words, inside, start.ticker));
        return;
    }
    for ticker in candidates(index, words).iter() {
        let name = index.names.get(ticker);
        if let Some(layout) = name.arrange(words, scratch) {
            let has_more = optional.is_empty() || optional.iter().any(|word| name.has(word));
            let place = layout as u8 + if has_more { 0 } else { Layout::Any as u8 + 1 };
            found.push(Tier::Words, place, ticker);
        }
    }
}

/// The tickers in whose names each of the words, or some neighbours of them written as one, start a word.
fn candidates(index: &TickerIndex, words: &[Word]) -> Bits {
    // At `n` are those that have the first n words; from there each longer run of words brings some further.
    let mut having = vec![Bits::empty(index.len()); words.len() + 1];
    having[0] = Bits::full(index.len());
    let tree = &index.name_starts;
    let mut runs: HashMap<At, Bits> = HashMap::new();
    for from in 0..words.len() {
        let (before, after) = having.split_at_mut(from + 1);
        if before[from].is_empty() {
            continue;
        }
        let mut at = tree.root();
        for (word, after) in words[from..].iter().zip(after) {
            let Some(next) = tree.follow(at, word) else { break };
            at = next;
            let starting = || Bits::of(index.len(), tree.below(at).iter().map(|start| start.ticker));
            after.add_common(&before[from], runs.entry(at).or_insert_with(starting));
        }
    }
    having.pop().unwrap_or_else(|| Bits::empty(0))
}
