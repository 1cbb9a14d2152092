//! How long to wait before connecting again: exponential with full jitter, so that the clients of a server that
//! restarts do not come back all at once. See <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>.

const BASE_MS: u64 = 500;
const CAP_MS: u64 = 30_000;

/// The delays of consecutive failures.
#[derive(Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    pub(super) fn is_fresh(&self) -> bool {
        self.failures == 0
    }

    pub(super) fn count(&mut self) {
        self.failures = self.failures.saturating_add(1);
    }

    /// The next pause in milliseconds: a random part of a span that doubles up to half a minute, after what the server
    /// asked for. `random` is from 0 up to, not including, 1.
    pub(super) fn next(&mut self, random: f64, floor_ms: u64) -> u64 {
        let span_ms = BASE_MS.saturating_mul(1 << self.failures.min(16)).min(CAP_MS);
        self.count();
        floor_ms.saturating_add((span_ms as f64 * random) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn the_longest_pause_doubles_up_to_the_cap() {
        let mut backoff = Backoff::default();
        let longest: Vec<u64> = (0..40).map(|_| backoff.next(0.999_999_9, 0)).collect();
        assert_eq!(&longest[..7], &[499, 999, 1_999, 3_999, 7_999, 15_999, 29_999]);
        assert!(longest[7..].iter().all(|pause| *pause == 29_999));
    }

    #[wasm_bindgen_test]
    fn the_jitter_is_full_and_comes_after_what_the_server_asked_for() {
        assert_eq!(Backoff::default().next(0.0, 0), 0);
        assert_eq!(Backoff::default().next(0.5, 2_000), 2_250);
    }

    #[wasm_bindgen_test]
    fn a_failure_makes_it_stale() {
        let mut backoff = Backoff::default();
        assert!(backoff.is_fresh());
        backoff.next(0.0, 0);
        assert!(!backoff.is_fresh());
    }
}
