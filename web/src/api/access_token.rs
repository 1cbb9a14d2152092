//! The access token of the signed-in session. It is kept in memory only: a script that gets into the page finds none in
//! storage, and a closed tab leaves none behind.

use js_sys::Date;
use leptos::prelude::*;
use watchtape_shared::UserId;
use watchtape_shared::account::SignedIn;

/// A token is renewed when it has less than this left, so that no request is sent with one that expires on the way.
const MARGIN_MS: f64 = 45_000.0;

#[derive(Clone)]
struct Token {
    token: String,
    renew_at_ms: f64,
}

/// The token, if somebody is signed in.
#[derive(Clone, Copy)]
pub(crate) struct AccessToken {
    token: StoredValue<Option<Token>>,
    /// Whose it is, and how many people there have been in this tab: an answer is for whoever asked.
    user: StoredValue<Option<UserId>>,
    people: StoredValue<u32>,
}

impl AccessToken {
    pub(crate) fn new() -> Self {
        Self { token: StoredValue::new(None), user: StoredValue::new(None), people: StoredValue::new(0) }
    }

    /// Stores the token of a sign-in or a renewal.
    pub(crate) fn store(self, signed_in: &SignedIn) {
        let lifetime_ms = signed_in.expires_in as f64 * 1000.0;
        // A token that lives shorter than the margin is used for half of its life.
        let renew_at_ms = Date::now() + (lifetime_ms - MARGIN_MS).max(lifetime_ms / 2.0);
        self.token.set_value(Some(Token { token: signed_in.access_token.clone(), renew_at_ms }));
        let user = Some(signed_in.user.id.clone());
        if self.user.try_update_value(|held| std::mem::replace(held, user.clone())) != Some(user) {
            self.people.update_value(|people| *people += 1);
        }
    }

    pub(crate) fn clear(self) {
        self.token.set_value(None);
        self.user.set_value(None);
        self.people.update_value(|people| *people += 1);
    }

    pub(super) fn get(self) -> Option<String> {
        self.token.with_value(|token| token.as_ref().map(|token| token.token.clone()))
    }

    /// Another number for each person, and for each of their sessions.
    pub(super) fn person(self) -> u32 {
        self.people.get_value()
    }

    /// Whether the token expires shortly or has expired.
    pub(super) fn is_due(self) -> bool {
        self.token.with_value(|token| token.as_ref().is_some_and(|token| Date::now() >= token.renew_at_ms))
    }
}
