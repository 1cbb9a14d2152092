//! The last values, in this node's memory: what REST answers with and what a new worker starts from.

use super::round::{Round, Update};
use std::collections::HashMap;
use std::sync::{RwLock, RwLockReadGuard};
use watchtape_shared::Symbol;

/// The newest update of every symbol.
#[derive(Default)]
pub struct LastValues {
    state: RwLock<State>,
}

/// What the cache holds at one moment.
#[derive(Default)]
pub struct State {
    /// The last round that is in it.
    pub seq: u64,
    /// By symbol.
    pub updates: HashMap<Symbol, Update>,
}

impl LastValues {
    /// Takes a round in. One that is not newer is passed over whole.
    pub fn apply(&self, round: &Round) {
        let mut state = self.state.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if round.seq <= state.seq {
            return;
        }
        state.seq = round.seq;
        for update in &round.updates {
            state.updates.insert(update.quote.symbol, update.clone());
        }
    }

    /// What it holds now. Keep it no longer than it takes to read: the feed waits.
    pub fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
