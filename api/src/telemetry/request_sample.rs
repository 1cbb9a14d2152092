//! Which of the ordinary requests are logged, where many are served.

use std::sync::atomic::{AtomicU64, Ordering};

/// Picks one of so many.
#[derive(Debug)]
pub struct RequestSample {
    one_in: u64,
    seen: AtomicU64,
}

impl RequestSample {
    /// Picks the first of each `one_in`.
    pub fn new(one_in: u64) -> Self {
        Self { one_in: one_in.max(1), seen: AtomicU64::new(0) }
    }

    /// Whether this one is picked: of how many it is one.
    pub fn pick(&self) -> Option<u64> {
        let at = self.seen.fetch_add(1, Ordering::Relaxed);
        at.is_multiple_of(self.one_in).then_some(self.one_in)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_so_many_is_picked() {
        let sample = RequestSample::new(3);
        let picked: Vec<_> = (0..7).map(|_| sample.pick()).collect();
        assert_eq!(picked, [Some(3), None, None, Some(3), None, None, Some(3)]);
        let all = RequestSample::new(0);
        assert_eq!([all.pick(), all.pick()], [Some(1), Some(1)]);
    }
}
