//! Finds the results of a text: securities by the server, lists and actions by their names.

use super::{SearchAction, SearchResult, SearchResults, Section};
use crate::state::lists::watchlists::ListsState;
use crate::state::search::{actions, alert_query, name_match, recent_securities};
use crate::texts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;
use watchtape_shared::stream::WatchlistEntry;
use watchtape_shared::ticker::TickerMatch;

const DEBOUNCE: Duration = Duration::from_millis(120);
const LIMIT: u32 = 10;
/// The most results of a kind if others are shown too.
pub(in crate::state) const FEW: usize = 5;

impl SearchResults {
    /// Finds the results of the typed text.
    pub(in crate::state) fn find(self, request: u32, text: &str) {
        if self.choosing_list_for.with_untracked(Option::is_some) {
            return self.show(request, vec![self.lists(texts::palette::lists(), text, usize::MAX)]);
        }
        if let Some(words) = text.strip_prefix('>') {
            self.show(request, vec![self.actions(words, usize::MAX)]);
        } else if let Some(words) = text.strip_prefix('@') {
            self.show(request, vec![self.lists(texts::palette::lists(), words, usize::MAX)]);
        } else if text.is_empty() {
            self.suggest(request);
        } else {
            set_timeout(move || self.search(request), DEBOUNCE);
        }
    }

    /// Suggestions while nothing is typed.
    fn suggest(self, request: u32) {
        let user = untrack(|| self.state.session.user_id());
        let recent = user.map_or_else(Vec::new, |user| recent_securities::of(&user));
        let is_new = |found: &TickerMatch| {
            let symbol = found.ticker.symbol;
            !untrack(|| self.state.open_list.contains(symbol))
                && !recent.iter().any(|held| held.ticker.symbol == symbol)
        };
        let mut largest = self.largest.get_value();
        if largest.is_empty() {
            self.load_largest(request);
        }
        largest.retain(is_new);
        self.show(
            request,
            vec![
                section(texts::palette::recent(), recent.into_iter().map(SearchResult::Ticker), FEW),
                section(texts::palette::largest(), largest.into_iter().map(SearchResult::Ticker), FEW),
                self.lists(texts::palette::lists(), "", FEW),
                self.actions("", FEW + 1),
            ],
        );
    }

    fn load_largest(self, request: u32) {
        spawn_local(async move {
            // The suggestions work without them.
            let found = self.state.api.search_tickers("", LIMIT).await.unwrap_or_default();
            if !found.is_empty()
                && self.largest.try_set_value(found).is_none()
                && self.last_request.get_value() == request
            {
                self.suggest(request);
            }
        });
    }

    fn search(self, request: u32) {
        if self.last_request.try_get_value() != Some(request) {
            return;
        }
        let text = self.state.palette.query().get_untracked();
        spawn_local(async move {
            let text = text.trim();
            let alert = alert_query::read(text);
            let words = alert.map_or_else(|| text.to_owned(), |alert| alert.symbol.to_string());
            let answer = self.state.api.search_tickers(&words, LIMIT).await;
            if self.last_request.try_get_value() != Some(request) {
                return;
            }
            let failure = answer.as_ref().err().cloned();
            let tickers = answer.unwrap_or_default();
            let alert = alert.and_then(|alert| alert.of_catalogue(&tickers));
            let is_sure = tickers.iter().any(|found| found.matched.as_ref().is_some_and(|matched| !matched.fuzzy));
            let tickers =
                section(texts::palette::securities(), tickers.into_iter().map(SearchResult::Ticker), usize::MAX);
            let named = [self.lists(texts::palette::lists(), text, FEW), self.actions(text, FEW)];
            let mut sections = Vec::from(named);
            // Lists and actions whose names match come before fuzzy matches of securities.
            sections.insert(if is_sure { 0 } else { 2 }, tickers);
            sections.insert(0, section(texts::palette::alert(), alert.into_iter().map(SearchResult::Alert), 1));
            self.show(request, sections);
            self.failure.set(failure);
            // Whoever has typed an alert and Enter at once means that.
            let is_meant = self.first_is(text) || matches!(self.entry(0), Some(SearchResult::Alert(_)));
            if self.state.palette.take_pending_enter() && is_meant {
                self.choose(0, SearchAction::Add);
            }
        });
    }

    fn show(self, request: u32, mut sections: Vec<Section>) {
        sections.retain(|section| !section.entries.is_empty());
        let count = sections.iter().map(|section| section.entries.len()).sum();
        self.last_answered.set_value(request);
        self.failure.set(None);
        self.sections.set(sections);
        let search = self.state.palette;
        search.active.set(0);
        search.count.set(count);
        search.announcement.set(texts::count(count, texts::palette::one_result, texts::palette::many_results));
    }

    fn lists(self, heading: &'static str, words: &str, most: usize) -> Section {
        let is_choosing_list = self.choosing_list_for.with_untracked(Option::is_some);
        let open = self.state.open_list.id().get_untracked().filter(|_| !is_choosing_list);
        let ListsState::Ready(lists) = self.state.lists.state().get_untracked() else {
            return section(heading, std::iter::empty(), 0);
        };
        let is_match = |list: &WatchlistEntry| {
            Some(&list.id) != open.as_ref() && name_match::matches(&list.name.to_string(), words)
        };
        section(heading, lists.into_iter().filter(is_match).map(SearchResult::List), most)
    }

    fn actions(self, words: &str, most: usize) -> Section {
        let found = actions::find(self.state, words);
        section(texts::palette::actions(), found.into_iter().map(SearchResult::Action), most)
    }

    fn first_is(self, text: &str) -> bool {
        match self.entry(0) {
            Some(SearchResult::Ticker(found)) => found.ticker.symbol.as_str().eq_ignore_ascii_case(text),
            _ => false,
        }
    }
}

fn section(heading: &'static str, entries: impl Iterator<Item = SearchResult>, most: usize) -> Section {
    Section { heading, entries: entries.take(most).collect() }
}
