//! The last wrong passwords, as hashes with a key of this process. A client that sends the same wrong password
//! repeatedly, such as a program with an old one, learns nothing from it and is not charged again.

use crate::auth::secret::hmac_sha256;
use crate::{clock, random};
use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a wrong password is remembered.
const LIFETIME: Duration = Duration::from_secs(15 * 60);
/// Wrong passwords that are remembered; beyond that, the oldest are evicted.
const CAPACITY: usize = 10_000;

/// The last wrong passwords.
pub(super) struct RecentFailures {
    key: [u8; 32],
    recent: Mutex<Recent>,
}

#[derive(Default)]
struct Recent {
    known: HashSet<[u8; 32]>,
    /// Oldest first.
    by_age: VecDeque<(Instant, [u8; 32])>,
}

impl Default for RecentFailures {
    fn default() -> Self {
        Self { key: random::bytes(), recent: Mutex::default() }
    }
}

impl RecentFailures {
    /// Whether this guess, an [`Attempt::fingerprint`](super::attempt::Attempt::fingerprint), was wrong within
    /// [`LIFETIME`].
    pub(super) fn contains(&self, guess: &str) -> bool {
        self.contains_at(guess, clock::monotonic())
    }

    /// Remembers that this guess was wrong.
    pub(super) fn insert(&self, guess: &str) {
        self.insert_at(guess, clock::monotonic());
    }

    fn contains_at(&self, guess: &str, now: Instant) -> bool {
        let hash = hmac_sha256(&self.key, guess.as_bytes());
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.evict(now, CAPACITY);
        recent.known.contains(&hash)
    }

    fn insert_at(&self, guess: &str, now: Instant) {
        let hash = hmac_sha256(&self.key, guess.as_bytes());
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.evict(now, CAPACITY - 1);
        if recent.known.insert(hash) {
            recent.by_age.push_back((now, hash));
        }
    }
}

impl Recent {
    fn evict(&mut self, now: Instant, max: usize) {
        while let Some((at, hash)) = self.by_age.front().copied() {
            if self.by_age.len() <= max && now.duration_since(at) < LIFETIME {
                return;
            }
            self.by_age.pop_front();
            self.known.remove(&hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_guess_is_remembered_for_a_while_and_only_so_many_are() {
        let (wrong, start) = (RecentFailures::default(), clock::monotonic());
        wrong.insert_at("first", start);
        assert!(wrong.contains_at("first", start + LIFETIME / 2) && !wrong.contains_at("second", start));
        for number in 0..CAPACITY {
            wrong.insert_at(&number.to_string(), start + LIFETIME / 2);
        }
        assert!(!wrong.contains_at("first", start + LIFETIME / 2), "the oldest is evicted");
        assert!(wrong.contains_at("0", start + LIFETIME));
        assert!(!wrong.contains_at("0", start + LIFETIME * 2));
        assert_eq!(wrong.recent.lock().expect("a lock").known.len(), 0);
    }
}
