//! The authenticated caller: an account, and the access token or API key that it calls with.

use super::{Auth, Error};
use crate::db::audit::RequestInfo;
use crate::db::{self, DbConnection, api_key, session, user};
use watchtape_shared::api_key::Scope;
use watchtape_shared::{KeyId, SessionId, UserId};

/// The kind of credential that a caller has authenticated with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// An access token of this session.
    Session(SessionId),
    /// An API key.
    ApiKey {
        /// The key.
        id: KeyId,
        /// Whether it has the scope `write`.
        writes: bool,
    },
}

/// An account with a valid credential: an access token whose session is alive, or an API key that is neither revoked
/// nor expired.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The account.
    pub id: UserId,
    /// The credential that it has authenticated with.
    pub credential: Credential,
    /// When the credential expires, in Unix seconds; `None`: never.
    pub expires_at: Option<u64>,
}

/// A signed-in person, by the account's password or as a guest, who may manage the account.
#[derive(Clone)]
pub struct SessionUser {
    /// The account.
    pub id: UserId,
    /// The session, which is one device.
    pub session: SessionId,
    /// When the access token expires, in Unix seconds.
    pub token_expires_at: u64,
}

impl SessionUser {
    /// Checks the session again within the transaction of a change, with the account's row locked, so that the session
    /// cannot end while the change is made. [`db::Error::AccessEnded`] where it has ended.
    pub fn recheck(&self, connection: &mut DbConnection) -> db::Result<()> {
        user::lock(connection, &self.id)?;
        if session::is_alive(connection, &self.id, &self.session)? { Ok(()) } else { Err(db::Error::AccessEnded) }
    }
}

impl Caller {
    /// The caller of a session. [`Error::SessionEnded`] where it is not alive.
    pub async fn by_session(auth: &Auth, id: UserId, sid: SessionId, token_expires_at: u64) -> Result<Self, Error> {
        let credential = Credential::Session(sid.clone());
        let caller = Self { id: id.clone(), credential, expires_at: Some(token_expires_at) };
        let alive = auth.db.read(move |connection| session::is_alive(connection, &id, &sid)).await?;
        if alive { Ok(caller) } else { Err(Error::SessionEnded) }
    }

    /// The caller of the API key with this hash, whose use is recorded; `request_info` is called only if an audit entry
    /// may be due. [`Error::UnknownApiKey`] for a key that is unknown, revoked or expired.
    pub async fn by_api_key(
        auth: &Auth,
        hash: String,
        request_info: impl FnOnce() -> RequestInfo,
    ) -> Result<Self, Error> {
        let found = auth.db.read(move |connection| api_key::find_by_hash(connection, &hash)).await?;
        let found = found.ok_or(Error::UnknownApiKey)?;
        auth.api_key_usage.record(&auth.db, &found, request_info);
        let writes = found.key.scopes.contains(&Scope::Write);
        Ok(Self {
            id: found.owner,
            credential: Credential::ApiKey { id: found.key.id, writes },
            expires_at: found.key.expires_at.map(|at| at.timestamp().unsigned_abs()),
        })
    }

    /// Checks the credential again within the transaction of a change: access may have ended while the body was read.
    /// [`db::Error::AccessEnded`] where it has.
    pub fn recheck(&self, connection: &mut DbConnection) -> db::Result<()> {
        if self.is_alive(connection)? { Ok(()) } else { Err(db::Error::AccessEnded) }
    }

    /// Whether the credential is still valid.
    pub fn is_alive(&self, connection: &mut DbConnection) -> db::Result<bool> {
        match &self.credential {
            Credential::Session(sid) => session::is_alive(connection, &self.id, sid),
            Credential::ApiKey { id, .. } => api_key::is_alive(connection, &self.id, id),
        }
    }
}
