//! The response to a sign-in: an access token, and the refresh token in a cookie or in the body.

use crate::auth::sessions::{self, IssuedSession};
use crate::auth::tokens::ACCESS_SECONDS;
use crate::clock;
use crate::db::audit::{self, NewEvent, RequestInfo};
use crate::db::{self, DbConnection, session};
use crate::http::cookies;
use crate::http::error_codes::Error;
use crate::http::state::AppState;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use watchtape_shared::account::{SignedIn, Transport, User};
use watchtape_shared::audit::EventKind;

/// The answer to a sign-in: the tokens and, in a browser without a valid device cookie of this account, a new one.
pub(crate) fn sign_in_response(
    request: &HttpRequest,
    state: &AppState,
    response: actix_web::HttpResponseBuilder,
    opened: IssuedSession,
    user: User,
    transport: Transport,
) -> Result<HttpResponse, Error> {
    let has_device_cookie = || {
        cookies::device_cookie_of(request, state)
            .is_some_and(|cookie| state.auth.device_cookies.verify(&user.id, &cookie).is_some())
    };
    let device_cookie =
        (transport == Transport::Cookie && !has_device_cookie()).then(|| cookies::device_cookie(state, &user.id));
    let mut answer = token_response(state, response, opened, user, transport);
    if let Some(cookie) = device_cookie {
        answer.add_cookie(&cookie).map_err(Error::internal)?;
    }
    Ok(answer)
}

/// The answer with an access token, and the refresh token in a cookie or in the body.
pub(crate) fn token_response(
    state: &AppState,
    mut response: actix_web::HttpResponseBuilder,
    opened: IssuedSession,
    user: User,
    transport: Transport,
) -> HttpResponse {
    let access_token = state.auth.tokens.access(&user.id, &opened.id, clock::now());
    let refresh_token = match transport {
        Transport::Body => Some(opened.refresh_token),
        Transport::Cookie => {
            response.cookie(cookies::refresh_cookie(state, opened.refresh_token));
            None
        }
    };
    response.insert_header((header::CACHE_CONTROL, "no-store")).json(SignedIn {
        access_token,
        expires_in: ACCESS_SECONDS,
        token_type: "Bearer".to_owned(),
        refresh_token,
        user,
    })
}

/// Ends the session that a sign-in in the same browser replaces: its cookie is overwritten, so nothing could end it later.
pub(crate) fn end_replaced_session(
    connection: &mut DbConnection,
    token: Option<String>,
    request_info: &RequestInfo,
) -> db::Result<()> {
    let Some(session) = token.map(|token| sessions::find(connection, &token)).transpose()?.flatten() else {
        return Ok(());
    };
    session::end(connection, &session.user.id, &session.id)?;
    let event = NewEvent::new(EventKind::SessionRevoked, &session.user.id).session(&session.id).detail("replaced");
    audit::record(connection, request_info, &event)
}
