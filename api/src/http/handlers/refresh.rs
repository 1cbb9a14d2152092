//! The refresh token of a session: exchanged for new tokens, or its session ended.

use crate::auth::sessions::{self, RefreshOutcome};
use crate::cluster::events::Event;
use crate::db::audit::{self, NewEvent};
use crate::db::session;
use crate::http::error_codes::{Code, Error};
use crate::http::extractors::body;
use crate::http::signed_in::token_response;
use crate::http::state::AppState;
use crate::http::{cookies, origin};
use crate::limits::Client;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use watchtape_shared::account::{RefreshToken, SignedIn, Transport};
use watchtape_shared::audit::EventKind;

/// Exchange a refresh token for an access token
///
/// A browser sends its cookie and no body; a program sends the token of the last answer. Each token is used once: its
/// successor comes with the answer. A token that comes back later than ten seconds after its use ends the session.
#[utoipa::path(
    post, path = "/api/v1/auth/refresh", tag = "auth", request_body = Option<RefreshToken>, security(()),
    responses((status = 200, description = "Refreshed", body = SignedIn),
              (status = 401, description = "The refresh token is good for nothing"))
)]
pub async fn refresh(
    request: HttpRequest,
    client: Client,
    payload: web::Payload,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    let (token, transport) = presented_token(&request, payload.into_inner(), &state).await?;
    let token = token.ok_or_else(invalid_refresh_token)?;
    let sessions = state.auth.sessions.clone();
    let refreshed = state.db.write(move |connection| {
        let refreshed = sessions.refresh(connection, &token, &client.request_info)?;
        if let RefreshOutcome::Reused(user, session) = &refreshed {
            let event = NewEvent::new(EventKind::RefreshTokenReused, user).session(session);
            audit::record(connection, &client.request_info, &event)?;
        }
        Ok(refreshed)
    });
    match refreshed.await? {
        RefreshOutcome::Renewed(opened, user) => {
            Ok(token_response(&state, HttpResponse::Ok(), opened, user, transport))
        }
        RefreshOutcome::Reused(user, _) => {
            state.node.events.publish(Event::AccessChanged(user));
            Err(invalid_refresh_token())
        }
        RefreshOutcome::Unknown => Err(invalid_refresh_token()),
    }
}

/// Sign out on this device
///
/// Ends the session of the refresh token, sent as for a refresh: its access tokens are refused and its streams closed
/// from now on. A token that belongs to no session has nothing to end, which is no error.
#[utoipa::path(
    post, path = "/api/v1/auth/logout", tag = "auth", request_body = Option<RefreshToken>, security(()),
    responses((status = 204, description = "Signed out"))
)]
pub async fn logout(
    request: HttpRequest,
    client: Client,
    payload: web::Payload,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    let (token, _) = presented_token(&request, payload.into_inner(), &state).await?;
    let ended = state.db.write(move |connection| {
        let Some(session) = sessions::find(connection, &token.unwrap_or_default())? else { return Ok(None) };
        session::end(connection, &session.user.id, &session.id)?;
        let event = NewEvent::new(EventKind::SignedOut, &session.user.id).session(&session.id);
        audit::record(connection, &client.request_info, &event)?;
        Ok(Some(session.user.id))
    });
    if let Some(user) = ended.await? {
        state.node.events.publish(Event::AccessChanged(user));
    }
    Ok(HttpResponse::NoContent()
        .cookie(cookies::removed_refresh_cookie(&state))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish())
}

/// Sign out on every device
///
/// Ends every session of the account that the refresh token is of, sent as for a refresh. API keys go on. A token that
/// belongs to no session has nothing to end, which is no error.
#[utoipa::path(
    post, path = "/api/v1/auth/logout-all", tag = "auth", request_body = Option<RefreshToken>, security(()),
    responses((status = 204, description = "Signed out everywhere"))
)]
pub async fn logout_all(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<AppState>,
    client: Client,
) -> Result<HttpResponse, Error> {
    let (token, _) = presented_token(&request, payload.into_inner(), &state).await?;
    let ended = state.db.write(move |connection| {
        let Some(session) = sessions::find(connection, &token.unwrap_or_default())? else { return Ok(None) };
        // A token that is older than its session's last two is a copy: it ends what it was copied from, and no more.
        let kind = if session.token_state == session::TokenState::Old {
            session::end(connection, &session.user.id, &session.id)?;
            EventKind::RefreshTokenReused
        } else {
            session::end_all(connection, &session.user.id)?;
            EventKind::SignedOutEverywhere
        };
        audit::record(connection, &client.request_info, &NewEvent::new(kind, &session.user.id).session(&session.id))?;
        Ok(Some(session.user.id))
    });
    if let Some(user) = ended.await? {
        state.node.events.publish(Event::AccessChanged(user));
    }
    Ok(HttpResponse::NoContent()
        .cookie(cookies::removed_refresh_cookie(&state))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish())
}

/// The refresh token of a request: of its body where there is one, else of its cookie.
async fn presented_token(
    request: &HttpRequest,
    payload: Payload,
    state: &AppState,
) -> Result<(Option<String>, Transport), Error> {
    let body = body::read_body(payload).await?;
    if body.is_empty() {
        // A cookie comes along by itself: only a page of ours may use it.
        origin::check_same_origin(request, &state.web.origins)?;
        let cookie = cookies::refresh_token_of(request, state);
        return Ok((cookie, Transport::Cookie));
    }
    let token: RefreshToken = body::json_of(request, &body)?;
    Ok((Some(token.refresh_token), Transport::Body))
}

/// The answer to a refresh token that is unknown, used up or expired.
fn invalid_refresh_token() -> Error {
    Error::new(Code::InvalidRefreshToken, "The refresh token is unknown, used up or expired. Sign in again.")
}
