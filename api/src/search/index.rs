//! The search index of a catalogue: its tickers in order of rank, and a prefix tree each for symbols, ISINs and words of
//! names.

use super::name::Names;
use super::prefix_tree::PrefixTree;
use super::query::{Word, fold};
use super::{aliases, normalize};
use std::collections::HashMap;
use std::sync::Arc;
use watchtape_shared::Symbol;
use watchtape_shared::ticker::Ticker;

/// A searchable catalogue. Within this module a ticker is a `u32`: its position in the order of ranks.
pub struct TickerIndex {
    tickers: Vec<Arc<Ticker>>,
    by_symbol: HashMap<Symbol, u32>,
    by_isin: HashMap<Box<str>, Vec<u32>>,
    pub(super) symbols: PrefixTree<Code>,
    pub(super) isins: PrefixTree<Code>,
    pub(super) name_words: PrefixTree<NameWord>,
    pub(super) names: Names,
}

/// The value of a symbol or an ISIN in its tree.
pub(super) struct Code {
    pub(super) ticker: u32,
}

/// The value of a word of a name in the tree, whose text is the name from that word on.
pub(super) struct NameWord {
    pub(super) ticker: u32,
    /// Whether the word is a leading one (see `Name::leading`).
    pub(super) is_leading: bool,
}

impl TickerIndex {
    /// Builds the index. Of tickers with the same symbol, `get` returns the one with the best rank.
    pub fn new(mut tickers: Vec<Arc<Ticker>>) -> Self {
        tickers.sort_by_key(|ticker| (ticker.rank, ticker.symbol));
        let mut names = Names::default();
        let mut by_symbol = HashMap::with_capacity(tickers.len());
        let mut by_isin = HashMap::<Box<str>, Vec<u32>>::new();
        let (mut symbols, mut isins) = (Vec::new(), Vec::new());
        for (position, ticker) in (0..).zip(&tickers) {
            let symbol = ticker.symbol.as_str();
            names.push(&ticker.name, aliases::names_of(symbol));
            by_symbol.entry(ticker.symbol).or_insert(position);
            if let Some(isin) = &ticker.isin {
                by_isin.entry(isin.as_str().into()).or_default().push(position);
            }
            symbols.push((fold(&normalize::letters(symbol)), position));
            isins.extend(ticker.isin.as_deref().map(|isin| (fold(&normalize::letters(isin)), position)));
        }
        let name_words = (0..tickers.len() as u32).flat_map(|ticker| {
            let name = names.get(ticker);
            name.words().map(move |(at, is_leading)| (&name.letters[at..], NameWord { ticker, is_leading }))
        });
        let name_words = PrefixTree::new(name_words.collect());
        Self { by_symbol, by_isin, symbols: codes(&symbols), isins: codes(&isins), name_words, names, tickers }
    }

    /// The ticker with exactly this symbol.
    pub fn get(&self, symbol: &Symbol) -> Option<&Arc<Ticker>> {
        self.by_symbol.get(symbol).map(|position| &self.tickers[*position as usize])
    }

    /// The tickers with exactly this ISIN, in any case; several where it stands for classes of shares.
    pub fn with_isin(&self, isin: &str) -> impl Iterator<Item = &Arc<Ticker>> {
        let positions = self.by_isin.get(isin.to_ascii_uppercase().as_str());
        positions.into_iter().flatten().map(|position| &self.tickers[*position as usize])
    }

    /// The number of tickers.
    pub fn len(&self) -> usize {
        self.tickers.len()
    }

    /// Whether the catalogue is empty.
    pub fn is_empty(&self) -> bool {
        self.tickers.is_empty()
    }

    /// The tickers, best rank first.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Ticker>> {
        self.tickers.iter()
    }

    /// The ticker at a position.
    pub(super) fn ticker(&self, position: u32) -> &Arc<Ticker> {
        &self.tickers[position as usize]
    }

    /// The symbol of a ticker.
    pub(super) fn symbol(&self, ticker: u32) -> &Symbol {
        &self.tickers[ticker as usize].symbol
    }
}

fn codes(folded: &[(Word, u32)]) -> PrefixTree<Code> {
    PrefixTree::new(folded.iter().map(|(code, ticker)| (code.as_slice(), Code { ticker: *ticker })).collect())
}
