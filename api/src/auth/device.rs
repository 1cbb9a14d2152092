//! What a browser keeps of somebody who has signed in there: a signed word that speaks for nothing but budgets of their
//! own, for wrong passwords and for requests without a token. It survives signing out, which is what it is for.

use super::secret::{Secret, encode, holds, keyed_hash};
use crate::state::AppState;
use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time};
use chrono::{TimeDelta, Utc};
use watchtape_shared::UserId;

/// For how long a browser is known.
const LIFETIME: TimeDelta = TimeDelta::days(180);

/// Makes and checks the words.
pub struct Devices {
    key: [u8; 32],
}

impl Devices {
    /// With a key of this secret.
    pub fn new(secret: &Secret) -> Self {
        Self { key: secret.key("device cookies") }
    }

    /// A new word for an account: `OWNER.NAME.END.SIGNATURE`, with the end in Unix seconds.
    pub fn make(&self, owner: &UserId) -> String {
        let name = encode(&rand::random::<[u8; 16]>());
        let ends = (Utc::now() + LIFETIME).timestamp();
        let signature = encode(&keyed_hash(&self.key, &message(owner, &name, ends)));
        format!("{owner}.{name}.{ends}.{signature}")
    }

    /// The device's name, where the word is ours, for this account and within its time.
    pub fn check(&self, owner: &UserId, word: &str) -> Option<String> {
        self.read(word).filter(|(named, _)| named == owner).map(|(_, name)| name)
    }

    /// Whose the word is, where it is ours and within its time.
    pub fn owner_of(&self, word: &str) -> Option<UserId> {
        self.read(word).map(|(owner, _)| owner)
    }

    fn read(&self, word: &str) -> Option<(UserId, String)> {
        let (owner, rest) = word.split_once('.')?;
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

/// What the request's cookie holds.
pub fn presented(request: &HttpRequest, state: &AppState) -> Option<String> {
    request.cookie(cookie_name(state)).map(|cookie| cookie.value().to_owned())
}

/// The cookie for a browser that has signed in to this account.
pub fn cookie(state: &AppState, owner: &UserId) -> Cookie<'static> {
    Cookie::build(cookie_name(state), state.throttle.devices().make(owner))
        .http_only(true)
        .secure(state.is_https())
        .same_site(SameSite::Strict)
        .path("/")
        .max_age(time::Duration::seconds(LIFETIME.num_seconds()))
        .finish()
}

fn cookie_name(state: &AppState) -> &'static str {
    if state.is_https() { "__Host-watchtape_device" } else { "watchtape_device" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids;
    use proptest::prelude::*;

    fn devices(secret: &str) -> Devices {
        Devices::new(&Secret::new(secret).expect("long enough"))
    }

    #[test]
    fn a_word_is_good_for_its_account_and_its_installation() {
        let (ours, owner) = (devices("an installation's own secret, long enough"), ids::user());
        let word = ours.make(&owner);
        assert_eq!(ours.check(&owner, &word).as_deref(), word.split('.').nth(1));
        assert_eq!(ours.owner_of(&word).as_ref(), Some(&owner));
        assert_ne!(ours.make(&owner), word);
        assert_eq!(ours.check(&ids::user(), &word), None);
        assert_eq!(devices("another installation's secret, long enough").check(&owner, &word), None);
        let past = message(&owner, "name", 1);
        let expired = format!("{owner}.name.1.{}", encode(&keyed_hash(&ours.key, &past)));
        assert_eq!(ours.check(&owner, &expired), None);
    }

    proptest! {
        #[test]
        fn a_changed_word_is_nothing(at in 0usize..107, other in "[A-Za-z0-9._-]", any in "\\PC{0,80}") {
            let (ours, owner) = (devices("an installation's own secret, long enough"), ids::user());
            let word = ours.make(&owner);
            let mut changed = word.clone();
            changed.replace_range(at..=at, &other);
            prop_assert!(changed == word || ours.check(&owner, &changed).is_none());
            prop_assert_eq!(ours.owner_of(&any), None);
        }
    }
}
