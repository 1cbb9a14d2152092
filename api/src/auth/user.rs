//! The caller, as a handler's signature asks for it.

use super::tokens::Use;
use crate::db::session;
use crate::error::{Code, Error};
use crate::state::AppState;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use std::future::Future;
use std::pin::Pin;
use watchtape_shared::{SessionId, UserId};

/// A signed-in account, by an access token whose session has not ended.
#[derive(Clone, Debug)]
pub struct CurrentUser {
    /// The account.
    pub id: UserId,
    /// The device it is signed in on.
    pub session: SessionId,
    /// When the access token ends, in Unix seconds.
    pub token_ends: u64,
}

impl CurrentUser {
    /// Checks a bearer token, and that its session is alive.
    pub async fn of_token(state: &AppState, token: &str) -> Result<Self, Error> {
        let claims = state.tokens.check(token, Use::Access).ok_or_else(refused)?;
        Self::of_session(state, claims.sub, claims.sid, claims.exp).await
    }

    /// The account of a session that is alive.
    pub async fn of_session(state: &AppState, id: UserId, sid: SessionId, token_ends: u64) -> Result<Self, Error> {
        let user = Self { id: id.clone(), session: sid.clone(), token_ends };
        let alive = state.db.read(move |connection| session::is_alive(connection, &id, &sid)).await?;
        if alive { Ok(user) } else { Err(refused()) }
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

impl FromRequest for CurrentUser {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = request.app_data::<web::Data<AppState>>().cloned();
        let token = bearer_token(request);
        Box::pin(async move {
            let state = state.ok_or_else(|| Error::internal("no state is attached"))?;
            let token = token?.ok_or_else(|| {
                Error::new(Code::Unauthenticated, "Sign in and send Authorization: Bearer with the access token.")
            })?;
            Self::of_token(&state, &token).await
        })
    }
}
