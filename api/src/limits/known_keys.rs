//! API keys that were good a little while ago, by their hashes. Nobody gets in by this memory: it only says who need not
//! pay for what others at the same address make up.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// For how long a key is known without being used.
const KEPT: Duration = Duration::from_secs(600);
/// How many are known. Past that, new ones are not.
const MOST: usize = 20_000;

/// The keys, each with when it was last good.
#[derive(Default)]
pub struct KnownKeys(Mutex<HashMap<String, Instant>>);

impl KnownKeys {
    /// Whether the key was good a little while ago.
    pub fn holds(&self, hash: &str) -> bool {
        self.lock().get(hash).is_some_and(|at| at.elapsed() < KEPT)
    }

    /// Notes that the key was good just now.
    pub fn remember(&self, hash: String) {
        let mut known = self.lock();
        if known.len() >= MOST {
            known.retain(|_, at| at.elapsed() < KEPT);
        }
        if known.len() < MOST || known.contains_key(&hash) {
            known.insert(hash, Instant::now());
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
