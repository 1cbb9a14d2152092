//! Refresh sessions: what keeps a device signed in while access tokens come and go.
//!
//! A refresh token is `FAMILY.SECRET`: the family is the session's, the secret changes with each use. A token is used
//! once and exchanged for its successor. Two tabs, or a lost answer, may present the same token again within [`GRACE`]:
//! they get the same successor, which is why it is derived from the token and the server's secret. Later than that, or
//! for a token that is older still, somebody has a copy, and the session ends. Only who holds a token of the family can
//! make that happen.

use super::secret::{Secret, encode, fingerprint, keyed_hash};
use crate::db::audit::Source;
use crate::db::session::{self, Session, TokenHashes, TokenState};
use crate::db::{self, DbConnection};
use crate::ids::{self, random_token};
use chrono::{DateTime, TimeDelta, Utc};
use watchtape_shared::account::User;
use watchtape_shared::{SessionId, UserId};

/// How long a used token still answers with its successor.
const GRACE: TimeDelta = TimeDelta::seconds(10);
/// How long a device stays signed in without being used.
pub const SLIDING: TimeDelta = TimeDelta::days(30);
/// How long a device stays signed in at the most.
const ABSOLUTE: TimeDelta = TimeDelta::days(90);

/// A session as it is handed to a client.
pub struct Opened {
    /// Its id.
    pub id: SessionId,
    /// The next refresh token, in clear.
    pub refresh_token: String,
}

/// What a refresh token was good for.
pub enum Refreshed {
    /// The next token, and whose it is.
    Opened(Opened, User),
    /// It has been used before: its session has ended just now.
    Reused(UserId, SessionId),
    /// It belongs to no living session.
    Unknown,
}

/// Opens and refreshes sessions.
#[derive(Clone)]
pub struct Sessions {
    /// The first makes successors; another, while the secret is being changed, has made some.
    keys: Vec<[u8; 32]>,
}

impl Sessions {
    /// With a key of this secret; successors that the other secret's key has made are known as well.
    pub fn new(secret: &Secret, other: Option<&Secret>) -> Self {
        let secrets = std::iter::once(secret).chain(other);
        Self { keys: secrets.map(|secret| secret.key("refresh token successors")).collect() }
    }

    /// Signs a user in.
    pub fn open(&self, connection: &mut DbConnection, user: &UserId, source: &Source) -> db::Result<Opened> {
        let opened = Opened { id: ids::session(), refresh_token: format!("{}.{}", random_token(), random_token()) };
        let hashes = hashes_of(&opened.refresh_token);
        session::create(connection, &opened.id, user, &hashes, Utc::now() + SLIDING, source)?;
        Ok(opened)
    }

    /// Exchanges a refresh token.
    pub fn refresh(&self, connection: &mut DbConnection, token: &str, source: &Source) -> db::Result<Refreshed> {
        let presented = hashes_of(token);
        let Some(session) = session::find_by_token(connection, &presented)? else { return Ok(Refreshed::Unknown) };
        let now = Utc::now();
        let mut successors = self.successors(token);
        let successor = match session.token_state {
            TokenState::Current => {
                let successor = successors.next().unwrap_or_default();
                let next = hashes_of(&successor).token;
                let expires_at = end_of_life(session.created_at, now);
                if !session::rotate(connection, &session.id, &presented.token, &next, expires_at, source)? {
                    // Another request was faster by a moment: the token is the one before the last by now.
                    drop(successors);
                    return self.refresh(connection, token, source);
                }
                successor
            }
            // The one that was given out, by whichever key.
            TokenState::Previous if now - session.rotated_at <= GRACE => {
                let given_out = successors.find(|successor| hashes_of(successor).token == session.token_hash);
                let Some(successor) = given_out else { return Ok(Refreshed::Unknown) };
                successor
            }
            TokenState::Previous | TokenState::Old => {
                session::end(connection, &session.user.id, &session.id)?;
                tracing::warn!(session = %session.id, user = %session.user.id, "a used refresh token came back: session ended");
                return Ok(Refreshed::Reused(session.user.id, session.id));
            }
        };
        Ok(Refreshed::Opened(Opened { id: session.id, refresh_token: successor }, session.user))
    }

    fn successors<'a>(&'a self, token: &'a str) -> impl Iterator<Item = String> + 'a {
        self.keys.iter().map(move |key| format!("{}.{}", family_of(token), encode(&keyed_hash(key, token.as_bytes()))))
    }
}

/// The living session that a refresh token belongs to.
pub fn find(connection: &mut DbConnection, token: &str) -> db::Result<Option<Session>> {
    session::find_by_token(connection, &hashes_of(token))
}

fn family_of(token: &str) -> &str {
    token.split('.').next().unwrap_or_default()
}

fn hashes_of(token: &str) -> TokenHashes {
    TokenHashes { family: fingerprint(family_of(token)), token: fingerprint(token) }
}

fn end_of_life(created_at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    (now + SLIDING).min(created_at + ABSOLUTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_in_use_goes_on_but_not_for_ever() {
        let begun = Utc::now();
        let ends = |used_on_day: i64| end_of_life(begun, begun + TimeDelta::days(used_on_day)) - begun;
        assert_eq!([0, 1, 59].map(ends), [30, 31, 89].map(TimeDelta::days));
        assert_eq!([60, 61, 89].map(ends), [90; 3].map(TimeDelta::days));
    }
}
