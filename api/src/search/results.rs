//! Search: a page of results, best first.
//!
//! Deliberately absent: limits on the query and the page, which the handler checks.

use super::highlight::highlight;
use super::index::TickerIndex;
use super::matching::{self, Hit};
use super::query::Query;
use std::sync::Arc;
use watchtape_shared::ticker::{Matched, Ticker};

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
        let end = offset.saturating_add(limit);
        if query.trim().is_empty() {
            let page = self.iter().skip(offset).take(limit);
            let matches = page.map(|ticker| (Arc::clone(ticker), None)).collect();
            return SearchPage { matches, more: end < self.len() };
        }
        let Some(query) = Query::parse(query) else {
            return SearchPage { matches: Vec::new(), more: false };
        };
        let found = matching::find(self, &query, end.saturating_add(1));
        let result = |hit: &Hit| {
            let ticker = self.ticker(hit.ticker);
            (Arc::clone(ticker), Some(highlight(ticker, &query, &found.interpretations, hit)))
        };
        let page = found.hits.iter().take(end).skip(offset);
        SearchPage { matches: page.map(result).collect(), more: found.hits.len() > end }
    }
}
