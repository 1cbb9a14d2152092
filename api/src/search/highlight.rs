//! What of a result the query was found in, for the app to mark.
//!
//! Only the results that are shown come here, so a hit remembers no places and they are looked for again.
//! Deliberately absent: what decides the order of results.

use super::matching::{Hit, Tier};
use super::name::Name;
use super::query::{Query, Word, spell};
use super::{normalize, typo_matching};
use watchtape_shared::ticker::{Matched, MatchedField, Ticker};

/// What a hit is a hit for.
pub(super) fn mark(ticker: &Ticker, name: Name<'_>, query: &Query, hit: &Hit) -> Matched {
    let (field, ranges) = match hit.tier {
        Tier::Symbol | Tier::SymbolPrefix => (MatchedField::Symbol, in_code(ticker.symbol.as_str(), query.code.len())),
        Tier::Words => (MatchedField::Name, in_words(name, query)),
        Tier::Isin => (MatchedField::Isin, in_code(ticker.isin.as_deref().unwrap_or_default(), query.code.len())),
        Tier::Mistyped => mistyped(ticker, name, query),
    };
    Matched { field, ranges, fuzzy: hit.tier == Tier::Mistyped }
}

/// The characters of the first letters of a code.
fn in_code(code: &str, letters: usize) -> Vec<[u32; 2]> {
    let last = normalize::letters(code).into_iter().take(letters).next_back();
    last.map(|last| [0, u32::from(last.origin) + 1]).into_iter().collect()
}

fn in_words(name: Name<'_>, query: &Query) -> Vec<[u32; 2]> {
    let all: Vec<Word> = query.words.iter().chain(query.optional.iter().rev()).cloned().collect();
    let places = name.places(&all).or_else(|| name.places(&query.words));
    let places = places.or_else(|| name.places(query.without_growing()?));
    name.ranges(&places.unwrap_or_default())
}

fn mistyped(ticker: &Ticker, name: Name<'_>, query: &Query) -> (MatchedField, Vec<[u32; 2]>) {
    let in_name = typo_matching::in_name(name, query);
    let in_symbol = typo_matching::in_symbol(&spell(&normalize::letters(ticker.symbol.as_str())), query);
    match in_name {
        Some((cost, places)) if in_symbol.is_none_or(|in_symbol| cost <= in_symbol) => {
            (MatchedField::Name, name.ranges(&places))
        }
        _ => (MatchedField::Symbol, in_code(ticker.symbol.as_str(), usize::MAX)),
    }
}
