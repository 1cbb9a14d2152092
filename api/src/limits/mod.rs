//! Rate limits: token buckets by policy and key (an account, an API key, a client address). Nodes share the buckets
//! through Redis. A single node keeps them in memory. While Redis does not answer, each node of several goes by its own
//! bucket of a share of the quota, from which it has taken all along: together they grant no more than the quota.

mod client;
pub mod connection_limits;
pub mod expiring_set;
pub mod http_connections;
pub mod refusal_pacer;
pub mod stream_budget;
mod token_buckets;

pub use client::Client;

use crate::clock;
use crate::cluster::{Cluster, ClusterError, Node};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use token_buckets::TokenBuckets;

/// How long Redis is not asked after an error, so that requests do not wait for it each time.
const REDIS_BACKOFF: Duration = Duration::from_secs(1);

/// A rate limit: a bucket of `quota` tokens that refills evenly within `window`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The policy's name in the `RateLimit` headers and in bucket names in Redis.
    pub name: &'static str,
    /// The size of the bucket; 0: no limit.
    pub quota: u32,
    /// The time in which an empty bucket refills.
    pub window: Duration,
}

impl Policy {
    /// A policy of `quota` tokens a minute; 0: no limit.
    pub const fn per_minute(name: &'static str, quota: u32) -> Self {
        Self { name, quota, window: Duration::from_secs(60) }
    }

    /// A policy of `quota` tokens in so many seconds.
    const fn within(name: &'static str, quota: u32, seconds: u64) -> Self {
        Self { name, quota, window: Duration::from_secs(seconds) }
    }

    /// The status of a bucket that is full again after `missing`.
    fn status(&self, is_allowed: bool, missing: Duration) -> QuotaStatus {
        let per_token = self.window / self.quota.max(1);
        let left = self.window.saturating_sub(missing);
        let remaining = (left.as_nanos() / per_token.as_nanos().max(1)) as u32;
        let resets_in = if remaining == 0 { per_token - left.min(per_token) } else { missing };
        QuotaStatus { is_allowed, remaining, resets_in }
    }
}

/// The status of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaStatus {
    /// Whether a token was taken, or one could be.
    pub is_allowed: bool,
    /// Tokens left.
    pub remaining: u32,
    /// Time until the next token where none is left, else until the bucket is full.
    pub resets_in: Duration,
}

/// Takes tokens from buckets, shared by all nodes.
pub struct Limiter {
    local: TokenBuckets,
    node: Arc<Node>,
    started: Instant,
    /// Redis is not asked before this time, in milliseconds since `started`.
    paused_until: AtomicU64,
    /// Whether this node counts by itself, because Redis did not answer when it was last asked.
    is_alone: AtomicBool,
}

impl Limiter {
    /// Buckets shared through the cluster of this node.
    pub fn new(node: Arc<Node>) -> Self {
        Self {
            local: TokenBuckets::default(),
            node,
            started: clock::monotonic(),
            paused_until: AtomicU64::new(0),
            is_alone: AtomicBool::new(false),
        }
    }

    /// Takes a token from the bucket of this policy and key.
    pub async fn take(&self, policy: &Policy, key: &str) -> QuotaStatus {
        self.take_tokens(policy, key, 1).await
    }

    /// The status of the bucket of this policy and key; takes nothing.
    pub async fn peek(&self, policy: &Policy, key: &str) -> QuotaStatus {
        self.take_tokens(policy, key, 0).await
    }

    async fn take_tokens(&self, policy: &Policy, key: &str, tokens: u32) -> QuotaStatus {
        if policy.quota == 0 {
            return QuotaStatus { is_allowed: true, remaining: u32::MAX, resets_in: Duration::ZERO };
        }
        let Cluster::Redis(redis) = &self.node.cluster else { return self.local.take(policy, key, tokens) };
        let share = Policy { quota: policy.quota.div_ceil(redis.known_nodes()), ..*policy };
        let now = self.started.elapsed().as_millis() as u64;
        if self.paused_until.load(Ordering::Relaxed) > now {
            return self.local.take(&share, key, tokens);
        }
        let bucket = format!("{}:{key}", policy.name);
        let outcome = redis.take_tokens(&bucket, policy.quota, policy.window, tokens).await;
        self.note_outcome(outcome.as_ref().err(), now);
        match outcome {
            Ok((is_allowed, missing)) => {
                if is_allowed && tokens > 0 {
                    self.local.take(&share, key, tokens);
                }
                policy.status(is_allowed, missing)
            }
            Err(_) => self.local.take(&share, key, tokens),
        }
    }

    /// Logs when this node begins and ends to count by itself, and leaves Redis alone for a while after an error.
    fn note_outcome(&self, error: Option<&ClusterError>, now: u64) {
        if error.is_some() {
            self.paused_until.store(now + REDIS_BACKOFF.as_millis() as u64, Ordering::Relaxed);
        }
        if self.is_alone.swap(error.is_some(), Ordering::Relaxed) != error.is_some() {
            match error {
                Some(error) => {
                    tracing::warn!(%error, "Redis did not answer in time: this node grants its share of each rate limit by itself");
                }
                None => tracing::info!("rate limits are counted by all nodes together again"),
            }
        }
    }
}
