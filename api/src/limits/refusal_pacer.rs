//! Slows down clients that go on although they are refused: answering 429 as fast as they ask would cost others more than the
//! limit saves. Whoever is refused now and then is told at once.

use crate::clock;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Refusals that are told at once, and how many more of them each second.
const PROMPT: f64 = 20.0;
const PROMPT_PER_SECOND: f64 = 2.0;
/// How long each further one waits.
const DELAY: Duration = Duration::from_secs(1);
/// Clients that are counted; where there are more, the rest are answered at once.
const CAPACITY: usize = 20_000;

/// The refusals of a client that weigh at a time: each as one, less what has drained since.
#[derive(Clone, Copy)]
struct Refusals {
    at: Instant,
    weight: f64,
}

impl Refusals {
    fn weight_at(&self, now: Instant) -> f64 {
        let drained = now.saturating_duration_since(self.at).as_secs_f64() * PROMPT_PER_SECOND;
        (self.weight - drained).max(0.0)
    }
}

/// The refusals of each client, by the key of its bucket.
#[derive(Default)]
pub struct RefusalPacer(Mutex<HashMap<String, Refusals>>);

impl RefusalPacer {
    /// Counts a refusal. Returns how long its answer is to wait.
    pub fn delay(&self, client: &str) -> Duration {
        self.delay_at(client, clock::monotonic())
    }

    fn delay_at(&self, client: &str, now: Instant) -> Duration {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if clients.len() >= CAPACITY && !clients.contains_key(client) {
            clients.retain(|_, refusals| refusals.weight_at(now) > 0.0);
            if clients.len() >= CAPACITY {
                return Duration::ZERO;
            }
        }
        let refusals = clients.entry(client.to_owned()).or_insert(Refusals { at: now, weight: 0.0 });
        // No more than one delayed refusal weighs: whoever stops is soon as good as new.
        let weight = (refusals.weight_at(now) + 1.0).min(PROMPT + 1.0);
        *refusals = Refusals { at: now, weight };
        if weight > PROMPT { DELAY } else { Duration::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_goes_on_waits_and_nobody_else() {
        let (pacer, start) = (RefusalPacer::default(), clock::monotonic());
        let at = |client: &str, ms| pacer.delay_at(client, start + Duration::from_millis(ms));
        assert!((0..20).all(|_| at("a", 0) == Duration::ZERO));
        assert_eq!([at("a", 10), at("a", 20), at("a", 30)], [DELAY; 3]);
        assert_eq!(at("b", 30), Duration::ZERO);
        assert_eq!([at("a", 5_000), at("a", 15_000)], [Duration::ZERO; 2], "who has stopped begins anew");
        assert!((1..60).all(|second| at("c", second * 1_000) == Duration::ZERO), "now and then");
    }

    #[test]
    fn what_is_counted_is_bounded() {
        let (pacer, start) = (RefusalPacer::default(), clock::monotonic());
        for number in 0..CAPACITY + 100 {
            pacer.delay_at(&number.to_string(), start);
        }
        assert_eq!(pacer.0.lock().expect("no panic").len(), CAPACITY);
        pacer.delay_at("later", start + Duration::from_secs(1));
        assert_eq!(pacer.0.lock().expect("no panic").len(), 1);
    }
}
