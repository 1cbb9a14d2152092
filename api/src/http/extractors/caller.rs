//! The caller, with the permission that a handler's signature requires: a [`Reader`] may read, a [`Writer`] may also change
//! lists, a [`SessionUser`] may manage the account. An API key is at most a writer.

use crate::auth::tokens::{Claims, TokenUse};
use crate::auth::{self, Auth, Caller, Credential, SessionUser, api_keys};
use crate::http::client_address::client_of;
use crate::http::error_codes::{Code, Error};
use crate::http::request_limits::RequestLimits;
use crate::http::state::{AppState, state_of};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::LocalBoxFuture;
use watchtape_shared::UserId;

/// A caller that may read.
pub struct Reader(pub Caller);

/// A caller that may change lists.
pub struct Writer(pub Caller);

/// The credentials of a request, as far as they have been checked.
#[derive(Clone, Debug)]
pub enum RequestCredentials {
    /// No `Authorization` header.
    Missing,
    /// Malformed, expired or unknown; the answer.
    Invalid(Error),
    /// An access token with a valid signature, whose session has not been looked up yet.
    AccessToken(Claims),
    /// The hash of a well-formed API key, not looked up yet.
    ApiKeyHash(String),
    /// A valid API key.
    ApiKey(Caller),
}

impl RequestCredentials {
    /// Reads the `Authorization` header, without the database.
    pub fn of(request: &HttpRequest, auth: &Auth) -> Self {
        let token = match bearer_token(request) {
            Ok(Some(token)) => token,
            Ok(None) => return Self::Missing,
            Err(error) => return Self::Invalid(error),
        };
        if let Some(hash) = api_keys::hash_of(token) {
            return Self::ApiKeyHash(hash);
        }
        let expired = || Self::Invalid(auth::Error::SessionEnded.into());
        auth.tokens.verify(token, TokenUse::Access).map_or_else(expired, Self::AccessToken)
    }

    /// The same, after an API key was looked up.
    pub async fn resolve(self, request: &HttpRequest, state: &AppState) -> Self {
        match self {
            Self::ApiKeyHash(hash) => {
                let request_info = || client_of(request, &state.web.proxies).request_info;
                let found = Caller::by_api_key(&state.auth, hash, request_info).await;
                found.map_or_else(|error| Self::Invalid(error.into()), Self::ApiKey)
            }
            other => other,
        }
    }

    /// The account whose limits the request counts against. A token of an ended session counts against none: it does not use
    /// up what its account may do.
    pub fn limited_account(&self, limits: &RequestLimits) -> Option<&UserId> {
        match self {
            Self::AccessToken(claims) => {
                Some(&claims.sub).filter(|_| !limits.ended_sessions.contains(claims.sid.as_str()))
            }
            Self::ApiKey(caller) => Some(&caller.id),
            Self::Missing | Self::Invalid(_) | Self::ApiKeyHash(_) => None,
        }
    }

    /// The authenticated caller, or `None` without credentials.
    pub async fn into_caller(self, request: &HttpRequest, state: &AppState) -> Result<Option<Caller>, Error> {
        match self.resolve(request, state).await {
            Self::Missing => Ok(None),
            Self::AccessToken(claims) => {
                let found = Caller::by_session(&state.auth, claims.sub, claims.sid.clone(), claims.exp).await;
                if matches!(found, Err(auth::Error::SessionEnded)) {
                    state.request_limits.remember_ended_session(&claims.sid);
                }
                Ok(Some(found?))
            }
            Self::ApiKey(caller) => Ok(Some(caller)),
            Self::Invalid(error) => Err(error),
            Self::ApiKeyHash(_) => Err(auth::Error::UnknownApiKey.into()),
        }
    }
}

/// The caller of a request, or `None` without credentials. Credentials that the rate limit has checked are not checked again.
pub async fn caller_of(request: &HttpRequest, state: &AppState) -> Result<Option<Caller>, Error> {
    let checked = request.extensions().get::<RequestCredentials>().cloned();
    let credentials = checked.unwrap_or_else(|| RequestCredentials::of(request, &state.auth));
    let caller = credentials.into_caller(request, state).await?;
    if let Some(caller) = &caller {
        tracing::Span::current().record("user", caller.id.as_str());
    }
    Ok(caller)
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

async fn required_caller(request: HttpRequest) -> Result<Caller, Error> {
    let state = state_of(&request)?;
    caller_of(&request, &state).await?.ok_or_else(|| {
        Error::new(Code::Unauthenticated, "Send Authorization: Bearer with an access token or an API key.")
    })
}

impl FromRequest for Reader {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = required_caller(request.clone());
        Box::pin(async move { caller.await.map(Self) })
    }
}

impl FromRequest for Writer {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = required_caller(request.clone());
        Box::pin(async move {
            let caller = caller.await?;
            match caller.credential {
                Credential::ApiKey { writes: false, .. } => {
                    Err(Error::new(Code::InsufficientScope, "This API key has no scope to change anything."))
                }
                _ => Ok(Self(caller)),
            }
        })
    }
}

impl FromRequest for SessionUser {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = required_caller(request.clone());
        Box::pin(async move {
            let caller = caller.await?;
            match (caller.credential, caller.expires_at) {
                (Credential::Session(session), Some(token_expires_at)) => {
                    Ok(Self { id: caller.id, session, token_expires_at })
                }
                _ => Err(Error::new(Code::SessionRequired, "An API key may not do this: sign in.")),
            }
        })
    }
}
