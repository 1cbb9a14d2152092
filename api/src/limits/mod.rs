//! Rate limits: token buckets by policy and by whom they count. A node that is alone keeps them itself; many nodes share
//! them through Redis, and each counts by itself for as long as that does not answer.

mod client;
pub mod connection_limits;
pub mod recent_names;
mod token_buckets;

pub use client::Client;

use crate::cluster::Node;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use token_buckets::TokenBuckets;

/// For how long the store is left alone that did not answer: a request is not to wait for it each time.
const PAUSE: Duration = Duration::from_secs(1);

/// How much of something somebody may have: a bucket of `quota` tokens that fills up evenly within `window`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The policy's name in the `RateLimit` fields and in the store.
    pub name: &'static str,
    /// How many; 0: any number.
    pub quota: u32,
    /// In which time.
    pub window: Duration,
}

impl Policy {
    /// So many a minute; 0 for any number.
    pub const fn per_minute(name: &'static str, quota: u32) -> Self {
        Self { name, quota, window: Duration::from_secs(60) }
    }

    /// The status of a bucket from which this much is missing, as the time in which it comes back.
    fn status(&self, is_allowed: bool, missing: Duration) -> QuotaStatus {
        let per_token = self.window / self.quota.max(1);
        let left = self.window.saturating_sub(missing);
        let remaining = (left.as_nanos() / per_token.as_nanos().max(1)) as u32;
        let resets_in = if remaining == 0 { per_token - left.min(per_token) } else { missing };
        QuotaStatus { is_allowed, remaining, resets_in }
    }
}

/// What is left of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaStatus {
    /// Whether there was a token.
    pub is_allowed: bool,
    /// How many are left.
    pub remaining: u32,
    /// Until the next token, where none is left; until the bucket is full else.
    pub resets_in: Duration,
}

/// The buckets.
pub struct Limiter {
    local: TokenBuckets,
    node: Arc<Node>,
    started: Instant,
    /// Until when the store is left alone, in milliseconds from the start.
    paused_until: AtomicU64,
}

impl Limiter {
    /// Buckets that are shared with these nodes.
    pub fn new(node: Arc<Node>) -> Self {
        Self { local: TokenBuckets::default(), node, started: Instant::now(), paused_until: AtomicU64::new(0) }
    }

    /// Takes a token of this policy's bucket of `whom`.
    pub async fn take(&self, policy: &Policy, whom: &str) -> QuotaStatus {
        self.ask(policy, whom, 1).await
    }

    /// What is left of the bucket of `whom`; takes nothing.
    pub async fn peek(&self, policy: &Policy, whom: &str) -> QuotaStatus {
        self.ask(policy, whom, 0).await
    }

    async fn ask(&self, policy: &Policy, whom: &str, tokens: u32) -> QuotaStatus {
        if policy.quota == 0 {
            return QuotaStatus { is_allowed: true, remaining: u32::MAX, resets_in: Duration::ZERO };
        }
        let bucket = format!("{}:{whom}", policy.name);
        let now = self.started.elapsed().as_millis() as u64;
        if self.paused_until.load(Ordering::Relaxed) <= now {
            match self.node.cluster.take_tokens(&bucket, policy.quota, policy.window, tokens).await {
                Some(Ok((is_allowed, missing))) => return policy.status(is_allowed, missing),
                Some(Err(error)) => {
                    self.paused_until.store(now + PAUSE.as_millis() as u64, Ordering::Relaxed);
                    tracing::debug!(%error, "limits are counted by this node alone");
                }
                None => {}
            }
        }
        self.local.take(policy, whom, tokens)
    }
}
