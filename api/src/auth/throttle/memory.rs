//! The last wrong guesses, as hashes with a key that this process alone has had: somebody who tries the same again and
//! again, a program with an old password for one, learns nothing new and is not made to pay for it.

use crate::auth::secret::keyed_hash;
use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// For how long a guess is remembered.
const LIFETIME: Duration = Duration::from_secs(15 * 60);
/// How many are remembered: past that, the oldest are forgotten.
const MOST_REMEMBERED: usize = 10_000;

/// The last wrong guesses.
pub(super) struct WrongGuesses {
    key: [u8; 32],
    recent: Mutex<Recent>,
}

#[derive(Default)]
struct Recent {
    known: HashSet<[u8; 32]>,
    /// Oldest first.
    by_age: VecDeque<(Instant, [u8; 32])>,
}

impl Default for WrongGuesses {
    fn default() -> Self {
        Self { key: rand::random(), recent: Mutex::default() }
    }
}

impl WrongGuesses {
    /// Whether it was wrong a short time ago.
    pub(super) fn holds(&self, guess: &str) -> bool {
        self.holds_at(guess, Instant::now())
    }

    /// Notes that it was wrong.
    pub(super) fn remember(&self, guess: &str) {
        self.remember_at(guess, Instant::now());
    }

    fn holds_at(&self, guess: &str, now: Instant) -> bool {
        let hash = keyed_hash(&self.key, guess.as_bytes());
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.forget(now, MOST_REMEMBERED);
        recent.known.contains(&hash)
    }

    fn remember_at(&self, guess: &str, now: Instant) {
        let hash = keyed_hash(&self.key, guess.as_bytes());
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.forget(now, MOST_REMEMBERED - 1);
        if recent.known.insert(hash) {
            recent.by_age.push_back((now, hash));
        }
    }
}

impl Recent {
    fn forget(&mut self, now: Instant, most: usize) {
        while let Some((at, hash)) = self.by_age.front().copied() {
            if self.by_age.len() <= most && now.duration_since(at) < LIFETIME {
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
        let (wrong, start) = (WrongGuesses::default(), Instant::now());
        wrong.remember_at("first", start);
        assert!(wrong.holds_at("first", start + LIFETIME / 2) && !wrong.holds_at("second", start));
        for number in 0..MOST_REMEMBERED {
            wrong.remember_at(&number.to_string(), start + LIFETIME / 2);
        }
        assert!(!wrong.holds_at("first", start + LIFETIME / 2), "the oldest made room");
        assert!(wrong.holds_at("0", start + LIFETIME));
        assert!(!wrong.holds_at("0", start + LIFETIME * 2));
        assert_eq!(wrong.recent.lock().expect("a lock").known.len(), 0);
    }
}
