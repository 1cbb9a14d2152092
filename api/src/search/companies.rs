//! Listings of one company: those with the same ISIN, or the same name. Of each company the home listing comes first.
//!
//! Deliberately absent: which company is meant by a query.

use super::minor_words::is_minor;
use super::name::NameWord;
use crate::reference::{countries, exchanges};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use watchtape_shared::ticker::Ticker;

/// The fewest letters of a name's words that say something, for two listings to be of one company by their names alone,
/// whatever their countries are said to be.
const MIN_TELLING_LETTERS: usize = 8;

/// The company of each listing, as a number, by position.
pub(super) struct Companies {
    parents: Vec<u32>,
}

/// Finds listings of the same company while the catalogue is read.
#[derive(Default)]
pub(super) struct CompaniesBuilder {
    parents: Vec<u32>,
    /// The first listing of each ISIN, and hashes of the words of its name.
    by_isin: HashMap<[u8; 12], (u32, Vec<u64>)>,
    /// The first listing of each name, by a hash: of the name and country, or of the name alone where it is long.
    by_name: HashMap<u64, u32>,
}

impl CompaniesBuilder {
    /// Adds the next listing, with its name and its other names.
    pub(super) fn push(&mut self, ticker: &Ticker, name: &[NameWord], aliases: &[Vec<NameWord>]) {
        let number = self.parents.len() as u32;
        self.parents.push(number);
        if let Some(isin) = ticker.isin.as_deref().and_then(|isin| isin.as_bytes().try_into().ok()) {
            let words: Vec<u64> = telling(name).map(hash).collect();
            let (first, known) = self.by_isin.entry(isin).or_insert_with(|| (number, words.clone()));
            // Catalogues have wrong ISINs: the same one is of the same company if a word of the names agrees.
            if words.iter().any(|word| known.contains(word)) {
                let first = *first;
                self.join(first, number);
            }
        }
        for name in std::iter::once(name).chain(aliases.iter().map(Vec::as_slice)) {
            let mut words: Vec<&str> = telling(name).collect();
            let letters: usize = words.iter().map(|word| word.len()).sum();
            if letters == 0 {
                continue;
            }
            let country = if letters < MIN_TELLING_LETTERS { ticker.country.as_deref() } else { None };
            // `Mercado Libre` is `MercadoLibre`, and `Schwab Charles` is `Charles Schwab`.
            let joined = hash((words.concat(), country));
            words.sort_unstable();
            for key in [joined, hash((words, country))] {
                let first = *self.by_name.entry(key).or_insert(number);
                self.join(first, number);
            }
        }
    }

    fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (root(&mut self.parents, one), root(&mut self.parents, other));
        // The smaller number stays, so that the company is that of its first listing.
        self.parents[one.max(other) as usize] = one.min(other);
    }

    /// The companies, once every listing is there.
    pub(super) fn build(mut self) -> Companies {
        for number in 0..self.parents.len() as u32 {
            self.parents[number as usize] = root(&mut self.parents, number);
        }
        Companies { parents: self.parents }
    }
}

/// The words of a name that say something.
fn telling(name: &[NameWord]) -> impl Iterator<Item = &str> {
    name.iter().filter(|word| !word.is_inner && !is_minor(&word.text)).map(|word| word.text.as_str())
}

fn hash(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

fn root(parents: &mut [u32], mut at: u32) -> u32 {
    while parents[at as usize] != at {
        let above = parents[parents[at as usize] as usize];
        parents[at as usize] = above;
        at = above;
    }
    at
}

impl Companies {
    /// The company of a listing, which is the number of one of its listings.
    pub(super) fn of(&self, listing: u32) -> u32 {
        self.parents[listing as usize]
    }
}

/// The country where a company's listings say it is, by most of them.
#[derive(Default)]
pub(super) struct CountryVotes(Vec<(&'static str, u32)>);

impl CountryVotes {
    /// Adds what a listing says: the country of the catalogue, and that of the ISIN. The United States count for less, and for nothing
    /// over the counter: receipts have their ISINs, and the SEC's own list names no country.
    pub(super) fn add(&mut self, ticker: &Ticker) {
        let of_isin = ticker.isin.as_deref().and_then(|isin| rust_iso3166::from_alpha2(isin.get(..2)?));
        let is_over_the_counter = ticker.mic.as_deref() == Some("OTCM");
        let weight = |country: &str, weight| match country {
            "US" if is_over_the_counter => 0,
            "US" => 1,
            _ => weight,
        };
        if let Some(country) = ticker.country.as_deref().and_then(countries::code_of) {
            self.vote(country, weight(country, 2));
        }
        if let Some(country) = of_isin {
            self.vote(country.alpha2, weight(country.alpha2, 4));
        }
    }

    fn vote(&mut self, country: &'static str, weight: u32) {
        match self.0.iter_mut().find(|(known, _)| *known == country) {
            Some((_, votes)) => *votes += weight,
            None => self.0.push((country, weight)),
        }
    }

    /// The country with the most; of equal ones the first that was named.
    pub(super) fn winner(&self) -> Option<&'static str> {
        self.0.iter().rev().max_by_key(|(_, votes)| *votes).map(|(country, _)| *country)
    }
}

/// Listings that are at home abroad: what is traded in the company's own country are receipts of them.
const AT_HOME_ABROAD: [&str; 1] = ["MELI"];

/// How far a listing is from its company's home; lower is nearer: whether it is in another country, then whether it is at an
/// exchange for trading elsewhere listed shares, or no common share.
pub(super) fn distance_from_home(ticker: &Ticker, country: Option<&str>) -> u8 {
    let Some(exchange) = ticker.mic.as_deref().and_then(exchanges::find_by_mic) else { return 3 };
    if AT_HOME_ABROAD.contains(&ticker.symbol.as_str()) {
        return 0;
    }
    let is_abroad = country != Some(exchange.country);
    u8::from(is_abroad) * 2 + u8::from(exchange.is_secondary() || is_special(ticker.symbol.as_str(), exchange.country))
}

/// Whether a symbol is of a preferred share, a warrant, a unit or a right in the United States, or of another country's share in
/// London.
fn is_special(symbol: &str, country: &str) -> bool {
    match (country, symbol.split_once('.')) {
        ("US", Some((_, of_share))) => {
            matches!(of_share, "U" | "R" | "W")
                || of_share.starts_with("WT")
                || (of_share.len() == 2 && of_share.starts_with('P'))
        }
        ("GB", Some((base, _))) => base.len() == 4 && base.starts_with('0'),
        _ => false,
    }
}
