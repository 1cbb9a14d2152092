//! The value of the device cookie, set after sign-in and kept after sign-out. It authenticates nobody: it gives this
//! browser its own buckets of failed passwords, and counts its requests without a token by account. HMAC-SHA256, no
//! table.

use super::secret::{Secret, base64url, hmac_sha256, verify_hmac};
use crate::{clock, random};
use chrono::TimeDelta;
use watchtape_shared::UserId;

/// How long a device cookie is valid.
pub const LIFETIME: TimeDelta = TimeDelta::days(180);

/// Creates and verifies device cookies.
pub struct DeviceCookies {
    key: [u8; 32],
}

impl DeviceCookies {
    /// With a key derived from this secret.
    pub fn new(secret: &Secret) -> Self {
        Self { key: secret.derive_key("device cookies") }
    }

    /// A new value for an account: `OWNER.DEVICE.EXPIRES.SIGNATURE`: `DEVICE` is random, `EXPIRES` is in Unix
    /// seconds.
    pub fn create(&self, owner: &UserId) -> String {
        let name = base64url(&random::bytes::<16>());
        let expires_at = (clock::now() + LIFETIME).timestamp();
        let signature = base64url(&hmac_sha256(&self.key, &message(owner, &name, expires_at)));
        format!("{owner}.{name}.{expires_at}.{signature}")
    }

    /// The device's random name, if the value is signed by this installation, is for this account, and has not expired.
    pub fn verify(&self, owner: &UserId, value: &str) -> Option<String> {
        self.read(value).filter(|(named, _)| named == owner).map(|(_, name)| name)
    }

    /// The account of a value that is signed by this installation and has not expired.
    pub fn owner_of(&self, value: &str) -> Option<UserId> {
        self.read(value).map(|(owner, _)| owner)
    }

    fn read(&self, value: &str) -> Option<(UserId, String)> {
        let (owner, rest) = value.split_once('.')?;
        let (name, rest) = rest.split_once('.')?;
        let (expires_at, signature) = rest.split_once('.')?;
        let (owner, expires_at) = (UserId::parse(owner).ok()?, expires_at.parse::<i64>().ok()?);
        let is_ours = verify_hmac(&self.key, &message(&owner, name, expires_at), signature);
        (is_ours && clock::now().timestamp() < expires_at).then(|| (owner, name.to_owned()))
    }
}

fn message(owner: &UserId, name: &str, expires_at: i64) -> Vec<u8> {
    format!("{owner}.{name}.{expires_at}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids;
    use proptest::prelude::*;

    fn cookies(secret: &str) -> DeviceCookies {
        DeviceCookies::new(&Secret::new(secret).expect("long enough"))
    }

    #[test]
    fn a_value_is_valid_for_its_account_and_its_installation() {
        let (ours, owner) = (cookies("an installation's own secret, long enough"), ids::user());
        let value = ours.create(&owner);
        assert_eq!(ours.verify(&owner, &value).as_deref(), value.split('.').nth(1));
        assert_eq!(ours.owner_of(&value).as_ref(), Some(&owner));
        assert_ne!(ours.create(&owner), value);
        assert_eq!(ours.verify(&ids::user(), &value), None);
        assert_eq!(cookies("another installation's secret, long enough").verify(&owner, &value), None);
        let past = message(&owner, "name", 1);
        let expired = format!("{owner}.name.1.{}", base64url(&hmac_sha256(&ours.key, &past)));
        assert_eq!(ours.verify(&owner, &expired), None);
    }

    proptest! {
        #[test]
        fn a_changed_value_is_refused(at in 0usize..107, other in "[A-Za-z0-9._-]", any in "\\PC{0,80}") {
            let (ours, owner) = (cookies("an installation's own secret, long enough"), ids::user());
            let value = ours.create(&owner);
            let mut changed = value.clone();
            changed.replace_range(at..=at, &other);
            prop_assert!(changed == value || ours.verify(&owner, &changed).is_none());
            prop_assert_eq!(ours.owner_of(&any), None);
        }
    }
}
