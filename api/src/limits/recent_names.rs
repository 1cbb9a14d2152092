//! What was so a little while ago: API keys that were good, by their hashes, and sessions that had ended. Nobody gets in or
//! is kept out by this memory: it only says whose bucket a request is taken from.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// For how long something is remembered; no access token is good for longer.
const KEPT: Duration = Duration::from_secs(600);
/// How many are remembered. Past that, new ones are not.
const MOST: usize = 20_000;

/// The names, each with when it was last so.
#[derive(Default)]
pub struct RecentNames(Mutex<HashMap<String, Instant>>);

impl RecentNames {
    /// Whether it was so a little while ago.
    pub fn contains(&self, name: &str) -> bool {
        self.lock().get(name).is_some_and(|at| at.elapsed() < KEPT)
    }

    /// Notes that it is so just now.
    pub fn remember(&self, name: String) {
        let mut known = self.lock();
        if known.len() >= MOST {
            known.retain(|_, at| at.elapsed() < KEPT);
        }
        if known.len() < MOST || known.contains_key(&name) {
            known.insert(name, Instant::now());
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
