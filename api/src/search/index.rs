//! The search index of a catalogue: its listings with the popular ones first, and sorted texts of their symbols, ISINs and
//! words of names.

use super::codes::{Codes, CodesBuilder};
use super::companies::{self, CompaniesBuilder, CountryVotes};
use super::names::{Names, NamesBuilder};
use super::score::{Popularity, popularity};
use super::{aliases, name};
use crate::reference::exchanges;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use watchtape_shared::Symbol;
use watchtape_shared::ticker::{SecurityClass, Ticker};

/// A searchable catalogue. Within this module a ticker is a `u32`: its position, where the popular ones come first.
pub struct TickerIndex {
    tickers: Vec<Arc<Ticker>>,
    by_symbol: HashMap<Symbol, u32>,
    /// What is no longer listed: it can be read, and is not found by a search.
    delisted: HashMap<Symbol, Arc<Ticker>>,
    /// The tickers by rank.
    by_rank: Vec<u32>,
    /// For each ticker what it has for being well known.
    pub(super) popularity: Vec<Popularity>,
    /// For each ticker its exchange, as a number (see `exchanges::number_of`).
    pub(super) exchanges: Vec<u8>,
    /// For each number of an exchange, whether a ticker is there.
    has_exchange: Vec<bool>,
    /// For each ticker its class.
    pub(super) classes: Vec<SecurityClass>,
    /// The tickers by company, the home listing first, and where each ticker's company is in them.
    listings: Vec<u32>,
    company_starts: Vec<u32>,
    pub(super) symbols: Codes,
    pub(super) isins: Codes,
    pub(super) names: Names,
}

impl TickerIndex {
    /// Builds the index. Of tickers with the same symbol, `get` returns the one with the best rank.
    pub fn new(tickers: Vec<Arc<Ticker>>) -> Self {
        let (delisted, mut tickers): (Vec<_>, Vec<_>) = tickers.into_iter().partition(|ticker| ticker.delisted);
        let delisted = delisted.into_iter().map(|ticker| (ticker.symbol, ticker)).collect();
        tickers.sort_by_key(|ticker| (ticker.rank, ticker.symbol));
        let (mut names, mut companies) = (NamesBuilder::default(), CompaniesBuilder::default());
        for ticker in &tickers {
            let words = name::words(&ticker.name);
            let aliases: Vec<_> = aliases::names_of(ticker.symbol.as_str()).map(name::words).collect();
            companies.push(ticker, &words, &aliases);
            names.push(&words, &aliases);
        }
        let companies = companies.build();
        let listings = sorted_by_company(&tickers, |at| companies.of(at));
        let popularity = popularities(&tickers, &listings, |at| companies.of(at));

        // From here on in the order of popularity: of equally popular ones, as they are by rank.
        let mut order: Vec<u32> = (0..tickers.len() as u32).collect();
        order.sort_by_key(|at| Reverse(popularity[*at as usize]));
        let mut positions = vec![0; order.len()];
        order.iter().zip(0..).for_each(|(at, position)| positions[*at as usize] = position);
        let names = names.build(&order);
        let popularity: Vec<Popularity> = order.iter().map(|at| popularity[*at as usize]).collect();
        let listings: Vec<u32> = listings.into_iter().map(|at| positions[at as usize]).collect();
        let company_of = |position: u32| companies.of(order[position as usize]);
        let mut company_starts = vec![0; order.len()];
        let mut start = 0;
        for (at, position) in listings.iter().enumerate() {
            if at > 0 && company_of(listings[at - 1]) != company_of(*position) {
                start = at as u32;
            }
            company_starts[*position as usize] = start;
        }
        let tickers: Vec<Arc<Ticker>> = order.iter().map(|at| Arc::clone(&tickers[*at as usize])).collect();
        let mut by_symbol = HashMap::with_capacity(tickers.len());
        let (mut symbols, mut isins) = (CodesBuilder::default(), CodesBuilder::default());
        for position in &positions {
            let ticker = &tickers[*position as usize];
            by_symbol.entry(ticker.symbol).or_insert(*position);
            symbols.push(ticker.symbol.as_str(), *position);
            if let Some(isin) = ticker.isin.as_deref() {
                isins.push(isin, *position);
            }
        }
        let exchanges: Vec<u8> = tickers.iter().map(|ticker| exchanges::number_of(ticker.mic.as_deref())).collect();
        let mut has_exchange = vec![false; usize::from(u8::MAX) + 1];
        exchanges.iter().for_each(|number| has_exchange[usize::from(*number)] = true);
        Self {
            by_symbol,
            delisted,
            by_rank: positions,
            popularity,
            exchanges,
            has_exchange,
            classes: tickers.iter().map(|ticker| ticker.class).collect(),
            listings,
            company_starts,
            symbols: symbols.build(),
            isins: isins.build(),
            names,
            tickers,
        }
    }

