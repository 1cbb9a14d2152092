//! The results of a query: what matches each of its meanings, with weights, the best first.
//!
//! Tickers are looked at in the order of their popularity, and no further than one could still be among the results.

use super::bitset::Bitset;
use super::hit::{Field, Hit};
use super::index::TickerIndex;
use super::interpretation::{self, Interpretation, Suffix, Token};
use super::layout::{self, Places};
use super::query::Query;
use super::scope::SearchScope;
use super::score::{self, Score};
use super::top_hits::TopHits;
use super::typos::{self, Doubted};
use crate::reference::exchanges;
use std::cmp::Reverse;
use watchtape_shared::ticker::SecurityClass;

/// The shortest query that is matched against ISINs, whose first two letters are a country.
const MIN_ISIN_LETTERS: usize = 4;
/// The length of an ISIN (ISO 6166).
const ISIN_LETTERS: usize = 12;
/// With fewer results than this, words are split, and typing errors are looked for.
pub(super) const MIN_RESULTS: usize = 5;
/// So are they where no result weighs this much: it may be a typing error of what is well known.
const MIN_SCORE: Score = Score::whole(110);
/// What a name lacks without the suffix that was typed, and without one that was typed in part: it may be another word.
const WITHOUT_SUFFIX: Score = Score::whole(-10);
const WITHOUT_PARTIAL_SUFFIX: Score = Score::whole(-30);
/// Up to this many tickers with the rarest word are looked at one by one.
const MAX_UNFILTERED: usize = 512;
/// The most words whose tickers are intersected: the rarest of them.
const MAX_INTERSECTED: usize = 4;

/// The most letters of a symbol that is looked for with typing errors.
const MAX_MISTYPED_SYMBOL_LETTERS: usize = 10;
/// The most words of which each may have typing errors.
const MAX_DOUBTED_WORDS: usize = 3;

/// The results of a query, and its interpretations, which the results name.
pub(super) struct Found {
    /// The best first, each ticker once.
    pub(super) hits: Vec<Hit>,
    pub(super) interpretations: Vec<Interpretation>,
}

/// The `count` best results of a query, or all if they are fewer.
pub(super) fn find(index: &TickerIndex, query: &Query, scope: &SearchScope, count: usize) -> Found {
    // Enough to know whether there are few.
    let count = count.max(MIN_RESULTS);
    let named = query.exchange.as_deref().map(interpretation::numbers_of);
    let own_exchanges = scope.exchanges.iter().map(|mic| exchanges::number_of(Some(mic.as_str()))).collect();
    let mut search = Search {
        index,
        class: scope.class,
        own_exchanges,
        count,
        exchanges: named,
        hits: Vec::new(),
        interpretations: Vec::new(),
    };
    search.add_all(interpretation::usual(index, query));
    search.find_isins(query);
    search.find_listed(query);
    search.settle();
    if search.is_poor() {
        search.add_all(interpretation::joined(index, &query.words, interpretation::left_out(query)));
        search.settle();
    }
    let is_named = search.hits.iter().any(|hit| matches!(hit.field, Field::Name(_)));
    if query.exchange.is_none() && !is_named {
        search.add_all(interpretation::at_exchanges(index, query));
        search.settle();
    }
    if search.hits.is_empty()
        && let Some(words) = query.without_partial_suffix()
    {
        let joined = interpretation::joined(index, words, None);
        search.add_all(std::iter::once(Interpretation::of(index, words)).chain(joined).collect());
        search.settle();
    }
    if search.is_poor() {
        search.add_all(interpretation::split(index, &query.words));
        search.settle();
    }
    if search.is_poor() {
        search.find_typos(query);
    }
    search.hits.truncate(count);
    Found { hits: search.hits, interpretations: search.interpretations }
}

