//! The caller, as a handler's signature asks for it: a [`Reader`] may read, a [`Writer`] may change lists too, and a
//! [`Holder`] has signed in with the account's password and may manage the account. An API key is at most a writer.

use super::keys;
use super::tokens::Use;
use crate::client::Client;
use crate::db::{api_key, session};
use crate::error::{Code, Error};
use crate::state::AppState;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use std::future::Future;
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
pub struct Holder {
    /// The account.
    pub id: UserId,
    /// The device.
    pub session: SessionId,
    /// When the access token ends, in Unix seconds.
    pub token_ends: u64,
}

impl Caller {
    /// Checks the bearer token of a request, and that what it stands for is alive.
    pub async fn of_token(state: &AppState, token: &str, request: &HttpRequest) -> Result<Self, Error> {
        if let Some(hash) = keys::hash_of(token) {
            return Self::of_key(state, hash, request).await;
        }
        let claims = state.tokens.check(token, Use::Access).ok_or_else(refused)?;
        Self::of_session(state, claims.sub, claims.sid, claims.exp).await
    }

    /// The account of a session that is alive.
    pub async fn of_session(state: &AppState, id: UserId, sid: SessionId, token_ends: u64) -> Result<Self, Error> {
        let caller = Self { id: id.clone(), credential: Credential::Session(sid.clone()), ends: Some(token_ends) };
        let alive = state.db.read(move |connection| session::is_alive(connection, &id, &sid)).await?;
        if alive { Ok(caller) } else { Err(refused()) }
    }

    async fn of_key(state: &AppState, hash: String, request: &HttpRequest) -> Result<Self, Error> {
        let found = state.db.read(move |connection| api_key::find_by_hash(connection, &hash)).await?;
        let found =
            found.ok_or_else(|| Error::new(Code::Unauthenticated, "The API key is unknown, revoked or expired."))?;
        state.key_uses.note(&state.db, &found, || Client::of(request).source);
        let writes = found.key.scopes.contains(&Scope::Write);
        Ok(Self {
            id: found.owner,
            credential: Credential::Key { id: found.key.id, writes },
            ends: found.key.expires_at.map(|at| at.timestamp().unsigned_abs()),
        })
    }

    /// Whether what it calls by is still good.
    pub async fn is_alive(&self, state: &AppState) -> Result<bool, Error> {
        let owner = self.id.clone();
        let alive = match self.credential.clone() {
            Credential::Session(sid) => {
                state.db.read(move |connection| session::is_alive(connection, &owner, &sid)).await?
            }
            Credential::Key { id, .. } => {
                state.db.read(move |connection| api_key::is_alive(connection, &owner, &id)).await?
            }
        };
        Ok(alive)
    }
}

fn refused() -> Error {
    Error::new(Code::Unauthenticated, "The access token has expired, or its session has ended.")
}

/// The token of an `Authorization: Bearer` header (RFC 6750).
pub fn bearer_token(request: &HttpRequest) -> Result<Option<String>, Error> {
    let Some(value) = request.headers().get(header::AUTHORIZATION) else { return Ok(None) };
    let token = value.to_str().ok().and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
    });
    token
        .map(Some)
        .ok_or_else(|| Error::new(Code::Unauthenticated, "The Authorization header is not Bearer and a token."))
}

fn caller(request: &HttpRequest) -> impl Future<Output = Result<Caller, Error>> + use<> {
    let state = request.app_data::<web::Data<AppState>>().cloned();
    let token = bearer_token(request);
    let request = request.clone();
    async move {
        let state = state.ok_or_else(|| Error::internal("no state is attached"))?;
        let token = token?.ok_or_else(|| {
            Error::new(Code::Unauthenticated, "Send Authorization: Bearer with an access token or an API key.")
        })?;
        Caller::of_token(&state, &token, &request).await
    }
}

impl FromRequest for Reader {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = caller(request);
        Box::pin(async move { caller.await.map(Self) })
    }
}

impl FromRequest for Writer {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = caller(request);
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
        let caller = caller(request);
        Box::pin(async move {
            let caller = caller.await?;
            match (caller.credential, caller.ends) {
                (Credential::Session(session), Some(token_ends)) => Ok(Self { id: caller.id, session, token_ends }),
                _ => Err(Error::new(Code::SessionRequired, "An API key may not do this: sign in.")),
            }
        })
    }
}
