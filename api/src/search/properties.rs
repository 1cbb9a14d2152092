//! Property tests of the search with random catalogues and queries.
//!
//! Deliberately absent: relevance (`relevance`).

use super::edit_distance::{Pattern, max_errors};
use super::{TickerIndex, aliases, normalize};
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::Arc;
use watchtape_shared::Symbol;
use watchtape_shared::ticker::{Matched, MatchedField, Ticker};

/// Optimal string alignment, as it is written in textbooks.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            if i == 0 || j == 0 {
                rows[i][j] = i + j;
                continue;
            }
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            rows[i][j] = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                rows[i][j] = rows[i][j].min(rows[i - 2][j - 2] + 1);
            }
        }
    }
    rows[a.len()][b.len()]
}

fn ticker(rank: u32, (symbol, name, isin): (String, String, Option<String>)) -> Arc<Ticker> {
    let symbol = Symbol::parse(&symbol).expect("valid by construction");
    Arc::new(Ticker { isin: isin.map(Into::into), ..Ticker::new(symbol, &name, rank) })
}

/// Small alphabets, so that queries match.
fn catalogues() -> impl Strategy<Value = Vec<Arc<Ticker>>> {
    let names = prop_oneof![
        4 => "[abc]{1,5}( [abc]{1,4}){0,3}",
        1 => "(The )?[A-Ca-cÄéß&.' +-]{1,24}( Inc\\.?| Corp)?",
        1 => "\\PC{0,200}",
    ];
    let isins = proptest::option::of("[AB]{2}[01]{3}");
    // A company with another name besides (Bank of America's symbol is BAC) is found by what these tests do not see.
    let symbols =
        "[ABC]{1,3}([.-][AB])?".prop_filter("has another name", |symbol| aliases::names_of(symbol).next().is_none());
    let tickers = vec((symbols, names, isins), 1..40);
    tickers.prop_map(|tickers| (1..).zip(tickers).map(|(rank, of)| ticker(rank, of)).collect())
}

fn queries() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[abc]{1,9}( [abc]{1,5}){0,3}",
        2 => "[a-cA-CÄé01&.' +-]{0,64}",
        1 => "[abc ]{0,30} (co|corp|inc|i)",
        1 => "\\PC{0,64}",
    ]
}

fn all(index: &TickerIndex, query: &str) -> Vec<(Arc<Ticker>, Matched)> {
    let page = index.search(query, 0, usize::MAX);
    page.matches.into_iter().filter_map(|(ticker, matched)| Some((ticker, matched?))).collect()
}

fn folded(text: &str) -> String {
    normalize::letters(text).into_iter().map(|letter| letter.folded).collect()
}

fn word_starts(name: &str, word: &str) -> bool {
    name.split(' ').any(|start| start.starts_with(word))
}

/// Whether the words of a name are what is between its spaces.
fn is_plain(name: &str) -> bool {
    name.split(' ').all(|word| !word.is_empty() && word.chars().all(|char| "abc".contains(char)))
}

