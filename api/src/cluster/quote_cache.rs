//! The last values in this node's memory: for REST, for worker threads that start or fall behind, and while Redis is
//! unreachable.
//!
//! Rounds are ordered by term and sequence number. Of one symbol a value never gives way to an older one of the same source or
//! to none, unless the epoch began for a reason that makes the two incomparable: what the feed does not know is kept, and
//! offered to it.

use super::encoded_row::EncodedRow;
use super::entry::Entry;
use super::round::{Publication, Round};
use crate::ids::random_token;
use crate::telemetry::traces::TraceContext;
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};
use watchtape_shared::Symbol;
use watchtape_shared::stream::GapReason;

/// The last values of every symbol.
#[derive(Default)]
pub struct QuoteCache {
    state: RwLock<State>,
}

/// The content of the cache.
pub struct State {
    /// The epoch of `seq`.
    pub epoch: Arc<str>,
    /// The term of the last round.
    pub term: u64,
    /// The sequence number of the last round.
    pub seq: u64,
    /// Why the epoch began.
    pub reason: GapReason,
    /// When that round was published.
    pub published_at: DateTime<Utc>,
    /// The last update of each symbol.
    pub updates: HashMap<Symbol, EncodedRow>,
    /// The symbols whose value here is newer than what the feed has published.
    ahead: HashSet<Symbol>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            epoch: new_epoch(),
            term: 0,
            seq: 0,
            reason: GapReason::Restarted,
            published_at: DateTime::UNIX_EPOCH,
            updates: HashMap::new(),
            ahead: HashSet::new(),
        }
    }
}

impl State {
    /// All entries, as a snapshot.
    pub fn to_publication(&self) -> Publication {
        Publication {
            epoch: self.epoch.clone(),
            term: self.term,
            seq: self.seq,
            reason: self.reason,
            published_at: self.published_at,
            trace: TraceContext::default(),
            entries: self.updates.values().map(|update| update.entry.clone()).collect(),
        }
    }

    /// All updates as one round, for a worker that has missed rounds.
    pub fn to_round(&self) -> Round {
        self.round_of(self.updates.values().cloned().collect(), TraceContext::default())
    }

    /// The entries that are newer than what the feed has published.
    pub fn ahead(&self) -> Vec<Entry> {
        self.ahead.iter().filter_map(|symbol| self.updates.get(symbol)).map(|update| update.entry.clone()).collect()
    }

    fn round_of(&self, updates: Vec<EncodedRow>, trace: TraceContext) -> Round {
        let epoch = self.epoch.clone();
        Round { epoch, term: self.term, seq: self.seq, published_at: self.published_at, trace, updates }
    }
}

/// A new random name of an epoch.
pub fn new_epoch() -> Arc<str> {
    random_token()[..12].into()
}

/// The result of applying a publication.
#[derive(Debug)]
pub enum Applied {
    /// Applied: the round for the workers, and whether rounds before it are missing.
    New(Round, bool),
    /// Ignored: not newer than the cache.
    Old,
    /// Ignored: of another epoch, which needs a snapshot.
    OtherEpoch,
    /// Ignored: of this other epoch, whose term is not above this one's. Who published it does not know of this term.
    OlderTerm(Arc<str>),
}

/// The result of applying a snapshot.
#[derive(Debug)]
pub enum Restored {
    /// Applied within the epoch: the round of what it changed.
    Changes(Round),
    /// A new epoch has begun with it.
    NewEpoch,
    /// Ignored: of this other epoch, whose term is not above this one's.
    OlderTerm(Arc<str>),
}

impl QuoteCache {
    /// Applies a round; encodes the row of each of its symbols once.
    pub fn apply(&self, publication: Publication) -> Applied {
        let mut state = self.write();
        if publication.epoch != state.epoch {
            return if state.is_older_term(&publication) {
                Applied::OlderTerm(publication.epoch)
            } else {
                Applied::OtherEpoch
            };
        }
        if publication.seq <= state.seq {
            return Applied::Old;
        }
        let gap = publication.seq != state.seq + 1;
        Applied::New(state.apply_entries(publication), gap)
    }

    /// Applies a snapshot.
    pub fn restore(&self, mut snapshot: Publication) -> Restored {
        let mut state = self.write();
        if snapshot.epoch != state.epoch {
            if state.is_older_term(&snapshot) {
                return Restored::OlderTerm(snapshot.epoch);
            }
            state.begin_epoch(snapshot);
            return Restored::NewEpoch;
        }
        let is_changed = |entry: &Entry| {
            state.updates.get(&entry.quote.symbol).is_none_or(|known| *known.entry.quote != *entry.quote)
        };
        // An equal `seq` is applied too: rounds before the cache's last one may be missing.
        let is_current = snapshot.seq >= state.seq;
        snapshot.entries.retain(|entry| is_current && is_changed(entry));
        snapshot.seq = snapshot.seq.max(state.seq);
        Restored::Changes(state.apply_entries(snapshot))
    }

