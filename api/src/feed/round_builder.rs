//! Builds rounds from ticks: the last values of each symbol, and what a tick changes of them.

use super::provider::Tick;
use crate::cluster::entry::Entry;
use crate::cluster::last_values::MAX_CLOCK_SKEW;
use crate::cluster::quote_cache::new_epoch;
use crate::cluster::round::Publication;
use crate::search::LiveIndex;
use crate::telemetry::traces::TraceContext;
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use watchtape_shared::quote::Reason;
use watchtape_shared::stream::GapReason;
use watchtape_shared::{Price, Quote, Symbol};

/// Builds rounds; keeps the last entry of each symbol.
pub(super) struct RoundBuilder {
    tickers: Arc<LiveIndex>,
    epoch: Arc<str>,
    term: u64,
    seq: u64,
    reason: GapReason,
    last: HashMap<Symbol, Entry>,
    /// The symbols whose values were marked stale in this term.
    stale: HashSet<Symbol>,
}

impl RoundBuilder {
    /// Goes on after these last values in a new term.
    pub(super) fn resume(tickers: Arc<LiveIndex>, last: Publication, term: u64) -> Self {
        let entries = last.entries.into_iter().map(|entry| (entry.quote.symbol, entry));
        Self {
            tickers,
            epoch: last.epoch,
            term,
            seq: last.seq,
            reason: last.reason,
            last: entries.collect(),
            stale: HashSet::new(),
        }
    }

    pub(super) fn entries(&self) -> Vec<Entry> {
        self.last.values().cloned().collect()
    }

    /// Whether rounds are published in this epoch.
    pub(super) fn is_of(&self, epoch: &str) -> bool {
        *self.epoch == *epoch
    }

    /// The term that rounds are published in.
    pub(super) fn term(&self) -> u64 {
        self.term
    }

    /// Whether there is a value of a time that is still to come: the clock has been set back, or is behind another node's.
    pub(super) fn is_ahead_of(&self, now: DateTime<Utc>) -> bool {
        self.last.values().any(|entry| is_ahead_of(entry, now))
    }

    /// Begins a new epoch in a new term, and returns all of its values. Where the clock has been set, what is dated in the future
    /// is dated now, so that the next tick, which is dated by the clock as it is, is not an older one.
    pub(super) fn begin_epoch(&mut self, term: u64, reason: GapReason, now: DateTime<Utc>) -> Publication {
        (self.epoch, self.term, self.seq, self.reason) = (new_epoch(), term, 1, reason);
        let is_redated =
            |entry: &Entry| reason == GapReason::ClockSet && entry.quote.as_of.is_some_and(|as_of| as_of > now);
        for entry in self.last.values_mut().filter(|entry| is_redated(entry)) {
            Arc::make_mut(&mut entry.quote).as_of = Some(now);
            entry.day = entry.day.min(now.date_naive());
        }
        self.publication(self.entries(), now)
    }

    /// Takes over entries that are newer than the own ones, or of symbols that have none, and returns those.
    pub(super) fn merge(&mut self, entries: impl IntoIterator<Item = Entry>) -> Vec<Entry> {
        let mut taken = Vec::new();
        for entry in entries {
            let symbol = entry.quote.symbol;
            let is_newer = self.last.get(&symbol).is_none_or(|known| entry.is_newer_than(known));
            if is_newer && self.tickers.get(&symbol).is_some() {
                self.last.insert(symbol, entry.clone());
                taken.push(entry);
            }
        }
        taken
    }

    /// The next round, of these entries; `None` of none.
    pub(super) fn next_round(&mut self, entries: Vec<Entry>, now: DateTime<Utc>) -> Option<Publication> {
        if entries.is_empty() {
            return None;
        }
        self.seq += 1;
        Some(self.publication(entries, now))
    }

