//! Fuzzy matching of symbols and of words of names, with a cost for each match.
//!
//! Deliberately absent: ISINs, which nobody types by heart, and errors in words of fewer than four letters.

use super::edit_distance::Pattern;
use super::index::TickerIndex;
use super::name::Name;
use super::query::{Query, Word};
use super::word_layout::Positions;

/// The cost of a match: its errors, then a wrong first letter, then not matching a leading word of the name.
type Cost = u8;

const ERROR_COST: Cost = 16;
const WRONG_FIRST_LETTER_COST: Cost = 4;
const NOT_LEADING_COST: Cost = 1;
const NO_MATCH: Cost = Cost::MAX;

/// Up to this many candidates, comparing each name is faster than searching the tree.
const MAX_SCANNED_NAMES: usize = 500;

/// The tickers that match with at least one typing error, each with its cost.
pub(super) fn costs(index: &TickerIndex, query: &Query) -> impl Iterator<Item = (u32, Cost)> + use<> {
    let mut costs = in_names(index, &query.words);
    if query.words.len() > 1 {
        let joined = in_names(index, &[query.joined()]);
        costs.iter_mut().zip(joined).for_each(|(cost, joined)| *cost = joined.min(*cost));
    }
    if let Some(pattern) = Pattern::new(&query.code).filter(|_| query.may_be_symbol) {
        index.symbols.find_fuzzy(&pattern, |at, errors, first| {
            for code in index.symbols.values_at(at) {
                let known = &mut costs[code.ticker as usize];
                *known = (*known).min(cost(errors, first == pattern.first(), true));
            }
        });
    }
    (0..).zip(costs).filter(|(_, cost)| (ERROR_COST..NO_MATCH).contains(cost))
}

/// The cost of the query in a name, as separate words or joined into one, and the positions of the words.
pub(super) fn in_name(name: Name<'_>, query: &Query) -> Option<(Cost, Positions)> {
    let joined = (query.words.len() > 1).then(|| vec![query.joined()]);
    let all_in = |words: &[Word]| {
        let mut total = 0;
        let mut positions = Positions::with_capacity(words.len());
        for word in words {
            let (cost, position) = FuzzyWord::new(word).in_name(name)?;
            total = add_costs(total, cost);
            positions.push(position);
        }
        Some((total, positions))
    };
    let in_words = all_in(&query.words);
    in_words.into_iter().chain(joined.and_then(|joined| all_in(&joined))).min_by_key(|(cost, _)| *cost)
}

/// The cost of the query as a whole symbol.
pub(super) fn in_symbol(symbol: &[char], query: &Query) -> Option<Cost> {
    let pattern = Pattern::new(&query.code).filter(|_| query.may_be_symbol)?;
    Some(cost(pattern.match_whole(symbol)?, symbol.first() == query.code.first(), true))
}

/// For every ticker the cost of the words, in any order, as prefixes of words of its name.
fn in_names(index: &TickerIndex, words: &[Word]) -> Vec<Cost> {
    let mut words: Vec<&Word> = words.iter().collect();
    // Short words first: they are the fastest, and leave fewer candidates for the long ones.
    words.sort_by_key(|word| (word.len(), *word));
    words.dedup();
    let mut total = vec![0; index.len()];
    let mut candidates = index.len();
    for word in words {
        let fuzzy = FuzzyWord::new(word);
        if candidates > MAX_SCANNED_NAMES {
            let costs = fuzzy.in_names(index);
            total.iter_mut().zip(costs).for_each(|(total, cost)| *total = add_costs(*total, cost));
        } else {
            for (ticker, total) in (0..).zip(&mut total).filter(|(_, total)| **total != NO_MATCH) {
                let found = fuzzy.in_name(index.names.get(ticker));
                *total = add_costs(*total, found.map_or(NO_MATCH, |(cost, _)| cost));
            }
        }
        candidates = total.iter().filter(|total| **total != NO_MATCH).count();
    }
    total
}

/// A word with its pattern; without one it is too short or too long, and must match exactly.
struct FuzzyWord<'a> {
    word: &'a [char],
    pattern: Option<Pattern>,
}

impl<'a> FuzzyWord<'a> {
    fn new(word: &'a [char]) -> Self {
        Self { word, pattern: Pattern::new(word) }
    }

    fn in_names(&self, index: &TickerIndex) -> Vec<Cost> {
        let tree = &index.name_words;
        let mut costs = vec![NO_MATCH; index.len()];
        let mut record = |at, errors, is_first_right| {
            for start in tree.values_below(at) {
                let known = &mut costs[start.ticker as usize];
                *known = (*known).min(cost(errors, is_first_right, start.is_leading));
            }
        };
        match &self.pattern {
            Some(pattern) => tree.find_fuzzy(pattern, |at, errors, first| record(at, errors, first == pattern.first())),
            None => tree.descend(tree.root(), self.word).into_iter().for_each(|at| record(at, 0, true)),
        }
        costs
    }

    fn in_name(&self, name: Name<'_>) -> Option<(Cost, (usize, usize))> {
        let found = name.words().filter_map(|(at, is_leading)| {
            let text = &name.letters[at..];
            let (errors, len) = match &self.pattern {
                Some(pattern) => pattern.match_prefix(text, |len| name.ends_at(at + len))?,
                None => text.starts_with(self.word).then_some((0, self.word.len()))?,
            };
            Some((cost(errors, text.first() == self.word.first(), is_leading), (at, len)))
        });
        found.min_by_key(|(cost, _)| *cost)
    }
}

fn cost(errors: u8, is_first_right: bool, is_leading: bool) -> Cost {
    errors * ERROR_COST
        + if is_first_right { 0 } else { WRONG_FIRST_LETTER_COST }
        + if is_leading { 0 } else { NOT_LEADING_COST }
}

fn add_costs(a: Cost, b: Cost) -> Cost {
    if a == NO_MATCH || b == NO_MATCH { NO_MATCH } else { a.saturating_add(b).min(NO_MATCH - 1) }
}
