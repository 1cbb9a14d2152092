//! How much is too much: token buckets by policy and by whom.

mod local;

use local::Buckets;
use std::time::Duration;

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
}

/// How somebody stands with a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether there was a token.
    pub is_allowed: bool,
    /// How many are left.
    pub remaining: u32,
    /// Until the next token, where none is left; until the bucket is full else.
    pub resets_in: Duration,
}

/// The buckets.
#[derive(Default)]
pub struct Limiter {
    local: Buckets,
}

impl Limiter {
    /// Takes a token of this policy's bucket of `whom`.
    pub async fn take(&self, policy: &Policy, whom: &str) -> Standing {
        self.local.take(policy, whom, 1)
    }

    /// How `whom` stands; takes nothing.
    pub async fn look(&self, policy: &Policy, whom: &str) -> Standing {
        self.local.take(policy, whom, 0)
    }
}
