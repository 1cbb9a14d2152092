//! The index that is in use: a newer catalogue replaces it while requests are answered.

use super::index::TickerIndex;
use std::sync::{Arc, PoisonError, RwLock};
use watchtape_shared::Symbol;
use watchtape_shared::ticker::Ticker;

/// The catalogue of a running server.
pub struct LiveIndex(RwLock<Arc<TickerIndex>>);

impl LiveIndex {
    /// Begins with an index.
    pub fn new(index: TickerIndex) -> Self {
        Self(RwLock::new(Arc::new(index)))
    }

    /// The index now. Whoever looks more than once at the same catalogue keeps it meanwhile.
    pub fn load(&self) -> Arc<TickerIndex> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The ticker with exactly this symbol.
    pub fn get(&self, symbol: &Symbol) -> Option<Arc<Ticker>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(symbol).cloned()
    }

    /// Replaces the index.
    pub fn replace(&self, index: TickerIndex) {
        let new = Arc::new(index);
        let old = std::mem::replace(&mut *self.0.write().unwrap_or_else(PoisonError::into_inner), new);
        // Not under the lock: it frees the memory of a whole catalogue.
        drop(old);
    }
}