    /// Marks the values of symbols that the source has no price of any more as stale, with the reason, and those that it has
    /// again as not. Returns what changed. What was marked in an earlier term stays so until the source says something of it.
    pub(super) fn set_unpriced(&mut self, unpriced: &HashMap<Symbol, Reason>) -> Vec<Entry> {
        let ended: Vec<Symbol> = self.stale.iter().copied().filter(|symbol| !unpriced.contains_key(symbol)).collect();
        let marks = unpriced.iter().map(|(symbol, reason)| (*symbol, Some(*reason)));
        let mut changed = Vec::new();
        for (symbol, reason) in marks.chain(ended.into_iter().map(|symbol| (symbol, None))) {
            let Some(entry) = self.last.get_mut(&symbol) else { continue };
            match reason {
                Some(_) => self.stale.insert(symbol),
                None => self.stale.remove(&symbol),
            };
            if entry.quote.reason != reason {
                let quote = Arc::make_mut(&mut entry.quote);
                (quote.stale, quote.reason) = (reason.is_some(), reason);
                changed.push(entry.clone());
            }
        }
        changed
    }

    fn publication(&self, entries: Vec<Entry>, now: DateTime<Utc>) -> Publication {
        let (epoch, term, seq, reason) = (self.epoch.clone(), self.term, self.seq, self.reason);
        Publication { epoch, term, seq, reason, published_at: now, trace: TraceContext::default(), entries }
    }

    /// The ticks as a round; `None` where nothing changed. Calls `record` with each accepted tick and its entry, in order.
    pub(super) fn build(
        &mut self,
        ticks: &[Tick],
        now: DateTime<Utc>,
        mut record: impl FnMut(&Tick, &Entry),
    ) -> Option<Publication> {
        // A symbol with several ticks is in the round once, with the last.
        let mut changed: HashMap<Symbol, Entry> = HashMap::new();
        let mut order = Vec::new();
        for tick in ticks {
            let Some(entry) = self.accept(tick, now) else { continue };
            record(tick, &entry);
            self.stale.remove(&tick.symbol);
            self.last.insert(tick.symbol, entry.clone());
            if changed.insert(tick.symbol, entry).is_none() {
                order.push(tick.symbol);
            }
        }
        self.next_round(order.iter().filter_map(|symbol| changed.remove(symbol)).collect(), now)
    }

    /// The symbol's new entry; `None` where the tick is of an unknown symbol, in the future, older or unchanged.
    fn accept(&self, tick: &Tick, now: DateTime<Utc>) -> Option<Entry> {
        let ticker = self.tickers.get(&tick.symbol)?;
        if tick.as_of > now + MAX_CLOCK_SKEW {
            return None;
        }
        let known = self.last.get(&tick.symbol);
        let same_day = known.filter(|entry| entry.day == tick.day);
        if let Some(Entry { day, quote, .. }) = known {
            let older = *day > tick.day || quote.as_of.is_some_and(|as_of| as_of > tick.as_of);
            let unchanged = quote.price == Some(tick.price) && quote.as_of == Some(tick.as_of) && !quote.stale;
            if older || unchanged {
                return None;
            }
        }
        // Prices outside regular hours and of some kinds of trades do not count for open, high and low.
        let seen = (!tick.is_extended && !tick.is_last_only).then_some(tick.price);
        let day_value = |given: Option<Price>, of: fn(&Quote) -> Option<Price>, pick: fn(Price, Price) -> Price| {
            let known = same_day.and_then(|entry| of(&entry.quote));
            [given, known, seen].into_iter().flatten().reduce(pick)
        };
        let previous_close = match (tick.previous_close, same_day) {
            (Some(price), _) => Some(price),
            (None, None) if tick.starts_over => None,
            (None, Some(entry)) => entry.quote.previous_close,
            (None, None) => known.and_then(|entry| entry.close.or(entry.quote.price)),
        };
        let quote = Quote {
            symbol: tick.symbol,
            price: Some(tick.price),
            currency: ticker.currency,
            previous_close,
            open: day_value(tick.open, |quote| quote.open, |first, _| first),
            high: day_value(tick.high, |quote| quote.high, Price::max),
            low: day_value(tick.low, |quote| quote.low, Price::min),
            volume: tick.volume.or_else(|| same_day.and_then(|entry| entry.quote.volume)),
            as_of: Some(tick.as_of),
            source: tick.source.to_owned(),
            mode: tick.mode,
            stale: false,
            reason: None,
        };
        let close = seen.or_else(|| same_day.and_then(|entry| entry.close));
        Some(Entry { day: tick.day, close, quote: Arc::new(quote) })
    }
}

