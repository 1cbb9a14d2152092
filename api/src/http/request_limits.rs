//! The policies of the rate limits on requests, and what is remembered to apply them (`middleware::rate_limit`).

use crate::limits::expiring_set::ExpiringSet;
use crate::limits::{Limiter, Policy};
use std::sync::Arc;
use watchtape_shared::SessionId;

/// The rate limits on requests, and what is remembered to apply them.
pub struct RequestLimits {
    pub(super) limiter: Arc<Limiter>,
    pub(super) account: Policy,
    pub(super) key: Policy,
    pub(super) device: Policy,
    pub(super) anonymous: Policy,
    /// Hashes of API keys that were valid a little while ago.
    pub(super) valid_keys: ExpiringSet,
    /// Sessions that had ended when their tokens came.
    pub(super) ended_sessions: ExpiringSet,
}

impl RequestLimits {
    /// So many requests a minute for each account, API key or browser that has signed in before, and for each address
    /// without any of these; 0 for any number.
    pub fn new(limiter: Arc<Limiter>, each: u32, anonymous: u32) -> Self {
        Self {
            limiter,
            account: Policy::per_minute("account", each),
            key: Policy::per_minute("key", each),
            device: Policy::per_minute("device", each),
            anonymous: Policy::per_minute("anonymous", anonymous),
            valid_keys: ExpiringSet::default(),
            ended_sessions: ExpiringSet::default(),
        }
    }

    /// Notes that a token of this session came after its end: whoever still sends it does not use up what the owner has.
    pub fn remember_ended_session(&self, session: &SessionId) {
        self.ended_sessions.insert(session.to_string());
    }
}
