//! The policies and the state of the rate limits on requests, which `middleware::rate_limit` applies.

use crate::limits::expiring_set::ExpiringSet;
use crate::limits::{Limiter, Policy};
use std::sync::Arc;
use watchtape_shared::SessionId;

/// The rate limits on requests.
pub struct RequestLimits {
    pub(super) limiter: Arc<Limiter>,
    pub(super) account: Policy,
    pub(super) key: Policy,
    pub(super) device: Policy,
    pub(super) anonymous: Policy,
    /// Hashes of API keys that were valid recently.
    pub(super) valid_keys: ExpiringSet,
    /// Ended sessions whose access tokens were used recently.
    pub(super) ended_sessions: ExpiringSet,
}

impl RequestLimits {
    /// Limits in requests per minute, 0 for none: `authenticated` for each account, each API key and each account with a
    /// device cookie, `anonymous` for each address without any of these.
    pub fn new(limiter: Arc<Limiter>, authenticated: u32, anonymous: u32) -> Self {
        Self {
            limiter,
            account: Policy::per_minute("account", authenticated),
            key: Policy::per_minute("key", authenticated),
            device: Policy::per_minute("device", authenticated),
            anonymous: Policy::per_minute("anonymous", anonymous),
            valid_keys: ExpiringSet::default(),
            ended_sessions: ExpiringSet::default(),
        }
    }

    /// Records that a token of this session was used after its end: such requests no longer count against the account.
    pub fn remember_ended_session(&self, session: &SessionId) {
        self.ended_sessions.insert(session.to_string());
    }
}
