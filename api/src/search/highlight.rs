//! Highlighting: the field of a result that matched, and the character ranges in it. Computed again for the results of a
//! page alone, so that a hit need not store positions.
//!
//! Deliberately absent: the order of results.

use super::matching::{Hit, Tier};
use super::name::Name;
use super::query::{Query, Word, fold};
use super::{normalize, typo_matching};
use watchtape_shared::ticker::{Matched, MatchedField, Ticker};

/// The matched field and ranges of a hit.
pub(super) fn highlight(ticker: &Ticker, name: Name<'_>, query: &Query, hit: &Hit) -> Matched {
    let (field, ranges) = match hit.tier {
        Tier::Symbol | Tier::SymbolPrefix => {
            (MatchedField::Symbol, code_ranges(ticker.symbol.as_str(), query.code.len()))
        }
        Tier::Words => (MatchedField::Name, word_ranges(name, query)),
        Tier::Isin => (MatchedField::Isin, code_ranges(ticker.isin.as_deref().unwrap_or_default(), query.code.len())),
        Tier::Fuzzy => fuzzy_ranges(ticker, name, query),
    };
    Matched { field, ranges, fuzzy: hit.tier == Tier::Fuzzy }
}

/// The range of the first letters of a symbol or an ISIN.
fn code_ranges(code: &str, letters: usize) -> Vec<[u32; 2]> {
    let last = normalize::letters(code).into_iter().take(letters).next_back();
    last.map(|last| [0, u32::from(last.char_index) + 1]).into_iter().collect()
}

fn word_ranges(name: Name<'_>, query: &Query) -> Vec<[u32; 2]> {
    let all: Vec<Word> = query.words.iter().chain(query.optional.iter().rev()).cloned().collect();
    let positions = name.positions(&all).or_else(|| name.positions(&query.words));
    let positions = positions.or_else(|| name.positions(query.without_partial_suffix()?));
    name.ranges(&positions.unwrap_or_default())
}

fn fuzzy_ranges(ticker: &Ticker, name: Name<'_>, query: &Query) -> (MatchedField, Vec<[u32; 2]>) {
    let in_name = typo_matching::in_name(name, query);
    let in_symbol = typo_matching::in_symbol(&fold(&normalize::letters(ticker.symbol.as_str())), query);
    match in_name {
        Some((cost, positions)) if in_symbol.is_none_or(|in_symbol| cost <= in_symbol) => {
            (MatchedField::Name, name.ranges(&positions))
        }
        _ => (MatchedField::Symbol, code_ranges(ticker.symbol.as_str(), usize::MAX)),
    }
}
