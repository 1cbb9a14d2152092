//! The value of the device cookie, set after sign-in and kept after sign-out. It authenticates nobody: it gives this
//! browser its own budget of failed passvalues and of requests without a token.

use super::secret::{Secret, encode, holds, keyed_hash};
use chrono::{TimeDelta, Utc};
use watchtape_shared::UserId;

/// How long a device cookie is valid.
pub const LIFETIME: TimeDelta = TimeDelta::days(180);

/// Makes and verifies device cookies.
pub struct DeviceCookies {
    key: [u8; 32],
}

impl DeviceCookies {
    /// With a key derived from this secret.
    pub fn new(secret: &Secret) -> Self {
        Self { key: secret.key("device cookies") }
    }

    /// A new value for an account: `OWNER.NAME.EXPIRES.SIGNATURE`, the expiry in Unix seconds.
    pub fn make(&self, owner: &UserId) -> String {
        let name = encode(&rand::random::<[u8; 16]>());
        let ends = (Utc::now() + LIFETIME).timestamp();
        let signature = encode(&keyed_hash(&self.key, &message(owner, &name, ends)));
        format!("{owner}.{name}.{ends}.{signature}")
    }

    /// The device's name, where the value is signed by us, for this account, and has not expired.
    pub fn check(&self, owner: &UserId, value: &str) -> Option<String> {
        self.read(value).filter(|(named, _)| named == owner).map(|(_, name)| name)
    }

    /// The account of a value that is signed by us and has not expired.
    pub fn owner_of(&self, value: &str) -> Option<UserId> {
        self.read(value).map(|(owner, _)| owner)
    }

    fn read(&self, value: &str) -> Option<(UserId, String)> {
        let (owner, rest) = value.split_once('.')?;
        let (name, rest) = rest.split_once('.')?;
        let (ends, signature) = rest.split_once('.')?;
        let (owner, ends) = (UserId::parse(owner).ok()?, ends.parse::<i64>().ok()?);
        let is_ours = holds(&self.key, &message(&owner, name, ends), signature);
        (is_ours && Utc::now().timestamp() < ends).then(|| (owner, name.to_owned()))
    }
}

fn message(owner: &UserId, name: &str, ends: i64) -> Vec<u8> {
    format!("{owner}.{name}.{ends}").into_bytes()
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
        let value = ours.make(&owner);
        assert_eq!(ours.check(&owner, &value).as_deref(), value.split('.').nth(1));
        assert_eq!(ours.owner_of(&value).as_ref(), Some(&owner));
        assert_ne!(ours.make(&owner), value);
        assert_eq!(ours.check(&ids::user(), &value), None);
        assert_eq!(cookies("another installation's secret, long enough").check(&owner, &value), None);
        let past = message(&owner, "name", 1);
        let expired = format!("{owner}.name.1.{}", encode(&keyed_hash(&ours.key, &past)));
        assert_eq!(ours.check(&owner, &expired), None);
    }

    proptest! {
        #[test]
        fn a_changed_value_is_refused(at in 0usize..107, other in "[A-Za-z0-9._-]", any in "\\PC{0,80}") {
            let (ours, owner) = (cookies("an installation's own secret, long enough"), ids::user());
            let value = ours.make(&owner);
            let mut changed = value.clone();
            changed.replace_range(at..=at, &other);
            prop_assert!(changed == value || ours.check(&owner, &changed).is_none());
            prop_assert_eq!(ours.owner_of(&any), None);
        }
    }
}