proptest! {
    #[test]
    fn the_automaton_is_the_distance(a in "[abc]{0,12}", b in "[abc]{0,12}") {
        let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
        let pattern = Pattern::new(&a);
        prop_assert_eq!(pattern.is_some(), max_errors(a.len()) > 0);
        let Some(pattern) = pattern else { return Ok(()) };
        let within = |errors: &usize| *errors <= usize::from(max_errors(a.len()));
        prop_assert_eq!(pattern.match_whole(&b).map(usize::from), Some(distance(&a, &b)).filter(within));
        let nearest = (0..=b.len()).map(|len| distance(&a, &b[..len])).min().filter(within);
        let found = pattern.match_prefix(&b, |_| false);
        prop_assert_eq!(found.map(|(errors, _)| usize::from(errors)), nearest);
        if let Some((errors, len)) = found {
            prop_assert_eq!(distance(&a, &b[..len]), usize::from(errors));
        }
    }

    #[test]
    fn ranges_are_within_their_field_and_ordered(tickers in catalogues(), query in queries()) {
        for (ticker, matched) in all(&TickerIndex::new(tickers), &query) {
            let text = match matched.field {
                MatchedField::Symbol => ticker.symbol.as_str(),
                MatchedField::Name => &ticker.name,
                MatchedField::Isin => ticker.isin.as_deref().expect("it was found in it"),
            };
            // A match of another name has no ranges.
            let elsewhere = aliases::names_of(ticker.symbol.as_str()).next().is_some();
            prop_assert!(!matched.ranges.is_empty() || elsewhere, "{query:?} in {text:?}");
            prop_assert!(matched.ranges.iter().all(|[from, to]| from < to && *to as usize <= text.chars().count()));
            prop_assert!(matched.ranges.windows(2).all(|pair| pair[0][1] < pair[1][0]), "{:?}", matched.ranges);
        }
    }

    #[test]
    fn a_symbol_as_it_is_spelled_comes_before_all_others_of_its_rank_or_lower(tickers in catalogues(), which: prop::sample::Index) {
        let symbol = tickers[which.index(tickers.len())].symbol;
        let index = TickerIndex::new(tickers);
        let wanted = index.get(&symbol).expect("it is there");
        // A listing that is not its company's home is less well known than its rank says.
        prop_assume!(index.listings(&symbol).next().is_some_and(|home| Arc::ptr_eq(home, wanted)));
        let found = all(&index, symbol.as_str());
        let at = found.iter().position(|(ticker, _)| ticker.symbol == symbol).expect("it is found");
        let before = &found[..at];
        prop_assert!(before.iter().all(|(ticker, _)| ticker.rank < wanted.rank), "{:?} before {wanted:?}", before);
    }

    #[test]
    fn of_equally_good_matches_the_better_rank_comes_first(tickers in catalogues(), word in "[abc]{1,5}") {
        let found = all(&TickerIndex::new(tickers), &word);
        let exact = found.iter().filter(|(ticker, matched)| matched.field == MatchedField::Name && *ticker.name == word);
        prop_assert!(exact.map(|(ticker, _)| ticker.rank).is_sorted());
    }

    #[test]
    fn every_symbol_and_name_that_begins_with_a_word_is_found(tickers in catalogues(), word in "[abc]{1,5}") {
        let found = all(&TickerIndex::new(tickers.clone()), &word);
        let exact = |ticker: &Ticker| folded(ticker.symbol.as_str()).starts_with(&word) || word_starts(&ticker.name, &word);
        for ticker in tickers.iter().filter(|ticker| exact(ticker)) {
            let found = found.iter().find(|(found, _)| found.symbol == ticker.symbol && found.rank == ticker.rank);
            prop_assert!(found.is_some_and(|(_, matched)| !matched.fuzzy), "{word:?} in {ticker:?}");
        }
    }

    #[test]
    fn several_words_are_found_in_any_order(tickers in catalogues(), which: prop::sample::Index, by: usize, len: usize) {
        let plain: Vec<_> = tickers.iter().filter(|ticker| is_plain(&ticker.name)).collect();
        prop_assume!(!plain.is_empty());
        let wanted = plain[which.index(plain.len())];
        let mut words: Vec<&str> = wanted.name.split(' ').map(|word| &word[..1 + len % word.len()]).collect();
        let turn = by % words.len();
        words.rotate_left(turn);
        if by % 2 == 1 {
            words.reverse();
        }
        let found = all(&TickerIndex::new(tickers.clone()), &words.join(" "));
        let found = found.iter().find(|(ticker, _)| ticker.rank == wanted.rank);
        prop_assert!(found.is_some_and(|(_, matched)| !matched.fuzzy), "{words:?}");
    }

    #[test]
    fn pages_are_pieces_of_the_whole(tickers in catalogues(), query in queries(), limit in 1_usize..7) {
        let index = TickerIndex::new(tickers);
        let whole = index.search(&query, 0, usize::MAX);
        prop_assert!(!whole.more);
        let mut pieces = Vec::new();
        loop {
            let page = index.search(&query, pieces.len(), limit);
            prop_assert!(page.matches.len() == limit || !page.more);
            pieces.extend(page.matches);
            if !page.more {
                break;
            }
        }
        prop_assert_eq!(&pieces, &whole.matches);
        let mut ranks: Vec<u32> = pieces.iter().map(|(ticker, _)| ticker.rank).collect();
        ranks.sort_unstable();
        prop_assert!(ranks.windows(2).all(|pair| pair[0] != pair[1]), "one ticker twice");
    }
}
