//! Symbols and words of names with typing errors, and how bad those are.
//!
//! Deliberately absent: ISINs, which nobody types by heart, and errors in words too short to have one.

use super::edit_distance::Pattern;
use super::index::TickerIndex;
use super::name::Name;
use super::query::{Query, Word};
use super::word_index::Places;

/// How bad a match is: its errors, then a wrong first letter, then not being where the name begins.
type Cost = u8;

const ERROR: Cost = 16;
const WRONG_FIRST: Cost = 4;
const INSIDE: Cost = 1;
/// No match.
const NEVER: Cost = Cost::MAX;

/// Up to this many tickers it is quicker to look at their names than to walk the tree of all.
const FEW: usize = 500;

/// The tickers that the query is meant for if it is mistyped, each with how badly.
pub(super) fn costs(index: &TickerIndex, query: &Query) -> impl Iterator<Item = (u32, Cost)> + use<> {
    let mut costs = in_names(index, &query.words);
    if query.words.len() > 1 {
        let joined = in_names(index, &[query.joined()]);
        costs.iter_mut().zip(joined).for_each(|(cost, joined)| *cost = joined.min(*cost));
    }
    if let Some(pattern) = Pattern::new(&query.code).filter(|_| query.may_be_symbol) {
        index.symbols.forgive(&pattern, |at, errors, first| {
            for code in index.symbols.exactly(at) {
                let known = &mut costs[code.ticker as usize];
                *known = (*known).min(cost(errors, first == pattern.first(), true));
            }
        });
    }
    (0..).zip(costs).filter(|(_, cost)| (ERROR..NEVER).contains(cost))
}

/// How badly the query is in a name, as its words or as one, and where.
pub(super) fn in_name(name: Name<'_>, query: &Query) -> Option<(Cost, Places)> {
    let joined = (query.words.len() > 1).then(|| vec![query.joined()]);
    let all_in = |words: &[Word]| {
        let mut total = 0;
        let mut places = Places::with_capacity(words.len());
        for word in words {
            let (cost, place) = Mistyped::new(word).in_name(name)?;
            total = sum(total, cost);
            places.push(place);
        }
        Some((total, places))
    };
    let in_words = all_in(&query.words);
    in_words.into_iter().chain(joined.and_then(|joined| all_in(&joined))).min_by_key(|(cost, _)| *cost)
}

/// How badly the query is a symbol.
pub(super) fn in_symbol(symbol: &[char], query: &Query) -> Option<Cost> {
    let pattern = Pattern::new(&query.code).filter(|_| query.may_be_symbol)?;
    Some(cost(pattern.is_whole(symbol)?, symbol.first() == query.code.first(), true))
}

/// For every ticker how badly the words, in any order, start words of its name.
fn in_names(index: &TickerIndex, words: &[Word]) -> Vec<Cost> {
    let mut words: Vec<&Word> = words.iter().collect();
    // The short ones first: they are the quickest, and leave less to look at for the long ones.
    words.sort_by_key(|word| (word.len(), *word));
    words.dedup();
    let mut total = vec![0; index.len()];
    let mut left = index.len();
    for word in words {
        let mistyped = Mistyped::new(word);
        if left > FEW {
            let costs = mistyped.in_names(index);
            total.iter_mut().zip(costs).for_each(|(total, cost)| *total = sum(*total, cost));
        } else {
            for (ticker, total) in (0..).zip(&mut total).filter(|(_, total)| **total != NEVER) {
                let found = mistyped.in_name(index.names.get(ticker));
                *total = sum(*total, found.map_or(NEVER, |(cost, _)| cost));
            }
        }
        left = total.iter().filter(|total| **total != NEVER).count();
    }
    total
}

/// A word that may be mistyped, unless it is too short or too long for that.
struct Mistyped<'a> {
    word: &'a [char],
    pattern: Option<Pattern>,
}

impl<'a> Mistyped<'a> {
    fn new(word: &'a [char]) -> Self {
        Self { word, pattern: Pattern::new(word) }
    }

    fn in_names(&self, index: &TickerIndex) -> Vec<Cost> {
        let tree = &index.name_starts;
        let mut costs = vec![NEVER; index.len()];
        let mut note = |at, errors, first_right| {
            for start in tree.below(at) {
                let known = &mut costs[start.ticker as usize];
                *known = (*known).min(cost(errors, first_right, start.head));
            }
        };
        match &self.pattern {
            Some(pattern) => tree.forgive(pattern, |at, errors, first| note(at, errors, first == pattern.first())),
            None => tree.follow(tree.root(), self.word).into_iter().for_each(|at| note(at, 0, true)),
        }
        costs
    }

    fn in_name(&self, name: Name<'_>) -> Option<(Cost, (usize, usize))> {
        let found = name.words().filter_map(|(at, head)| {
            let text = &name.letters[at..];
            let (errors, len) = match &self.pattern {
                Some(pattern) => pattern.begins(text, |len| name.ends_at(at + len))?,
                None => text.starts_with(self.word).then_some((0, self.word.len()))?,
            };
            Some((cost(errors, text.first() == self.word.first(), head), (at, len)))
        });
        found.min_by_key(|(cost, _)| *cost)
    }
}

fn cost(errors: u8, first_right: bool, at_head: bool) -> Cost {
    errors * ERROR + if first_right { 0 } else { WRONG_FIRST } + if at_head { 0 } else { INSIDE }
}

fn sum(a: Cost, b: Cost) -> Cost {
    if a == NEVER || b == NEVER { NEVER } else { a.saturating_add(b).min(NEVER - 1) }
}
