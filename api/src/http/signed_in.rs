//! The response to a sign-in: an access token, and the refresh token in a cookie or in the body.

use crate::auth::sessions::{self, IssuedSession};
use crate::auth::tokens::ACCESS_SECONDS;
use crate::db::audit::{self, NewEvent, RequestInfo};
use crate::db::{self, DbConnection, session};
use crate::http::cookies;
use crate::http::error_codes::Error;
use crate::http::state::AppState;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use chrono::Utc;
use watchtape_shared::account::{SignedIn, Transport, User};
use watchtape_shared::audit::EventKind;

/// Lets the browser be known again, too.
pub(crate) fn sign_in_response(
    request: &HttpRequest,
    state: &AppState,
    response: actix_web::HttpResponseBuilder,
    opened: IssuedSession,
    user: User,
    transport: Transport,
) -> Result<HttpResponse, Error> {
    let is_known = || {
        cookies::device_cookie_of(request, state)
            .is_some_and(|word| state.auth.device_cookies.verify(&user.id, &word).is_some())
    };
    let known = (transport == Transport::Cookie && !is_known()).then(|| cookies::device_cookie(state, &user.id));
    let mut answer = token_response(state, response, opened, user, transport);
    if let Some(cookie) = known {
        answer.add_cookie(&cookie).map_err(Error::internal)?;
    }
    Ok(answer)
}

pub(crate) fn token_response(
    state: &AppState,
    mut response: actix_web::HttpResponseBuilder,
    opened: IssuedSession,
    user: User,
    transport: Transport,
) -> HttpResponse {
    let access_token = state.auth.tokens.access(&user.id, &opened.id, Utc::now());
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

/// Ends the session that a sign-in in the same browser takes the place of: nothing could end it once its cookie is gone.
pub(crate) fn end_former_session(
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
