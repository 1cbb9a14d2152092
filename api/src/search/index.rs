//! The index over a catalogue, and the one way to ask it.
//!
//! Deliberately absent: limits on a query or a page; the handler has those.

use super::highlight::mark;
use super::matching::{self, Hit};
use super::name::Names;
use super::prefix_tree::Tree;
use super::query::{Query, Word, spell};
use super::{aliases, normalize};
use std::collections::HashMap;
use std::sync::Arc;
use watchtape_shared::Symbol;
use watchtape_shared::ticker::{Matched, Ticker};

/// A catalogue, ready to be searched. Inside, a ticker is its place in the order of ranks.
pub struct TickerIndex {
    tickers: Vec<Arc<Ticker>>,
    by_symbol: HashMap<Symbol, u32>,
    pub(super) symbols: Tree<Code>,
    pub(super) isins: Tree<Code>,
    pub(super) name_starts: Tree<NameStart>,
    pub(super) names: Names,
}

/// A symbol or an ISIN in its tree.
pub(super) struct Code {
    pub(super) ticker: u32,
}

/// Where a word starts in a name, in the tree of what follows from there.
pub(super) struct NameStart {
    pub(super) ticker: u32,
    /// Whether the name may be taken to begin here.
    pub(super) head: bool,
}

/// Part of the results of a search.
#[derive(Clone, Debug)]
pub struct SearchPage {
    /// The results, best first, each with what of it was found; none where the query was empty.
    pub matches: Vec<(Arc<Ticker>, Option<Matched>)>,
    /// Whether there are results behind these.
    pub more: bool,
}

impl TickerIndex {
    /// Builds the index. Of tickers with the same symbol, `get` knows the one with the best rank.
    pub fn new(mut tickers: Vec<Arc<Ticker>>) -> Self {
        tickers.sort_by_key(|ticker| (ticker.rank, ticker.symbol));
        let mut names = Names::default();
        let mut by_symbol = HashMap::with_capacity(tickers.len());
        let (mut symbols, mut isins) = (Vec::new(), Vec::new());
        for (place, ticker) in (0..).zip(&tickers) {
            let symbol = ticker.symbol.as_str();
            names.push(&ticker.name, aliases::names_of(symbol));
            by_symbol.entry(ticker.symbol).or_insert(place);
            symbols.push((spell(&normalize::letters(symbol)), place));
            isins.extend(ticker.isin.as_deref().map(|isin| (spell(&normalize::letters(isin)), place)));
        }
        let name_starts = (0..tickers.len() as u32).flat_map(|ticker| {
            let name = names.get(ticker);
            name.words().map(move |(at, head)| (&name.letters[at..], NameStart { ticker, head }))
        });
        let name_starts = Tree::new(name_starts.collect());
        Self { by_symbol, symbols: codes(&symbols), isins: codes(&isins), name_starts, names, tickers }
    }

    /// The ticker with exactly this symbol.
    pub fn get(&self, symbol: &Symbol) -> Option<&Arc<Ticker>> {
        self.by_symbol.get(symbol).map(|place| &self.tickers[*place as usize])
    }

    /// The results of a query from `offset`, at most `limit` of them. A blank query finds everything.
    pub fn search(&self, query: &str, offset: usize, limit: usize) -> SearchPage {
        let end = offset.saturating_add(limit);
        if query.trim().is_empty() {
            let page = self.tickers.iter().skip(offset).take(limit);
            let matches = page.map(|ticker| (Arc::clone(ticker), None)).collect();
            return SearchPage { matches, more: end < self.len() };
        }
        let Some(query) = Query::parse(query) else {
            return SearchPage { matches: Vec::new(), more: false };
        };
        let mut hits = matching::find(self, &query);
        let more = end < hits.len();
        if more {
            hits.select_nth_unstable(end);
            hits.truncate(end);
        }
        hits.sort_unstable();
        let found = |hit: &Hit| {
            let ticker = &self.tickers[hit.ticker as usize];
            (Arc::clone(ticker), Some(mark(ticker, self.names.get(hit.ticker), &query, hit)))
        };
        SearchPage { matches: hits.iter().skip(offset).map(found).collect(), more }
    }

    /// How many tickers there are.
    pub fn len(&self) -> usize {
        self.tickers.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.tickers.is_empty()
    }

    /// The tickers, best rank first.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Ticker>> {
        self.tickers.iter()
    }

    /// The symbol of a ticker.
    pub(super) fn symbol(&self, ticker: u32) -> &Symbol {
        &self.tickers[ticker as usize].symbol
    }
}

fn codes(spelt: &[(Word, u32)]) -> Tree<Code> {
    Tree::new(spelt.iter().map(|(code, ticker)| (code.as_slice(), Code { ticker: *ticker })).collect())
}
