//! The rules of login throttling: which buckets a failed attempt takes a token from, their sizes, and the maximum of
//! concurrent attempts for each.

use super::attempt::{Attempt, Recognised};
use crate::limits::Policy;

/// Concurrent attempts from one client address: an eighth of the queue for hashing.
pub(super) const CONCURRENT_PER_ADDRESS: u32 = 32;
const CONCURRENT_PER_ACCOUNT: u32 = 16;
const CONCURRENT: u32 = 4;

/// What a bucket is keyed by.
#[derive(Clone, Copy)]
enum Key {
    Account,
    Address,
    AccountAtAddress,
    AccountOnDevice,
    Session,
    Everybody,
}

/// Which attempts a rule applies to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AppliesTo {
    All,
    Unrecognised,
    Devices,
    Sessions,
}

struct Rule {
    name: &'static str,
    applies_to: AppliesTo,
    key: Key,
    /// Failures a minute, as a multiple of the setting; 0: no limit.
    times: u32,
    concurrent: u32,
}

#[rustfmt::skip]
const RULES: [Rule; 8] = [
    // For recognised clients too: nobody may fill the queue for hashing.
    Rule { name: "at-once-account", applies_to: AppliesTo::All,          key: Key::Account,          times: 0,   concurrent: CONCURRENT_PER_ACCOUNT },
    Rule { name: "at-once-address", applies_to: AppliesTo::All,          key: Key::Address,          times: 0,   concurrent: CONCURRENT_PER_ADDRESS },
    Rule { name: "login-device",    applies_to: AppliesTo::Devices,      key: Key::AccountOnDevice,  times: 1,   concurrent: CONCURRENT },
    Rule { name: "login-session",   applies_to: AppliesTo::Sessions,     key: Key::Session,          times: 1,   concurrent: CONCURRENT },
    Rule { name: "login",           applies_to: AppliesTo::Unrecognised, key: Key::AccountAtAddress, times: 1,   concurrent: CONCURRENT },
    Rule { name: "login-account",   applies_to: AppliesTo::Unrecognised, key: Key::Account,          times: 10,  concurrent: CONCURRENT_PER_ACCOUNT },
    Rule { name: "login-address",   applies_to: AppliesTo::Unrecognised, key: Key::Address,          times: 10,  concurrent: CONCURRENT_PER_ADDRESS },
    Rule { name: "login-all",       applies_to: AppliesTo::Unrecognised, key: Key::Everybody,        times: 100, concurrent: u32::MAX },
];

/// A bucket that a failure takes a token from, and its maximum of concurrent attempts.
pub(super) struct Budget {
    pub(super) policy: Policy,
    pub(super) key: String,
    pub(super) concurrent: u32,
}

/// The budgets of an attempt, at `per_minute` failures for an account from a client address; empty for 0, which is no
/// limit.
pub(super) fn budgets_of(attempt: &Attempt, per_minute: u32) -> Vec<Budget> {
    if per_minute == 0 {
        return Vec::new();
    }
    let kind = match attempt.recognised {
        Recognised::No => AppliesTo::Unrecognised,
        Recognised::Device(_) => AppliesTo::Devices,
        Recognised::Session(_) => AppliesTo::Sessions,
    };
    let applies = |rule: &&Rule| rule.applies_to == AppliesTo::All || rule.applies_to == kind;
    let budget = |rule: &Rule| Budget {
        policy: Policy::per_minute(rule.name, per_minute.saturating_mul(rule.times)),
        key: key_of(attempt, rule.key),
        concurrent: rule.concurrent,
    };
    RULES.iter().filter(applies).map(budget).collect()
}

fn key_of(attempt: &Attempt, key: Key) -> String {
    let Attempt { account, address, recognised, .. } = attempt;
    match (key, recognised) {
        (Key::Account, _) => account.clone(),
        (Key::Address, _) => address.clone(),
        (Key::AccountAtAddress, _) => format!("{account} {address}"),
        (Key::AccountOnDevice, Recognised::Device(device)) => format!("{account} {device}"),
        (Key::Session, Recognised::Session(session)) => session.to_string(),
        // Unreachable: `RULES` applies these keys to devices and sessions only.
        (Key::AccountOnDevice | Key::Session, _) => account.clone(),
        (Key::Everybody, _) => String::new(),
    }
}
