//! Rate limits: token buckets by policy and key (an account, an API key, a client address). Nodes share the buckets
//! through Redis. A single node keeps them in memory, and so does each node while Redis does not answer.

mod client;
pub mod connection_limits;
pub mod expiring_set;
pub mod http_connections;
pub mod stream_budget;
mod token_buckets;

pub use client::Client;

use crate::clock;
use crate::cluster::Node;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
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
}

impl Limiter {
    /// Buckets shared through the cluster of this node.
    pub fn new(node: Arc<Node>) -> Self {
        Self { local: TokenBuckets::default(), node, started: clock::monotonic(), paused_until: AtomicU64::new(0) }
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
        let bucket = format!("{}:{key}", policy.name);
        let now = self.started.elapsed().as_millis() as u64;
        if self.paused_until.load(Ordering::Relaxed) <= now {
            match self.node.cluster.take_tokens(&bucket, policy.quota, policy.window, tokens).await {
                Some(Ok((is_allowed, missing))) => return policy.status(is_allowed, missing),
                Some(Err(error)) => {
                    self.paused_until.store(now + REDIS_BACKOFF.as_millis() as u64, Ordering::Relaxed);
                    tracing::debug!(%error, "rate limits are counted by this node alone: Redis did not answer");
                }
                None => {}
            }
        }
        self.local.take(policy, key, tokens)
    }
}
