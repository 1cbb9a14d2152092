//! The caller, as a handler's signature asks for it: a [`Reader`] may read, a [`Writer`] may change lists too, and a
//! [`Holder`] has signed in, by the account's password or as a guest, and may manage the account. An API key is at most a writer.

use super::keys;
use super::tokens::{Claims, Use};
use crate::client::Client;
use crate::db::{self, DbConnection, api_key, session, user};
use crate::error::{Code, Error};
use crate::state::AppState;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use watchtape_shared::api_key::Scope;
use watchtape_shared::{KeyId, SessionId, UserId};

/// By what somebody calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// An access token of this session.
    Session(SessionId),
    /// An API key, and whether it may change lists.
    Key {
        /// Which key.
        id: KeyId,
        /// Whether it has the scope `write`.
        writes: bool,
    },
}

/// An account, and by what it calls: an access token whose session has not ended, or an API key that is good.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The account.
    pub id: UserId,
    /// By what it calls.
    pub credential: Credential,
    /// When that ends, in Unix seconds; none: never.
    pub ends: Option<u64>,
}

/// A caller that may read.
pub struct Reader(pub Caller);

/// A caller that may change lists.
pub struct Writer(pub Caller);

/// A signed-in person, who may manage the account.
#[derive(Clone)]
pub struct Holder {
    /// The account.
    pub id: UserId,
    /// The device.
    pub session: SessionId,
    /// When the access token ends, in Unix seconds.
    pub token_ends: u64,
}

/// What a request presents, as far as it has been looked at.
#[derive(Clone, Debug)]
pub enum Presented {
    /// Nothing.
    Nothing,
    /// Nothing that is good.
    Bad(Error),
    /// An access token of ours, whose session is yet to be looked up.
    Token(Claims),
    /// What has the form of an API key, as its hash.
    KeyHash(String),
    /// An API key that is good.
    Key(Caller),
}

impl Presented {
    /// Reads it off a request. Asks no database.
    pub fn of(request: &HttpRequest, state: &AppState) -> Self {
        let token = match bearer_token(request) {
            Ok(Some(token)) => token,
            Ok(None) => return Self::Nothing,
            Err(error) => return Self::Bad(error),
        };
        if let Some(hash) = keys::hash_of(token) {
            return Self::KeyHash(hash);
        }
        state.tokens.check(token, Use::Access).map_or_else(|| Self::Bad(refused()), Self::Token)
    }

    /// The same with an API key looked up.
    pub async fn resolve(self, request: &HttpRequest, state: &AppState) -> Self {
        match self {
            Self::KeyHash(hash) => Caller::of_key(request, state, hash).await.map_or_else(Self::Bad, Self::Key),
            other => other,
        }
    }

    /// Whom it speaks for; none where nothing was presented.
    pub async fn into_caller(self, request: &HttpRequest, state: &AppState) -> Result<Option<Caller>, Error> {
        match self.resolve(request, state).await {
            Self::Nothing => Ok(None),
            Self::Token(claims) => {
                let found = Caller::of_session(state, claims.sub, claims.sid.clone(), claims.exp).await;
                if found.as_ref().is_err_and(|error| error.code == Code::Unauthenticated) {
                    state.ended.remember(claims.sid.to_string());
                }
                found.map(Some)
            }
            Self::Key(caller) => Ok(Some(caller)),
            Self::Bad(error) => Err(error),
            Self::KeyHash(_) => Err(refused()),
        }
    }
}

impl Holder {
    /// Looks once more within the transaction of a change, with the account's row taken: whoever ends the session at the
    /// same moment comes before or after, and not in between.
    pub fn recheck(&self, connection: &mut DbConnection) -> db::Result<()> {
        user::lock(connection, &self.id)?;
        if session::is_alive(connection, &self.id, &self.session)? { Ok(()) } else { Err(db::Error::AccessEnded) }
    }
}

