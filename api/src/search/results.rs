//! Search: a page of results, best first.
//!
//! Deliberately absent: limits on the query and the page, which the handler checks.

use super::highlight::highlight;
use super::hit::Hit;
use super::index::TickerIndex;
use super::matching;
use super::query::Query;
use super::scope::SearchScope;
use std::sync::Arc;
use watchtape_shared::ticker::{Matched, Ticker};

/// The most results of a query: a page that begins later is empty. Each page costs what all results before it do.
const MAX_RESULTS: usize = 2_000;

/// A page of results.
#[derive(Clone, Debug)]
pub struct SearchPage {
    /// The results, best first, each with what to highlight; `None` for a blank query.
    pub matches: Vec<(Arc<Ticker>, Option<Matched>)>,
    /// Whether there are further results.
    pub more: bool,
}

impl TickerIndex {
    /// At most `limit` results of a query, from `offset` on. A blank query returns the whole catalogue by rank.
    pub fn search(&self, query: &str, offset: usize, limit: usize) -> SearchPage {
        self.search_for(query, &SearchScope::default(), offset, limit)
    }

    /// The same for somebody.
    pub fn search_for(&self, query: &str, scope: &SearchScope, offset: usize, limit: usize) -> SearchPage {
        let class = scope.class;
        let end = offset.saturating_add(limit);
        if query.trim().is_empty() {
            let mut rest = self.iter().filter(|ticker| class.is_none_or(|class| ticker.class == class)).skip(offset);
            let matches = rest.by_ref().take(limit).map(|ticker| (Arc::clone(ticker), None)).collect();
            return SearchPage { matches, more: rest.next().is_some() };
        }
        let Some(query) = Query::parse(query) else {
            return SearchPage { matches: Vec::new(), more: false };
        };
        let end = end.min(MAX_RESULTS);
        // The same number for every page: which home listings are among the results depends on what else is, and pages are pieces
        // of one order.
        let found = matching::find(self, &query, scope, MAX_RESULTS);
        let result = |hit: &Hit| {
            let ticker = self.ticker(hit.ticker);
            (Arc::clone(ticker), Some(highlight(ticker, &query, &found.interpretations, hit)))
        };
        let page = found.hits.iter().take(end).skip(offset);
        SearchPage { matches: page.map(result).collect(), more: found.hits.len() > end }
    }
}
