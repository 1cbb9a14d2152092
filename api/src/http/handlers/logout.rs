//! Sign-out, on one device or on all. It acts on the session that the request presents: by a refresh token, or by an access
//! token; a request that presents none, or one that has ended, is a 401.

use super::refresh::{invalid_refresh_token, read_body_token};
use crate::auth::{Credential, sessions};
use crate::cluster::events::Event;
use crate::db::audit::{self, NewEvent};
use crate::db::session::{self, TokenState};
use crate::db::{DbConnection, Result as DbResult};
use crate::http::error_codes::{Code, Error};
use crate::http::extractors::caller::caller_of;
use crate::http::state::AppState;
use crate::http::{cookies, origin};
use crate::limits::Client;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use watchtape_shared::account::RefreshToken;
use watchtape_shared::audit::EventKind;
use watchtape_shared::{SessionId, UserId};

/// Sign out on this device
///
/// Ends the session of the refresh token, sent as for a refresh, or else that of the access token: its access tokens are
/// refused and its streams closed from now on.
#[utoipa::path(
    post, path = "/api/v1/auth/logout", tag = "auth", request_body = Option<RefreshToken>, security((), ("bearer" = [])),
    responses((status = 204, description = "Signed out"),
              (status = 401, description = "Nothing was presented, or a token of no session that is alive"),
              (status = 403, description = "An API key has no session"))
)]
pub async fn logout(
    request: HttpRequest,
    client: Client,
    payload: web::Payload,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    sign_out(&request, client, payload, &state, |connection, user, session| {
        session::end(connection, user, session)?;
        Ok(EventKind::SignedOut)
    })
    .await
}

/// Sign out on every device
///
/// Ends every session of the account whose refresh token is presented, as for a refresh, or else its access token. API keys
/// go on.
#[utoipa::path(
    post, path = "/api/v1/auth/logout-all", tag = "auth", request_body = Option<RefreshToken>, security((), ("bearer" = [])),
    responses((status = 204, description = "Signed out everywhere"),
              (status = 401, description = "Nothing was presented, or a token of no session that is alive"),
              (status = 403, description = "An API key has no session"))
)]
pub async fn logout_all(
    request: HttpRequest,
    client: Client,
    payload: web::Payload,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    sign_out(&request, client, payload, &state, |connection, user, _| {
        session::end_all(connection, user)?;
        Ok(EventKind::SignedOutEverywhere)
    })
    .await
}

/// What of a request names a session.
enum Presented {
    RefreshToken(String),
    Session(UserId, SessionId),
}

/// The session that the request presents: in its body, by an access token, or by a browser's cookie.
async fn presented(request: &HttpRequest, payload: web::Payload, state: &AppState) -> Result<Presented, Error> {
    if let Some(token) = read_body_token(request, payload.into_inner()).await? {
        return Ok(Presented::RefreshToken(token));
    }
    // A browser sends both, and its access token may have expired.
    let cookie = cookies::refresh_token_of(request, state);
    match caller_of(request, state).await {
        Ok(Some(caller)) => match caller.credential {
            Credential::Session(session) => Ok(Presented::Session(caller.id, session)),
            Credential::ApiKey { .. } => {
                Err(Error::new(Code::SessionRequired, "An API key has no session to end: revoke it instead."))
            }
        },
        Err(error) if cookie.is_none() => Err(error),
        Ok(None) | Err(_) => {
            // Browsers send cookies on their own, so the request must come from a page of this service.
            origin::check_same_origin(request, &state.web.origins)?;
            cookie.map(Presented::RefreshToken).ok_or_else(|| {
                Error::new(
                    Code::Unauthenticated,
                    "Send a refresh token, or Authorization: Bearer with an access token.",
                )
            })
        }
    }
}

/// Ends what `end` ends of the account of the presented session, and removes the browser's cookie.
async fn sign_out(
    request: &HttpRequest,
    client: Client,
    payload: web::Payload,
    state: &web::Data<AppState>,
    end: fn(&mut DbConnection, &UserId, &SessionId) -> DbResult<EventKind>,
) -> Result<HttpResponse, Error> {
    let removed_cookie = cookies::removed_refresh_cookie(state);
    let refused = |error: Error| error.with_header(header::SET_COOKIE, removed_cookie.to_string());
    let presented = presented(request, payload, state).await.map_err(refused)?;
    let ended = state.db.write(move |connection| {
        let (user, session, is_stolen) = match presented {
            Presented::Session(user, session) => (user, session, false),
            Presented::RefreshToken(token) => {
                let Some(found) = sessions::find(connection, &token)? else { return Ok(None) };
                (found.user.id, found.id, found.token_state == TokenState::Old)
            }
        };
        // As at a refresh: a token that is older than its session's last two is stolen, and ends that session alone.
        let kind = if is_stolen {
            session::end(connection, &user, &session)?;
            EventKind::RefreshTokenReused
        } else {
            end(connection, &user, &session)?
        };
        audit::record(connection, &client.request_info, &NewEvent::new(kind, &user).session(&session))?;
        Ok(Some((user, is_stolen)))
    });
    let Some((user, is_stolen)) = ended.await? else { return Err(refused(invalid_refresh_token())) };
    state.node.events.publish(Event::AccessChanged(user));
    if is_stolen {
        return Err(refused(invalid_refresh_token()));
    }
    Ok(HttpResponse::NoContent().cookie(removed_cookie).insert_header((header::CACHE_CONTROL, "no-store")).finish())
}