fn is_ahead_of(entry: &Entry, now: DateTime<Utc>) -> bool {
    entry.quote.as_of.is_some_and(|as_of| as_of > now + MAX_CLOCK_SKEW)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;
    use crate::search::TickerIndex;
    use chrono::{NaiveDate, TimeDelta};
    use proptest::prelude::*;
    use watchtape_shared::quote::Mode;
    use watchtape_shared::ticker::Ticker;

    fn symbol(text: &str) -> Symbol {
        Symbol::parse(text).expect("a symbol")
    }

    fn ticker(text: &str) -> Ticker {
        Ticker::new(symbol(text), text, 1)
    }

    fn builder() -> RoundBuilder {
        let tickers = Arc::new(LiveIndex::new(TickerIndex::new(vec![Arc::new(ticker("AAPL"))])));
        let (published_at, entries) = (clock::now(), Vec::new());
        let (epoch, term, seq, reason) = (new_epoch(), 1, 0, GapReason::Restarted);
        let trace = TraceContext::default();
        let empty = Publication { epoch, term, seq, reason, published_at, trace, entries };
        RoundBuilder::resume(tickers, empty, 1)
    }

    fn quote(builder: &RoundBuilder) -> Quote {
        (*builder.last[&symbol("AAPL")].quote).clone()
    }

    fn tick(price: i64, seconds: i64, day: u32) -> Tick {
        Tick {
            symbol: symbol("AAPL"),
            price: Price::from_micros(price).expect("a price"),
            as_of: DateTime::from_timestamp(seconds, 0).expect("a time"),
            day: NaiveDate::from_ymd_opt(2026, 1, day).expect("a day"),
            is_extended: false,
            is_last_only: false,
            starts_over: false,
            previous_close: None,
            open: None,
            high: None,
            low: None,
            volume: None,
            source: "test",
            mode: Mode::Replay,
        }
    }

    proptest! {
        /// Ticks in any order: the last values are those of the newest tick, the day's range holds the price, and the
        /// rounds count up by one each.
        #[test]
        fn the_newest_tick_wins(times in prop::collection::vec((1..1_000_000i64, 0..50i64), 1..40)) {
            let mut builder = builder();
            let mut newest: Option<(i64, i64)> = None;
            let mut rounds = 0;
            for (price, seconds) in times {
                if let Some(publication) = builder.build(&[tick(price, seconds, 1)], clock::now(), |_, _| ()) {
                    rounds += 1;
                    prop_assert_eq!(publication.seq, rounds);
                    prop_assert_eq!(publication.entries.len(), 1);
                }
                if newest.is_none_or(|(_, at)| seconds >= at) {
                    newest = Some((price, seconds));
                }
                let quote = quote(&builder);
                let (price, at) = newest.expect("set above");
                prop_assert_eq!(quote.price, Price::from_micros(price));
                prop_assert_eq!(quote.as_of.map(|as_of| as_of.timestamp()), Some(at));
                prop_assert!(quote.low <= quote.price && quote.price <= quote.high);
            }
        }
    }

    #[test]
    fn a_new_day_keeps_the_last_regular_price_as_the_previous_close() {
        let mut builder = builder();
        let mut late = tick(12, 4, 1);
        late.is_extended = true;
        for tick in [tick(5, 1, 1), tick(9, 2, 1), tick(7, 3, 1), late] {
            assert!(builder.build(&[tick], clock::now(), |_, _| ()).is_some());
        }
        let micros = |price: Option<Price>| price.map(Price::micros);
        let evening = quote(&builder);
        assert_eq!((micros(evening.price), micros(evening.high)), (Some(12), Some(9)), "after hours is no high");
        let mut early = tick(8, 5, 2);
        early.is_extended = true;
        builder.build(&[early], clock::now(), |_, _| ());
        let morning = quote(&builder);
        assert_eq!((micros(morning.previous_close), morning.open), (Some(7), None));
        builder.build(&[tick(10, 6, 2)], clock::now(), |_, _| ());
        let noon = quote(&builder);
        assert_eq!(micros(noon.previous_close), Some(7));
        assert_eq!((micros(noon.open), micros(noon.high), micros(noon.low)), (Some(10), Some(10), Some(10)));
    }

    #[test]
    fn a_value_that_the_source_has_none_for_any_more_is_stale_until_it_has() {
        let mut builder = builder();
        builder.build(&[tick(5, 1, 1)], clock::now(), |_, _| ()).expect("a round");
        let none = |reason| HashMap::from([(symbol("AAPL"), reason), (symbol("NOPE"), reason)]);
        let marked = builder.set_unpriced(&none(Reason::NoData));
        assert_eq!(marked.len(), 1, "what has no value is not here");
        assert_eq!((marked[0].quote.stale, marked[0].quote.reason), (true, Some(Reason::NoData)));
        assert!(builder.set_unpriced(&none(Reason::NoData)).is_empty(), "said once");
        assert_eq!(builder.set_unpriced(&none(Reason::NotCovered))[0].quote.reason, Some(Reason::NotCovered));
        let again = builder.build(&[tick(5, 1, 1)], clock::now(), |_, _| ()).expect("the same price, and not stale");
        assert_eq!((again.entries[0].quote.stale, again.entries[0].quote.reason), (false, None));
        builder.set_unpriced(&none(Reason::NoData));
        let ended = builder.set_unpriced(&HashMap::new());
        assert_eq!((ended[0].quote.stale, ended[0].quote.reason), (false, None));
    }

    #[test]
    fn a_trade_of_the_last_price_alone_changes_no_high_and_no_low() {
        let mut builder = builder();
        let mut odd = tick(50, 2, 1);
        odd.is_last_only = true;
        builder.build(&[tick(5, 1, 1), odd], clock::now(), |_, _| ()).expect("a round");
        let quote = quote(&builder);
        let micros = |price: Option<Price>| price.map(Price::micros);
        assert_eq!((micros(quote.price), micros(quote.high), micros(quote.low)), (Some(50), Some(5), Some(5)));
    }

    #[test]
    fn a_tick_that_starts_over_has_no_previous_close() {
        let mut builder = builder();
        builder.build(&[tick(100, 1, 1)], clock::now(), |_, _| ()).expect("a round");
        let mut over = tick(10, 2, 2);
        over.starts_over = true;
        builder.build(&[over, tick(11, 3, 2)], clock::now(), |_, _| ()).expect("a round");
        assert_eq!(quote(&builder).previous_close, None);
    }

    #[test]
    fn a_round_has_each_symbol_once_and_the_sources_open_high_and_low_win() {
        let mut builder = builder();
        let mut update = tick(6, 2, 1);
        update.high = Price::from_micros(11);
        update.previous_close = Price::from_micros(4);
        let publication = builder.build(&[tick(5, 1, 1), update], clock::now(), |_, _| ()).expect("a round");
        assert_eq!(publication.entries.len(), 1);
        let quote = quote(&builder);
        let micros = |price: Option<Price>| price.map(Price::micros);
        assert_eq!((micros(quote.open), micros(quote.high), micros(quote.low)), (Some(5), Some(11), Some(5)));
        assert_eq!(micros(quote.previous_close), Some(4));
    }

    #[test]
    fn a_clock_that_was_set_back_begins_an_epoch_in_which_prices_move() {
        let mut builder = builder();
        let now = clock::now();
        let at = |as_of: DateTime<Utc>, price| {
            let mut tick = tick(price, 0, 1);
            (tick.as_of, tick.day) = (as_of, as_of.date_naive());
            tick
        };
        builder.build(&[at(now, 5)], now, |_, _| ()).expect("a round");
        let (epoch, set_back) = (builder.epoch.clone(), now - TimeDelta::hours(30));
        assert!(builder.build(&[at(set_back, 6)], set_back, |_, _| ()).is_none(), "older than what is known");
        let begun = builder.begin_epoch(2, GapReason::ClockSet, set_back);
        assert_ne!(begun.epoch, epoch);
        assert_eq!((begun.seq, begun.entries.len()), (1, 1));
        assert_eq!(begun.entries[0].quote.as_of, Some(set_back));
        let next = builder.build(&[at(set_back + TimeDelta::seconds(1), 7)], set_back, |_, _| ()).expect("a round");
        assert_eq!((next.seq, next.epoch), (2, begun.epoch));
    }

    #[test]
    fn future_ticks_and_unknown_symbols_are_dropped() {
        let mut builder = builder();
        let mut ahead = tick(5, 1, 1);
        ahead.as_of = clock::now() + TimeDelta::minutes(1);
        let mut unknown = tick(5, 1, 1);
        unknown.symbol = symbol("NOPE");
        assert_eq!(builder.build(&[ahead, unknown], clock::now(), |_, _| ()), None);
        assert_eq!(builder.seq, 0);
    }
}
