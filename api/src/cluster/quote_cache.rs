//! The last values in this node's memory: for REST, for worker threads that start or fall behind, and while Redis is
//! unreachable.

use super::encoded_row::EncodedRow;
use super::round::{Publication, Round};
use crate::ids::random_token;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};
use watchtape_shared::Symbol;

/// The last values of every symbol.
#[derive(Default)]
pub struct QuoteCache {
    state: RwLock<State>,
}

/// The content of the cache.
pub struct State {
    /// The epoch of `seq`.
    pub epoch: Arc<str>,
    /// The sequence number of the last round.
    pub seq: u64,
    /// When that round was published.
    pub published_at: DateTime<Utc>,
    /// The last update of each symbol.
    pub updates: HashMap<Symbol, EncodedRow>,
}

impl Default for State {
    fn default() -> Self {
        Self { epoch: new_epoch(), seq: 0, published_at: DateTime::UNIX_EPOCH, updates: HashMap::new() }
    }
}

impl State {
    /// All entries, as a snapshot.
    pub fn to_publication(&self) -> Publication {
        let entries = self.updates.values().map(|update| update.entry.clone()).collect();
        Publication { epoch: self.epoch.clone(), seq: self.seq, published_at: self.published_at, entries }
    }

    /// All updates as one round, for a worker that has missed rounds.
    pub fn to_round(&self) -> Round {
        let updates = self.updates.values().cloned().collect();
        Round { seq: self.seq, published_at: self.published_at, updates }
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
}

impl QuoteCache {
    /// Applies a round; encodes the row of each of its symbols once.
    pub fn apply(&self, publication: Publication) -> Applied {
        let mut state = self.write();
        if publication.epoch != state.epoch {
            return Applied::OtherEpoch;
        }
        if publication.seq <= state.seq {
            return Applied::Old;
        }
        let gap = publication.seq != state.seq + 1;
        Applied::New(state.apply_entries(publication), gap)
    }

    /// Applies a snapshot. Returns its changes as a round; `None` where it is of another epoch and replaces everything.
    pub fn restore(&self, mut snapshot: Publication) -> Option<Round> {
        let mut state = self.write();
        if snapshot.epoch != state.epoch {
            *state = State { epoch: snapshot.epoch.clone(), ..State::default() };
            state.apply_entries(snapshot);
            return None;
        }
        let is_changed = |quote: &watchtape_shared::Quote| {
            state.updates.get(&quote.symbol).is_none_or(|known| *known.entry.quote != *quote)
        };
        // An equal `seq` is applied too: rounds before the cache's last one may be missing.
        let is_current = snapshot.seq >= state.seq;
        snapshot.entries.retain(|entry| is_current && is_changed(&entry.quote));
        snapshot.seq = snapshot.seq.max(state.seq);
        Some(state.apply_entries(snapshot))
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
    fn apply_entries(&mut self, publication: Publication) -> Round {
        let updates: Vec<EncodedRow> = publication.entries.into_iter().filter_map(EncodedRow::new).collect();
        self.seq = publication.seq;
        self.published_at = publication.published_at;
        for update in &updates {
            self.updates.insert(update.entry.quote.symbol, update.clone());
        }
        Round { seq: publication.seq, published_at: publication.published_at, updates }
    }
}
