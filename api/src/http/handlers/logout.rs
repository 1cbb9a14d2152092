//! Sign-out, on one device or on all.

use super::refresh::read_refresh_token;
use crate::auth::sessions;
use crate::cluster::events::Event;
use crate::db::audit::{self, NewEvent};
use crate::db::session;
use crate::http::cookies;
use crate::http::error_codes::Error;
use crate::http::state::AppState;
use crate::limits::Client;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use watchtape_shared::account::RefreshToken;
use watchtape_shared::audit::EventKind;

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
    let (token, _) = read_refresh_token(&request, payload.into_inner(), &state).await?;
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
    let (token, _) = read_refresh_token(&request, payload.into_inner(), &state).await?;
    let ended = state.db.write(move |connection| {
        let Some(session) = sessions::find(connection, &token.unwrap_or_default())? else { return Ok(None) };
        // A token older than its session's last two is treated as stolen: it ends its own session only.
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
