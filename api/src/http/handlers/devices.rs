//! The caller's signed-in devices, each a session: list, and sign out.

use crate::auth::SessionUser;
use crate::cluster::events::Event;
use crate::db::audit::{self, NewEvent};
use crate::db::device;
use crate::http::error_codes::Error;
use crate::http::state::AppState;
use crate::limits::Client;
use actix_web::{HttpResponse, web};
use watchtape_shared::account::Device;
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
pub async fn list_sessions(
    state: web::Data<AppState>,
    session_user: SessionUser,
) -> Result<web::Json<Page<Device>>, Error> {
    let owner = session_user.id.clone();
    let db = state.db.of(&owner);
    let devices = db.read(move |connection| device::list(connection, &session_user.id, Some(&session_user.session)));
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
    session_user: SessionUser,
    client: Client,
    id: web::Path<SessionId>,
) -> Result<HttpResponse, Error> {
    let (owner, user) = (session_user.id.clone(), session_user.id.clone());
    let db = state.db.of(&user);
    let revoked = db.write(move |connection| {
        session_user.recheck(connection)?;
        device::revoke(connection, &owner, &id)?;
        audit::record(connection, &client.request_info, &NewEvent::new(EventKind::SessionRevoked, &owner).session(&id))
    });
    revoked.await?;
    state.node.events.publish(Event::AccessChanged(user));
    Ok(HttpResponse::NoContent().finish())
}
