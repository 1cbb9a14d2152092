//! One attempt at a password: at which account, from where, and what the client is recognised by.

use crate::db::user::Credentials;
use watchtape_shared::SessionId;
use watchtape_shared::account::Password;

/// What the client is recognised by, beside the password.
pub(super) enum Recognised {
    /// Nothing.
    No,
    /// A valid device cookie, by the device's name.
    Device(String),
    /// A session that is alive.
    Session(SessionId),
}

/// One attempt.
pub(super) struct Attempt {
    /// The account's name in buckets: a keyed hash of the address that was typed.
    pub(super) account: String,
    /// The client's name in buckets, see [`Client::bucket_key`](crate::limits::Client::bucket_key).
    pub(super) address: String,
    /// What the client is recognised by.
    pub(super) recognised: Recognised,
    /// The account, where there is one.
    pub(super) found: Option<Credentials>,
}

impl Attempt {
    /// Identifies this password at this account from this address. The stored hash is part of it: after a change of the
    /// password it is another guess. So is the address: the time of an answer must not tell what others have tried.
    pub(super) fn fingerprint(&self, password: &Password) -> String {
        let (stored, enabled) =
            self.found.as_ref().map_or(("", false), |found| (found.password_hash.as_str(), found.enabled));
        format!("{}\0{}\0{stored}\0{enabled}\0{}", self.account, self.address, password.expose())
    }
}
