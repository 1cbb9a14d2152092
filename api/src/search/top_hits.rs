//! The best few of many hits.

use super::hit::Hit;
use super::score::Score;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Collects the best hits, as many as are wanted; of equally good ones those of the more popular tickers.
pub(super) struct TopHits {
    count: usize,
    /// The worst on top.
    heap: BinaryHeap<Reverse<Ranked>>,
}

struct Ranked(Hit);

impl Ranked {
    fn key(&self) -> (Score, Reverse<u32>) {
        (self.0.score, Reverse(self.0.ticker))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Ranked {}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl TopHits {
    /// None yet.
    pub(super) fn new(count: usize) -> Self {
        Self { count, heap: BinaryHeap::new() }
    }

    /// Adds a hit, if it is among the best.
    pub(super) fn push(&mut self, hit: Hit) {
        let hit = Reverse(Ranked(hit));
        if self.heap.len() < self.count {
            self.heap.push(hit);
        } else if self.heap.peek().is_some_and(|worst| hit.0 > worst.0) {
            self.heap.pop();
            self.heap.push(hit);
        }
    }

    /// Whether no hit of this score, or a lower one, would be added.
    pub(super) fn is_below(&self, score: Score) -> bool {
        self.heap.len() >= self.count && self.heap.peek().is_some_and(|Reverse(Ranked(worst))| score < worst.score)
    }

    /// The best hits, in no order.
    pub(super) fn into_hits(self) -> impl Iterator<Item = Hit> {
        self.heap.into_iter().map(|Reverse(Ranked(hit))| hit)
    }
}
