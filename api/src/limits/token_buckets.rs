//! Token buckets in the memory of this node.

use super::{Policy, QuotaStatus};
use crate::clock;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const SHARDS: usize = 16;
/// Buckets of a shard. Full buckets are evicted, so only keys that take tokens at the same time count.
const MAX_BUCKETS: usize = 16_384;

/// Buckets by policy name and key.
type Shard = HashMap<(&'static str, Box<str>), Bucket>;

/// Token buckets, in shards, so that workers seldom wait for each other.
pub(super) struct TokenBuckets {
    hasher: RandomState,
    shards: [Mutex<Shard>; SHARDS],
}

/// A bucket, as the time at which it is full again (the generic cell rate algorithm).
#[derive(Clone, Copy)]
struct Bucket {
    full_at: Instant,
}

impl Default for TokenBuckets {
    fn default() -> Self {
        Self { hasher: RandomState::new(), shards: std::array::from_fn(|_| Mutex::default()) }
    }
}

impl TokenBuckets {
    pub(super) fn take(&self, policy: &Policy, key: &str, tokens: u32) -> QuotaStatus {
        self.take_at(policy, key, tokens, clock::monotonic())
    }

    /// Takes tokens that are not there too: the bucket is empty until they have come back.
    pub(super) fn charge(&self, policy: &Policy, key: &str, tokens: u32) {
        let (now, per_token) = (clock::monotonic(), policy.window / policy.quota.max(1));
        let mut buckets = self.shard(policy, key);
        let bucket_id = (policy.name, Box::from(key));
        // A shard that is full of buckets in use has no place for another key, which is refused anyway.
        if buckets.len() < MAX_BUCKETS || buckets.contains_key(&bucket_id) {
            let bucket = buckets.entry(bucket_id).or_insert(Bucket { full_at: now });
            bucket.full_at = bucket.full_at.max(now) + per_token * tokens;
        }
    }

    /// How long until the bucket is no longer beyond empty.
    pub(super) fn debt(&self, policy: &Policy, key: &str) -> Duration {
        let buckets = self.shard(policy, key);
        let full_at = buckets.get(&(policy.name, Box::from(key))).map(|bucket| bucket.full_at);
        let missing = full_at.map_or(Duration::ZERO, |full_at| full_at.saturating_duration_since(clock::monotonic()));
        missing.saturating_sub(policy.window)
    }

    fn shard(&self, policy: &Policy, key: &str) -> MutexGuard<'_, Shard> {
        let shard = self.hasher.hash_one((policy.name, key)) as usize % SHARDS;
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn take_at(&self, policy: &Policy, key: &str, tokens: u32, now: Instant) -> QuotaStatus {
        let mut buckets = self.shard(policy, key);
        if buckets.len() >= MAX_BUCKETS {
            buckets.retain(|_, bucket| bucket.full_at > now);
        }
        let bucket_id = (policy.name, Box::from(key));
        let full_at = buckets.get(&bucket_id).map_or(now, |bucket| bucket.full_at.max(now));
        // The refill time once these tokens are taken; at most that of the whole bucket.
        let per_token = policy.window / policy.quota.max(1);
        let missing = full_at.duration_since(now) + per_token * tokens;
        let is_allowed = missing + per_token * u32::from(tokens == 0) <= policy.window;
        if is_allowed && tokens > 0 {
            // The shard is full of buckets in use: further keys are refused.
            if buckets.len() >= MAX_BUCKETS && !buckets.contains_key(&bucket_id) {
                return QuotaStatus { is_allowed: false, remaining: 0, resets_in: per_token };
            }
            buckets.insert(bucket_id, Bucket { full_at: now + missing });
            return policy.status(true, missing);
        }
        policy.status(is_allowed, full_at.duration_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_bucket_empties_and_refills_evenly_for_its_key_alone() {
        let (buckets, policy, start) = (TokenBuckets::default(), Policy::per_minute("test", 3), clock::monotonic());
        let take = |key: &str, after: u64| buckets.take_at(&policy, key, 1, start + Duration::from_secs(after));
        assert_eq!([0, 0, 0, 0].map(|after| take("a", after).remaining), [2, 1, 0, 0]);
        let refused = take("a", 5);
        assert_eq!((refused.is_allowed, refused.resets_in), (false, Duration::from_secs(15)));
        assert!(take("b", 5).is_allowed);
        assert!(take("a", 20).is_allowed && !take("a", 20).is_allowed);
        assert_eq!(take("a", 500).remaining, 2);
    }

    proptest! {
        #[test]
        fn no_more_is_given_in_any_time_than_a_bucket_and_what_came_back(
            quota in 1u32..20, pauses in prop::collection::vec(0u64..20_000, 1..200)
        ) {
            let (buckets, policy) = (TokenBuckets::default(), Policy::per_minute("test", quota));
            let (mut now, start) = (clock::monotonic(), clock::monotonic());
            let mut given = 0u64;
            for pause in pauses {
                now += Duration::from_millis(pause);
                let peeked = buckets.take_at(&policy, "a", 0, now);
                let taken = buckets.take_at(&policy, "a", 1, now);
                prop_assert_eq!(peeked.is_allowed, taken.is_allowed);
                given += u64::from(taken.is_allowed);
                let max = u64::from(quota) + now.duration_since(start).as_millis() as u64 * u64::from(quota) / 60_000 + 1;
                prop_assert!(given <= max, "{given} of {max}");
            }
        }
    }
}
