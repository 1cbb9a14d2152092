//! One attempt to sign in: the account, the client address, and what the client is recognised by.

use crate::db::user::Credentials;
use watchtape_shared::SessionId;
use watchtape_shared::account::Password;

/// What the client is recognised by, apart from the password.
pub(super) enum Recognised {
    /// Nothing.
    No,
    /// A valid device cookie; the device's name in it.
    Device(String),
    /// A session that is alive.
    Session(SessionId),
}

/// An attempt to sign in.
pub(super) struct Attempt {
    /// The account's bucket key: a keyed hash of the e-mail address.
    pub(super) account: String,
    /// The client address's bucket key, see [`Client::bucket_key`](crate::limits::Client::bucket_key).
    pub(super) address: String,
    /// What the client is recognised by.
    pub(super) recognised: Recognised,
    /// The account, if the address has one.
    pub(super) found: Option<Credentials>,
}

impl Attempt {
    /// Identifies this password for this account from this client address. The stored hash is part of it: after a
    /// password change it is another guess. So is the client address: the response time must not reveal what others
    /// have tried.
    pub(super) fn fingerprint(&self, password: &Password) -> String {
        let (stored, enabled) =
            self.found.as_ref().map_or(("", false), |found| (found.password_hash.as_str(), found.enabled));
        format!("{}\0{}\0{stored}\0{enabled}\0{}", self.account, self.address, password.expose())
    }
}
