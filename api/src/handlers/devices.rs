//! The caller's signed-in devices: which there are, and signing them out.

use super::auth::{presented, removed_cookie};
use crate::auth::{Holder, sessions};
use crate::client::Client;
use crate::db::audit::{self, NewEvent};
use crate::db::{device, session};
use crate::error::Error;
use crate::events::Event;
use crate::state::AppState;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use watchtape_shared::account::{Device, RefreshToken};
use watchtape_shared::audit::EventKind;
use watchtape_shared::{Page, SessionId};

/// List your devices
///
/// Those that are signed in, the one used last first.
#[utoipa::path(
    get, path = "/api/v1/me/sessions", tag = "account", security(("bearer" = [])),
    responses((status = 200, description = "Every device that is signed in, at most 100", body = Page<Device>),
              (status = 403, description = "An API key may not do this"))
)]
pub async fn list_sessions(state: web::Data<AppState>, holder: Holder) -> Result<web::Json<Page<Device>>, Error> {
    let devices = state.db.read(move |connection| device::list(connection, &holder.id, &holder.session));
    Ok(web::Json(Page::whole(devices.await?)))
}

/// Sign a device out
///
/// Its access tokens are refused and its streams closed from now on.
#[utoipa::path(
    delete, path = "/api/v1/me/sessions/{id}", tag = "account", security(("bearer" = [])),
    params(("id" = SessionId, Path, description = "The device's session")),
    responses((status = 204, description = "It is signed out"),
              (status = 403, description = "An API key may not do this"))
)]
pub async fn revoke_session(
    state: web::Data<AppState>,
    holder: Holder,
    client: Client,
    id: web::Path<SessionId>,
) -> Result<HttpResponse, Error> {
    let (owner, user) = (holder.id.clone(), holder.id.clone());
    let revoked = state.db.write(move |connection| {
        holder.recheck(connection)?;
        device::revoke(connection, &owner, &id)?;
        audit::record(connection, &client.source, &NewEvent::new(EventKind::SessionRevoked, &owner).session(&id))
    });
    revoked.await?;
    state.events.send(Event::AccessChanged(user));
    Ok(HttpResponse::NoContent().finish())
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
    let (token, _) = presented(&request, payload.into_inner(), &state).await?;
    let ended = state.db.write(move |connection| {
        let Some(session) = sessions::find(connection, &token.unwrap_or_default())? else { return Ok(None) };
        // A token that is older than its session's last two is a copy: it ends what it was copied from, and no more.
        let kind = if session.standing == session::Standing::Old {
            session::end(connection, &session.user.id, &session.id)?;
            EventKind::RefreshTokenReused
        } else {
            session::end_all(connection, &session.user.id)?;
            EventKind::SignedOutEverywhere
        };
        audit::record(connection, &client.source, &NewEvent::new(kind, &session.user.id).session(&session.id))?;
        Ok(Some(session.user.id))
    });
    if let Some(user) = ended.await? {
        state.events.send(Event::AccessChanged(user));
    }
    Ok(HttpResponse::NoContent()
        .cookie(removed_cookie(&state))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish())
}
