//! One try of a password: at which account, from where, with what beside it, and which buckets a failure takes from.

use crate::db::user::Credentials;
use crate::limits::Policy;
use watchtape_shared::SessionId;
use watchtape_shared::account::Password;

/// How much more an account has over all addresses, and an address over all accounts, than an account at an address; and
/// how much more all of them have together.
const WIDER: u32 = 10;
/// How many tries may be under way: for an account at an address, for an account, and for an address. The last is an
/// eighth of the queue for hashing.
const AT_ONCE: u32 = 4;
const AT_ONCE_ACCOUNT: u32 = 16;
pub(super) const AT_ONCE_ADDRESS: u32 = 32;

/// What speaks for whoever tries, beside the password.
pub(super) enum Standby {
    Nothing,
    Device(String),
    Session(SessionId),
}

/// One try.
pub(super) struct Attempt {
    /// The account's name in buckets: no address is to be read there.
    pub(super) account: String,
    /// From where, as [`Client::place`](crate::client::Client::place) names it.
    pub(super) prefix: String,
    pub(super) standby: Standby,
    /// The account, where there is one.
    pub(super) found: Option<Credentials>,
}

/// A bucket that a failure takes from, and how many tries at it may be under way.
pub(super) struct Budget {
    pub(super) policy: Policy,
    pub(super) whom: String,
    pub(super) at_once: u32,
}

impl Attempt {
    /// With so many failures a minute for an account at an address; none for 0, which is any number.
    pub(super) fn budgets(&self, per_minute: u32) -> Vec<Budget> {
        if per_minute == 0 {
            return Vec::new();
        }
        let many = per_minute.saturating_mul(WIDER);
        let all = many.saturating_mul(WIDER);
        let budget = |name, quota, whom, at_once| Budget { policy: Policy::per_minute(name, quota), whom, at_once };
        let Self { account, prefix, .. } = self;
        // However well a caller is known: nobody fills the queue for hashing.
        let mut budgets = vec![
            budget("at-once-account", 0, account.clone(), AT_ONCE_ACCOUNT),
            budget("at-once-address", 0, prefix.clone(), AT_ONCE_ADDRESS),
        ];
        match &self.standby {
            Standby::Device(device) => {
                budgets.push(budget("login-device", per_minute, format!("{account} {device}"), AT_ONCE));
            }
            Standby::Session(session) => {
                budgets.push(budget("login-session", per_minute, session.to_string(), AT_ONCE));
            }
            Standby::Nothing => budgets.extend([
                budget("login", per_minute, format!("{account} {prefix}"), AT_ONCE),
                budget("login-account", many, account.clone(), AT_ONCE_ACCOUNT),
                budget("login-address", many, prefix.clone(), AT_ONCE_ADDRESS),
                budget("login-all", all, String::new(), u32::MAX),
            ]),
        }
        budgets
    }

    /// Names this guess. What it is held against is part of it: once the password has changed, it is another guess.
    /// The address is too: nobody is to learn, by the time it takes, what somebody else has tried.
    pub(super) fn guess(&self, password: &Password) -> String {
        let (stored, enabled) =
            self.found.as_ref().map_or(("", false), |found| (found.password_hash.as_str(), found.enabled));
        format!("{}\0{}\0{stored}\0{enabled}\0{}", self.account, self.prefix, password.expose())
    }
}
