//! The index over a catalogue: its tickers, and the trees in which they are found.

use super::name::Names;
use super::prefix_tree::Tree;
use super::query::{Word, spell};
use super::{aliases, normalize};
use std::collections::HashMap;
use std::sync::Arc;
use watchtape_shared::Symbol;
use watchtape_shared::ticker::Ticker;

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

    /// The ticker at a place in the order of ranks.
    pub(super) fn ticker(&self, place: u32) -> &Arc<Ticker> {
        &self.tickers[place as usize]
    }

    /// The symbol of a ticker.
    pub(super) fn symbol(&self, ticker: u32) -> &Symbol {
        &self.tickers[ticker as usize].symbol
    }
}

fn codes(spelt: &[(Word, u32)]) -> Tree<Code> {
    Tree::new(spelt.iter().map(|(code, ticker)| (code.as_slice(), Code { ticker: *ticker })).collect())
}