impl Caller {
    /// Who sent this request; none where nobody says so.
    pub async fn of_request(request: &HttpRequest, state: &AppState) -> Result<Option<Self>, Error> {
        // What the limits have looked at is not looked at twice.
        let presented = request.extensions().get::<Presented>().cloned();
        let caller = presented.unwrap_or_else(|| Presented::of(request, state)).into_caller(request, state).await?;
        if let Some(caller) = &caller {
            tracing::Span::current().record("user", caller.id.as_str());
        }
        Ok(caller)
    }

    /// The account of a session that is alive.
    pub async fn of_session(state: &AppState, id: UserId, sid: SessionId, token_ends: u64) -> Result<Self, Error> {
        let caller = Self { id: id.clone(), credential: Credential::Session(sid.clone()), ends: Some(token_ends) };
        let alive = state.db.read(move |connection| session::is_alive(connection, &id, &sid)).await?;
        if alive { Ok(caller) } else { Err(refused()) }
    }

    async fn of_key(request: &HttpRequest, state: &AppState, hash: String) -> Result<Self, Error> {
        let found = state.db.read(move |connection| api_key::find_by_hash(connection, &hash)).await?;
        let found =
            found.ok_or_else(|| Error::new(Code::Unauthenticated, "The API key is unknown, revoked or expired."))?;
        state.key_uses.note(&state.db, &found, || Client::of(request, &state.proxies).source);
        let writes = found.key.scopes.contains(&Scope::Write);
        Ok(Self {
            id: found.owner,
            credential: Credential::Key { id: found.key.id, writes },
            ends: found.key.expires_at.map(|at| at.timestamp().unsigned_abs()),
        })
    }

    /// Looks once more within the transaction of a change: a body may have taken its time, and access ended meanwhile.
    pub fn recheck(&self, connection: &mut DbConnection) -> db::Result<()> {
        if self.is_alive(connection)? { Ok(()) } else { Err(db::Error::AccessEnded) }
    }

    /// Whether what it calls by is still good.
    pub fn is_alive(&self, connection: &mut DbConnection) -> db::Result<bool> {
        match &self.credential {
            Credential::Session(sid) => session::is_alive(connection, &self.id, sid),
            Credential::Key { id, .. } => api_key::is_alive(connection, &self.id, id),
        }
    }
}

/// The token of an `Authorization: Bearer` header (RFC 6750).
pub fn bearer_token(request: &HttpRequest) -> Result<Option<&str>, Error> {
    let Some(value) = request.headers().get(header::AUTHORIZATION) else { return Ok(None) };
    let token = value.to_str().ok().and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let refused = || Error::new(Code::Unauthenticated, "The Authorization header is not Bearer and a token.");
    token.map(Some).ok_or_else(refused)
}

fn refused() -> Error {
    Error::new(Code::Unauthenticated, "The access token has expired, or its session has ended.")
}

async fn caller(request: HttpRequest) -> Result<Caller, Error> {
    let state = request.app_data::<web::Data<AppState>>().cloned();
    let state = state.ok_or_else(|| Error::internal("no state is attached"))?;
    Caller::of_request(&request, &state).await?.ok_or_else(|| {
        Error::new(Code::Unauthenticated, "Send Authorization: Bearer with an access token or an API key.")
    })
}

impl FromRequest for Reader {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = caller(request.clone());
        Box::pin(async move { caller.await.map(Self) })
    }
}

impl FromRequest for Writer {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = caller(request.clone());
        Box::pin(async move {
            let caller = caller.await?;
            match caller.credential {
                Credential::Key { writes: false, .. } => {
                    Err(Error::new(Code::InsufficientScope, "This API key has no scope to change anything."))
                }
                _ => Ok(Self(caller)),
            }
        })
    }
}

impl FromRequest for Holder {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = caller(request.clone());
        Box::pin(async move {
            let caller = caller.await?;
            match (caller.credential, caller.ends) {
                (Credential::Session(session), Some(token_ends)) => Ok(Self { id: caller.id, session, token_ends }),
                _ => Err(Error::new(Code::SessionRequired, "An API key may not do this: sign in.")),
            }
        })
    }
}
