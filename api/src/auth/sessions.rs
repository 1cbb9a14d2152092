//! Refresh sessions, which keep a device signed in beyond the life of an access token. Refresh tokens rotate (RFC 9700,
//! section 4.14).
//!
//! A refresh token is `FAMILY.SECRET`: the family is the session's, the secret changes with each use. Each use
//! exchanges the token for its successor, which is derived from the token and the server's secret: when two tabs, or a
//! retry after a lost answer, send the same token within [`REUSE_GRACE`], they get the same successor. A token that is
//! used later than that, or is older than the previous one, is treated as stolen and its session is ended. Only a token
//! of the family can cause that.

use super::secret::{Secret, base64url, hmac_sha256, sha256_hex};
use crate::clock;
use crate::db::audit::RequestInfo;
use crate::db::session::{self, Session, TokenHashes, TokenState};
use crate::db::{self, DbConnection};
use crate::ids::{self, random_token};
use chrono::{DateTime, TimeDelta, Utc};
use watchtape_shared::account::User;
use watchtape_shared::{SessionId, UserId};

/// How long a used token can still be exchanged for its successor.
const REUSE_GRACE: TimeDelta = TimeDelta::seconds(10);
/// How long a session lives without being used.
pub const IDLE_LIFETIME: TimeDelta = TimeDelta::days(30);
/// How long a session lives at most, from sign-in.
const MAX_LIFETIME: TimeDelta = TimeDelta::days(90);

/// A session and its new refresh token, to be sent to the client.
pub struct IssuedSession {
    /// Its id.
    pub id: SessionId,
    /// The new refresh token, in clear.
    pub refresh_token: String,
}

/// The outcome of a refresh.
pub enum RefreshOutcome {
    /// The token was exchanged; the session's account.
    Renewed(IssuedSession, User),
    /// The token had been used before: its session has been ended.
    Reused(UserId, SessionId),
    /// The token belongs to no session that is alive.
    Unknown,
}

/// Opens and refreshes sessions.
#[derive(Clone)]
pub struct Sessions {
    /// The first derives successors; the second, while the secret is being changed, may have derived some.
    keys: Vec<[u8; 32]>,
}

impl Sessions {
    /// With a key of this secret; successors derived with the other secret's key are recognised too.
    pub fn new(secret: &Secret, other: Option<&Secret>) -> Self {
        let secrets = std::iter::once(secret).chain(other);
        Self { keys: secrets.map(|secret| secret.derive_key("refresh token successors")).collect() }
    }

    /// Signs a user in.
    pub fn open(
        &self,
        connection: &mut DbConnection,
        user: &UserId,
        request_info: &RequestInfo,
    ) -> db::Result<IssuedSession> {
        let opened =
            IssuedSession { id: ids::session(), refresh_token: format!("{}.{}", random_token(), random_token()) };
        let hashes = hashes_of(&opened.refresh_token);
        session::create(connection, &opened.id, user, &hashes, clock::now() + IDLE_LIFETIME, request_info)?;
        Ok(opened)
    }

    /// Exchanges a refresh token for its successor.
    pub fn refresh(
        &self,
        connection: &mut DbConnection,
        token: &str,
        request_info: &RequestInfo,
    ) -> db::Result<RefreshOutcome> {
        let presented = hashes_of(token);
        let Some(session) = session::find_by_token(connection, &presented)? else { return Ok(RefreshOutcome::Unknown) };
        let now = clock::now();
        let mut successors = self.successors(token);
        let successor = match session.token_state {
            TokenState::Current => {
                let successor = successors.next().unwrap_or_default();
                let next = hashes_of(&successor).token;
                let expires_at = expiry(session.created_at, now);
                if !session::rotate(connection, &session.id, &presented.token, &next, expires_at, request_info)? {
                    // Another request has just exchanged the token: it is the previous one now.
                    drop(successors);
                    return self.refresh(connection, token, request_info);
                }
                successor
            }
            // The successor that was issued, whichever key derived it.
            TokenState::Previous if (now - session.rotated_at).abs() <= REUSE_GRACE => {
                let issued = successors.find(|successor| hashes_of(successor).token == session.token_hash);
                let Some(successor) = issued else { return Ok(RefreshOutcome::Unknown) };
                successor
            }
            TokenState::Previous | TokenState::Old => {
                session::end(connection, &session.user.id, &session.id)?;
                tracing::warn!(session = %session.id, user = %session.user.id, "a used refresh token came back: session ended");
                return Ok(RefreshOutcome::Reused(session.user.id, session.id));
            }
        };
        Ok(RefreshOutcome::Renewed(IssuedSession { id: session.id, refresh_token: successor }, session.user))
    }

    fn successors<'a>(&'a self, token: &'a str) -> impl Iterator<Item = String> + 'a {
        self.keys
            .iter()
            .map(move |key| format!("{}.{}", family_of(token), base64url(&hmac_sha256(key, token.as_bytes()))))
    }
}

/// The session of a refresh token, if it is alive.
pub fn find(connection: &mut DbConnection, token: &str) -> db::Result<Option<Session>> {
    session::find_by_token(connection, &hashes_of(token))
}

fn family_of(token: &str) -> &str {
    token.split('.').next().unwrap_or_default()
}

fn hashes_of(token: &str) -> TokenHashes {
    TokenHashes { family: sha256_hex(family_of(token)), token: sha256_hex(token) }
}

fn expiry(created_at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    (now + IDLE_LIFETIME).min(created_at + MAX_LIFETIME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_in_use_goes_on_but_not_for_ever() {
        let begun = clock::now();
        let ends = |used_on_day: i64| expiry(begun, begun + TimeDelta::days(used_on_day)) - begun;
        assert_eq!([0, 1, 59].map(ends), [30, 31, 89].map(TimeDelta::days));
        assert_eq!([60, 61, 89].map(ends), [90; 3].map(TimeDelta::days));
    }
}