    /// Read access. Hold the guard briefly: it blocks the next round.
    pub fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl State {
    /// A version that counts no terms is believed.
    fn is_older_term(&self, publication: &Publication) -> bool {
        publication.term != 0 && publication.term <= self.term
    }

    fn begin_epoch(&mut self, snapshot: Publication) {
        let mut held = std::mem::take(&mut self.updates);
        self.ahead.clear();
        if snapshot.reason.takes_back() {
            held.clear();
        }
        self.seq = 0;
        self.epoch = snapshot.epoch.clone();
        self.apply_entries(snapshot);
        for (symbol, update) in held {
            let is_known = self.updates.get(&symbol).is_some_and(|known| !update.entry.is_newer_than(&known.entry));
            if !is_known {
                self.updates.insert(symbol, update);
                self.ahead.insert(symbol);
            }
        }
    }

    fn apply_entries(&mut self, publication: Publication) -> Round {
        let mut updates: Vec<EncodedRow> = publication.entries.into_iter().filter_map(EncodedRow::new).collect();
        (self.term, self.seq, self.reason) = (publication.term.max(self.term), publication.seq, publication.reason);
        self.published_at = publication.published_at;
        updates.retain(|update| {
            let symbol = update.entry.quote.symbol;
            let is_older = self.updates.get(&symbol).is_some_and(|held| held.entry.is_newer_than(&update.entry));
            if is_older {
                self.ahead.insert(symbol);
            } else {
                self.ahead.remove(&symbol);
                self.updates.insert(symbol, update.clone());
            }
            !is_older
        });
        self.round_of(updates, publication.trace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;
    use watchtape_shared::quote::Mode;
    use watchtape_shared::{Currency, Price, Quote};

    fn entry(symbol: &str, second: i64) -> Entry {
        let quote = Quote {
            symbol: Symbol::parse(symbol).expect("a symbol"),
            price: Price::from_micros(second),
            currency: Currency::USD,
            previous_close: None,
            open: None,
            high: None,
            low: None,
            volume: None,
            as_of: DateTime::from_timestamp(second, 0),
            source: "test".to_owned(),
            mode: Mode::Live,
            stale: false,
            reason: None,
        };
        Entry { day: NaiveDate::MIN, close: None, quote: Arc::new(quote) }
    }

    fn publication(epoch: &str, term: u64, seq: u64, reason: GapReason, entries: &[(&str, i64)]) -> Publication {
        let entries = entries.iter().map(|(symbol, second)| entry(symbol, *second)).collect();
        let (published_at, trace) = (DateTime::UNIX_EPOCH, TraceContext::default());
        Publication { epoch: epoch.into(), term, seq, reason, published_at, trace, entries }
    }

    /// The seconds of the prices that are held, and of those that the feed does not know.
    fn held(cache: &QuoteCache) -> (Vec<(String, i64)>, Vec<String>) {
        let state = cache.read();
        let second = |update: &EncodedRow| update.entry.quote.as_of.map_or(0, |as_of| as_of.timestamp());
        let mut values: Vec<_> = state.updates.iter().map(|(symbol, row)| (symbol.to_string(), second(row))).collect();
        let mut ahead: Vec<_> = state.ahead().iter().map(|entry| entry.quote.symbol.to_string()).collect();
        values.sort();
        ahead.sort();
        (values, ahead)
    }

    fn values(pairs: &[(&str, i64)]) -> Vec<(String, i64)> {
        pairs.iter().map(|(symbol, second)| ((*symbol).to_owned(), *second)).collect()
    }

    #[test]
    fn a_value_gives_way_to_no_older_one_and_to_none() {
        let cache = QuoteCache::default();
        let first = publication("a", 1, 9, GapReason::Restarted, &[("A", 10), ("B", 10), ("C", 10)]);
        assert!(matches!(cache.restore(first), Restored::NewEpoch));
        // A feed that began with an older state: it knows A as it was, nothing of B, and more of C.
        let begun = publication("b", 2, 1, GapReason::Restarted, &[("A", 5), ("C", 20)]);
        assert!(matches!(cache.restore(begun), Restored::NewEpoch));
        assert_eq!(held(&cache), (values(&[("A", 10), ("B", 10), ("C", 20)]), vec!["A".to_owned(), "B".to_owned()]));
        // It publishes an older value still, then what it has been offered.
        let Applied::New(round, false) = cache.apply(publication("b", 2, 2, GapReason::Restarted, &[("A", 7)])) else {
            panic!("the next round");
        };
        assert!(round.updates.is_empty(), "nobody is told of the older one");
        cache.apply(publication("b", 2, 3, GapReason::Restarted, &[("A", 10), ("B", 11)]));
        assert_eq!(held(&cache), (values(&[("A", 10), ("B", 11), ("C", 20)]), Vec::new()));
    }

    #[test]
    fn a_clock_that_was_set_and_another_source_replace_everything() {
        for reason in [GapReason::ClockSet, GapReason::SourceChanged] {
            let cache = QuoteCache::default();
            cache.restore(publication("a", 1, 9, GapReason::Restarted, &[("A", 10), ("B", 10)]));
            cache.restore(publication("b", 2, 1, reason, &[("A", 5)]));
            assert_eq!(held(&cache), (values(&[("A", 5)]), Vec::new()));
        }
    }

    #[test]
    fn terms_order_what_epochs_do_not() {
        let cache = QuoteCache::default();
        cache.restore(publication("a", 5, 100, GapReason::Restarted, &[("A", 10)]));
        for term in [4, 5] {
            let older = publication("old", term, 900, GapReason::Restarted, &[("A", 99)]);
            assert!(matches!(cache.apply(older.clone()), Applied::OlderTerm(epoch) if &*epoch == "old"));
            assert!(matches!(cache.restore(older), Restored::OlderTerm(_)));
        }
        assert!(matches!(cache.apply(publication("b", 6, 1, GapReason::Restarted, &[])), Applied::OtherEpoch));
        // The next node goes on with the epoch of the one before.
        let next = cache.apply(publication("a", 6, 101, GapReason::Restarted, &[("A", 11)]));
        assert!(matches!(next, Applied::New(Round { term: 6, seq: 101, .. }, false)));
    }
}
