//! The last values, in this node's memory: what REST answers with, what a new worker starts from, and what is left
//! where the cluster's cache is out of reach.

use super::round::{Publication, Round, Update};
use crate::ids::random_token;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};
use watchtape_shared::Symbol;

/// The newest update of every symbol.
#[derive(Default)]
pub struct QuoteCache {
    state: RwLock<State>,
}

/// What the cache holds at one moment.
pub struct State {
    /// The run of rounds that the numbers belong to.
    pub epoch: Arc<str>,
    /// The last round that is in it.
    pub seq: u64,
    /// When that was published.
    pub published_at: DateTime<Utc>,
    /// By symbol.
    pub updates: HashMap<Symbol, Update>,
}

impl Default for State {
    fn default() -> Self {
        Self { epoch: new_epoch(), seq: 0, published_at: DateTime::UNIX_EPOCH, updates: HashMap::new() }
    }
}

impl State {
    /// The whole of it, as it travels.
    pub fn to_publication(&self) -> Publication {
        let entries = self.updates.values().map(|update| update.entry.clone()).collect();
        Publication { epoch: self.epoch.clone(), seq: self.seq, published_at: self.published_at, entries }
    }

    /// The whole of it as one round: what a worker that lost some catches up with.
    pub fn to_round(&self) -> Round {
        let updates = self.updates.values().cloned().collect();
        Round { seq: self.seq, published_at: self.published_at, updates }
    }
}

/// A name for a run of rounds that was never used before.
pub fn new_epoch() -> Arc<str> {
    random_token()[..12].into()
}

/// What became of a publication.
#[derive(Debug)]
pub enum Applied {
    /// It is in: the round for the workers, and whether rounds between the last one and this are missing.
    New(Round, bool),
    /// It is not newer than what is there.
    Old,
    /// It belongs to another epoch: only a snapshot leads there.
    Foreign,
}

impl QuoteCache {
    /// Takes a round in, encoding each of its symbols once.
    pub fn apply(&self, publication: Publication) -> Applied {
        let mut state = self.write();
        if publication.epoch != state.epoch {
            return Applied::Foreign;
        }
        if publication.seq <= state.seq {
            return Applied::Old;
        }
        let gap = publication.seq != state.seq + 1;
        Applied::New(state.absorb(publication), gap)
    }

    /// Takes a snapshot in: what of it is news, as a round. None where the snapshot begins another epoch, which
    /// replaces everything.
    pub fn restore(&self, mut snapshot: Publication) -> Option<Round> {
        let mut state = self.write();
        if snapshot.epoch != state.epoch {
            *state = State { epoch: snapshot.epoch.clone(), ..State::default() };
            state.absorb(snapshot);
            return None;
        }
        let is_news = |quote: &watchtape_shared::Quote| {
            state.updates.get(&quote.symbol).is_none_or(|known| *known.entry.quote != *quote)
        };
        // As new as what is here is enough: a round may be here whose predecessors were lost.
        let is_current = snapshot.seq >= state.seq;
        snapshot.entries.retain(|entry| is_current && is_news(&entry.quote));
        snapshot.seq = snapshot.seq.max(state.seq);
        Some(state.absorb(snapshot))
    }

    /// What it holds now. Keep it no longer than it takes to read: the next round waits.
    pub fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl State {
    fn absorb(&mut self, publication: Publication) -> Round {
        let updates: Vec<Update> = publication.entries.into_iter().filter_map(Update::new).collect();
        self.seq = publication.seq;
        self.published_at = publication.published_at;
        for update in &updates {
            self.updates.insert(update.entry.quote.symbol, update.clone());
        }
        Round { seq: publication.seq, published_at: publication.published_at, updates }
    }
}
