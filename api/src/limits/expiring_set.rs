//! A bounded set of strings that expire. It holds hashes of API keys that were valid and sessions that had ended, and
//! decides only which bucket a request takes a token from: access is always checked in the database.

use crate::clock;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long an entry is kept: at least the lifetime of an access token.
const LIFETIME: Duration = Duration::from_secs(600);
/// Maximum of entries; beyond that, new ones are dropped.
const CAPACITY: usize = 20_000;

/// The entries, each with the time of its last insertion.
#[derive(Default)]
pub struct ExpiringSet(Mutex<HashMap<String, Instant>>);

impl ExpiringSet {
    /// Whether the entry was inserted within [`LIFETIME`].
    pub fn contains(&self, entry: &str) -> bool {
        self.lock().get(entry).is_some_and(|at| at.elapsed() < LIFETIME)
    }

    /// Inserts the entry, or renews it.
    pub fn insert(&self, entry: String) {
        let mut entries = self.lock();
        if entries.len() >= CAPACITY {
            entries.retain(|_, at| at.elapsed() < LIFETIME);
        }
        if entries.len() < CAPACITY || entries.contains_key(&entry) {
            entries.insert(entry, clock::monotonic());
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