    /// The ticker with exactly this symbol, also a delisted one.
    pub fn get(&self, symbol: &Symbol) -> Option<&Arc<Ticker>> {
        let listed = self.by_symbol.get(symbol).map(|position| &self.tickers[*position as usize]);
        listed.or_else(|| self.delisted.get(symbol))
    }

    /// The tickers with exactly this ISIN, in any case; several where it stands for classes of shares or exchanges.
    pub fn with_isin(&self, isin: &str) -> impl Iterator<Item = &Arc<Ticker>> {
        let found = self.isins.equal_to(isin).map(|code| self.ticker(code.ticker));
        found.filter(move |ticker| ticker.isin.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(isin)))
    }

    /// The listings of a ticker's company, the home listing first; the ticker itself is among them unless it is delisted.
    pub fn listings(&self, symbol: &Symbol) -> impl Iterator<Item = &Arc<Ticker>> {
        let own = self.by_symbol.get(symbol).map(|position| self.company_starts[*position as usize]);
        let all = own.map_or(&[][..], |start| &self.listings[start as usize..]);
        let same = move |position: &&u32| Some(self.company_starts[**position as usize]) == own;
        all.iter().take_while(same).map(|position| self.ticker(*position))
    }

    /// Whether it has anything of an exchange.
    pub fn has_exchange(&self, mic: &str) -> bool {
        self.has_exchange[usize::from(exchanges::number_of(Some(mic)))]
    }

    /// The number of tickers that are listed.
    pub fn len(&self) -> usize {
        self.tickers.len()
    }

    /// Whether none is listed.
    pub fn is_empty(&self) -> bool {
        self.tickers.is_empty()
    }

    /// The tickers that are listed, best rank first.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Ticker>> {
        self.by_rank.iter().map(|position| self.ticker(*position))
    }

    /// The ticker at a position.
    pub(super) fn ticker(&self, position: u32) -> &Arc<Ticker> {
        &self.tickers[position as usize]
    }

    /// The home listing of a ticker's company.
    pub(super) fn home(&self, ticker: u32) -> u32 {
        self.listings[self.company_starts[ticker as usize] as usize]
    }

    /// The position of a symbol.
    pub(super) fn position(&self, symbol: &Symbol) -> Option<u32> {
        self.by_symbol.get(symbol).copied()
    }
}

/// The tickers by company, the home listing of each first, then by rank.
fn sorted_by_company(tickers: &[Arc<Ticker>], company: impl Fn(u32) -> u32) -> Vec<u32> {
    let mut countries: HashMap<u32, CountryVotes> = HashMap::new();
    for (ticker, at) in tickers.iter().zip(0..) {
        countries.entry(company(at)).or_default().add(ticker);
    }
    let key = |at: &u32| {
        let company = company(*at);
        let country = countries.get(&company).and_then(CountryVotes::winner);
        (company, companies::distance_from_home(&tickers[*at as usize], country), *at)
    };
    let mut listings: Vec<u32> = (0..tickers.len() as u32).collect();
    listings.sort_by_cached_key(key);
    listings
}

/// For each ticker what it has for being well known: as its company, less for what is not the home listing.
fn popularities(tickers: &[Arc<Ticker>], listings: &[u32], company: impl Fn(u32) -> u32) -> Vec<Popularity> {
    let mut all = vec![Popularity::default(); tickers.len()];
    for same in listings.chunk_by(|one, other| company(*one) == company(*other)) {
        let best = same.iter().map(|at| popularity(&tickers[*at as usize])).max().unwrap_or_default();
        for (order, at) in same.iter().enumerate() {
            all[*at as usize] = best.of_listing(order);
        }
    }
    all
}
