//! The policies and the state of the rate limits on requests, which `middleware::rate_limit` applies.

use crate::keyed_permits::KeyedPermits;
use crate::limits::expiring_set::ExpiringSet;
use crate::limits::refusal_pacer::RefusalPacer;
use crate::limits::{Limiter, Policy};
use std::sync::Arc;
use watchtape_shared::SessionId;

/// Requests of an account at a time, and how many more may wait.
const ACCOUNT_REQUESTS: (usize, usize) = (10, 256);

/// The rate limits on requests.
pub struct RequestLimits {
    pub(super) limiter: Arc<Limiter>,
    pub(super) account: Policy,
    pub(super) device: Policy,
    pub(super) anonymous: Policy,
    /// Slows down clients that go on although they are refused.
    pub(super) refusals: RefusalPacer,
    /// Requests of each account that are under way.
    pub(super) under_way: Arc<KeyedPermits>,
    /// Hashes of API keys that were valid recently.
    pub(super) valid_keys: ExpiringSet,
    /// Ended sessions whose access tokens were used recently.
    pub(super) ended_sessions: ExpiringSet,
}

impl RequestLimits {
    /// Limits in requests per minute, 0 for none: `authenticated` for each account, its API keys included, and for the
    /// sign-in of each account with a device cookie, `anonymous` for each address without any of these.
    pub fn new(limiter: Arc<Limiter>, authenticated: u32, anonymous: u32) -> Self {
        Self {
            limiter,
            account: Policy::per_minute("account", authenticated),
            device: Policy::per_minute("device", authenticated),
            anonymous: Policy::per_minute("anonymous", anonymous),
            refusals: RefusalPacer::default(),
            under_way: KeyedPermits::new(ACCOUNT_REQUESTS.0, ACCOUNT_REQUESTS.1),
            valid_keys: ExpiringSet::default(),
            ended_sessions: ExpiringSet::default(),
        }
    }

    /// Records that a token of this session was used after its end: such requests no longer count against the account.
    pub fn remember_ended_session(&self, session: &SessionId) {
        self.ended_sessions.insert(session.to_string());
    }
}