struct Search<'a> {
    index: &'a TickerIndex,
    /// The class that is looked for, if not all are.
    class: Option<SecurityClass>,
    /// Exchanges that the seeker uses.
    own_exchanges: Vec<u8>,
    count: usize,
    /// The exchanges that the query names before a colon.
    exchanges: Option<Vec<u8>>,
    hits: Vec<Hit>,
    interpretations: Vec<Interpretation>,
}

impl Search<'_> {
    /// Keeps the best hit of each ticker, in order. What names one listing of a company means the company: the home listing counts
    /// as if its own name matched as well.
    fn settle(&mut self) {
        let is_of_company =
            |hit: &&Hit| !matches!(hit.field, Field::Symbol | Field::ListedSymbol | Field::MistypedSymbol);
        let homes = self.hits.iter().filter(is_of_company).filter_map(|hit| {
            let home = self.index.home(hit.ticker);
            let score = hit.score + self.weight_of(home) - self.weight_of(hit.ticker);
            let exchanges = |at: usize| self.interpretations[at].exchanges.is_some();
            let is_elsewhere = matches!(hit.field, Field::Name(at) | Field::MistypedName(at) if exchanges(at));
            (home != hit.ticker && !is_elsewhere && self.is_of_class(home)).then_some(Hit {
                score,
                ticker: home,
                ..*hit
            })
        });
        let homes: Vec<Hit> = homes.collect();
        self.hits.extend(homes);
        let key = |hit: &Hit| (hit.ticker, hit.field.is_mistyped(), Reverse(hit.score));
        self.hits.sort_unstable_by_key(key);
        self.hits.dedup_by_key(|hit| hit.ticker);
        self.hits.sort_unstable_by_key(|hit| (Reverse(hit.score), hit.ticker));
    }

    /// Whether there are few results, or none that weighs much.
    fn is_poor(&self) -> bool {
        self.hits.len() < MIN_RESULTS || self.hits[0].score < MIN_SCORE
    }

    fn add_all(&mut self, interpretations: Vec<Interpretation>) {
        for mut wanted in interpretations {
            if self.exchanges.is_some() {
                wanted.exchanges.clone_from(&self.exchanges);
            }
            if let Some(code) = &wanted.code {
                self.find_symbols(code, &wanted);
            }
            if wanted.is_known() {
                self.find_names(&wanted);
            }
            self.interpretations.push(wanted);
        }
    }

    /// Whether a ticker is of the class that is looked for.
    fn is_of_class(&self, ticker: u32) -> bool {
        self.class.is_none_or(|class| self.index.classes[ticker as usize] == class)
    }

    /// What a ticker weighs beside its match; `None` if it is at another exchange than was named, or of another class.
    fn own_weight(&self, ticker: u32, wanted: &Interpretation) -> Option<Score> {
        if !self.is_of_class(ticker) {
            return None;
        }
        let exchange = self.index.exchanges[ticker as usize];
        let is_there = wanted.exchanges.as_ref().is_none_or(|exchanges| exchanges.contains(&exchange));
        is_there.then(|| self.weight_of(ticker))
    }

    /// The popularity of a ticker, and what it has for its exchange.
    fn weight_of(&self, ticker: u32) -> Score {
        let is_own = self.own_exchanges.contains(&self.index.exchanges[ticker as usize]);
        let own = if is_own { score::OWN_EXCHANGE } else { Score::default() };
        own + self.index.popularity[ticker as usize]
    }

    /// What a ticker of this popularity and all less popular ones weigh at most with a match of this weight.
    fn most(&self, best: Score, ticker: u32) -> Score {
        let own = if self.own_exchanges.is_empty() { Score::default() } else { score::OWN_EXCHANGE };
        best + own + self.index.popularity[ticker as usize]
    }

    fn find_symbols(&mut self, code: &str, wanted: &Interpretation) {
        let typed = code.chars().count();
        let mut top = TopHits::new(self.count);
        for found in self.index.symbols.with_prefix(code) {
            let score = match (usize::from(found.letters), usize::from(found.base_letters)) {
                (letters, _) if letters == typed => score::SYMBOL_LETTERS,
                (_, letters) if letters == typed => score::SYMBOL_BASE,
                _ => score::symbol_prefix(typed, found.letters),
            };
            if let Some(own) = self.own_weight(found.ticker, wanted) {
                top.push(Hit { score: score + own, ticker: found.ticker, field: Field::Symbol });
            }
        }
        self.hits.extend(top.into_hits());
    }

    fn find_isins(&mut self, query: &Query) {
        let typed = query.code.len();
        if typed < MIN_ISIN_LETTERS || query.exchange.is_some() {
            return;
        }
        let score = if typed == ISIN_LETTERS { score::ISIN } else { score::ISIN_PREFIX };
        let mut top = TopHits::new(self.count);
        let codes = self.index.isins.with_prefix(&query.code);
        for found in codes.iter().filter(|code| self.is_of_class(code.ticker)) {
            top.push(Hit { score: score + self.weight_of(found.ticker), ticker: found.ticker, field: Field::Isin });
        }
        self.hits.extend(top.into_hits());
    }

    /// The symbols of a line, in its order; and the symbol that the whole text is, as it is spelled.
    fn find_listed(&mut self, query: &Query) {
        let exact = query.symbol.and_then(|symbol| self.index.position(&symbol));
        let exact = exact.filter(|ticker| query.exchange.is_none() && self.is_of_class(*ticker));
        self.hits.extend(exact.map(|ticker| {
            let score = score::SYMBOL + self.weight_of(ticker);
            Hit { score, ticker, field: Field::Symbol }
        }));
        let known: Vec<u32> = query.listed.iter().filter_map(|symbol| self.index.position(symbol)).collect();
        // Words between spaces are symbols if all are, and nothing else was meant.
        let is_meant = query.is_list || (known.len() == query.listed.len() && self.hits.is_empty());
        if known.len() > 1 && is_meant {
            let scores = (0..).map(|order| score::LISTED_SYMBOL + Score::whole(-order));
            let hit = |(ticker, score)| Hit { score, ticker, field: Field::ListedSymbol };
            self.hits.extend(known.into_iter().zip(scores).map(hit));
        }
    }

    fn find_names(&mut self, wanted: &Interpretation) {
        let mut top = TopHits::new(self.count);
        match wanted.tokens.as_slice() {
            // Whole words first: without them no name weighs as much, and fewer need to be looked at.
            [Token { exact: Some(id), prefixed, .. }] => {
                let tickers = self.index.names.tickers_of(*id);
                self.weigh_names(tickers.iter().copied(), wanted, score::BEST_NAME, &mut top);
                let others = self.candidates(&[self.index.names.tickers_of_any(&(id + 1..prefixed.end))]);
                let names = &self.index.names;
                let is_new = |ticker: &u32| names.get(*ticker).iter().all(|word| word.id() != *id);
                self.weigh_names(others.into_iter().filter(is_new), wanted, score::BEST_INCOMPLETE_NAME, &mut top);
            }
            tokens => {
                let is_whole = tokens.iter().all(|token| token.exact.is_some());
                let best = if is_whole { score::BEST_NAME } else { score::BEST_INCOMPLETE_NAME };
                let lists: Vec<&[u32]> =
                    tokens.iter().map(|token| self.index.names.tickers_of_any(&token.prefixed)).collect();
                self.weigh_names(self.candidates(&lists).into_iter(), wanted, best, &mut top);
            }
        }
        self.hits.extend(top.into_hits());
    }

    /// Adds the names of these tickers, popular ones first, until none can be among the best; none weighs more than `best`.
    fn weigh_names(&self, tickers: impl Iterator<Item = u32>, wanted: &Interpretation, best: Score, top: &mut TopHits) {
        let (names, field) = (&self.index.names, Field::Name(self.interpretations.len()));
        let lacks = match wanted.shortened_by {
            None => Score::default(),
            Some(Suffix::Whole) => WITHOUT_SUFFIX,
            Some(Suffix::Partial) => WITHOUT_PARTIAL_SUFFIX,
        };
        let places = &mut Places::default();
        for ticker in tickers {
            if top.is_below(self.most(best + lacks, ticker)) {
                break;
            }
            let Some(own) = self.own_weight(ticker, wanted) else { continue };
            if let Some(weight) = layout::weight(names, names.get(ticker), wanted, places) {
                top.push(Hit { score: weight + lacks + own, ticker, field });
            }
        }
    }

    /// The tickers that may be in all of these lists, popular ones first.
    fn candidates(&self, lists: &[&[u32]]) -> Vec<u32> {
        let mut lists = lists.to_vec();
        lists.sort_unstable_by_key(|list| list.len());
        let Some((rarest, others)) = lists.split_first() else { return Vec::new() };
        if rarest.len() <= MAX_UNFILTERED {
            let mut tickers = rarest.to_vec();
            tickers.sort_unstable();
            tickers.dedup();
            return tickers;
        }
        let set = |tickers: &[u32]| {
            let mut set = Bitset::empty(self.index.len());
            for ticker in tickers {
                set.insert(*ticker);
            }
            set
        };
        let mut all = set(rarest);
        others.iter().take(MAX_INTERSECTED - 1).for_each(|list| all.intersect(&set(list)));
        all.iter().collect()
    }

    /// In stages, until one finds something: with errors in the words alone that are in no name; with the words joined; with
    /// errors in all words, if they are few; with a word split off another one.
    fn find_typos(&mut self, query: &Query) {
        self.find_mistyped_symbols(query);
        let separate = Interpretation::of(self.index, &query.words);
        let joined = (query.words.len() > 1).then(|| Interpretation::of(self.index, &[query.words.concat()]));
        let is_known = separate.is_known();
        let few = (separate.tokens.len() <= MAX_DOUBTED_WORDS).then(|| separate.clone());
        let stages: [(Option<Interpretation>, Doubted); 3] = [
            (Some(separate).filter(|_| !is_known), Doubted::Unknown),
            (joined, Doubted::Unknown),
            (few.filter(|few| is_known || few.tokens.len() > 1), Doubted::All),
        ];
        let before = self.hits.len();
        for (wanted, doubted) in stages {
            if let Some(wanted) = wanted {
                self.find_mistyped_names(wanted, doubted);
            }
            if self.hits.len() > before {
                return self.settle();
            }
        }
        for wanted in interpretation::split_with_typos(self.index, &query.words) {
            self.find_mistyped_names(wanted, Doubted::Unknown);
        }
        self.settle();
    }

    fn find_mistyped_symbols(&mut self, query: &Query) {
        if query.may_be_symbol && query.exchange.is_none() && query.code.len() <= MAX_MISTYPED_SYMBOL_LETTERS {
            let mut top = TopHits::new(self.count);
            typos::find_symbols(self.index, &query.code, |ticker, score| {
                if self.is_of_class(ticker) {
                    let score = score + self.weight_of(ticker);
                    top.push(Hit { score, ticker, field: Field::MistypedSymbol });
                }
            });
            self.hits.extend(top.into_hits());
        }
    }

    fn find_mistyped_names(&mut self, mut wanted: Interpretation, doubted: Doubted) {
        wanted.exchanges.clone_from(&self.exchanges);
        let mut top = TopHits::new(self.count);
        let field = Field::MistypedName(self.interpretations.len());
        let hit = |ticker, score| Some(Hit { score: score + self.own_weight(ticker, &wanted)?, ticker, field });
        typos::find_names(self.index, &wanted, doubted, &mut top, |best, ticker| self.most(best, ticker), hit);
        self.hits.extend(top.into_hits());
        self.interpretations.push(wanted);
    }
}
