//! The caller's own account: reading it, changing it, and its end.

use super::auth::removed_cookie;
use crate::auth::{Holder, Reader, throttle};
use crate::client::Client;
use crate::db::audit::{self, NewEvent};
use crate::db::profile::{self, Change};
use crate::db::{device, user};
use crate::error::{Code, Error};
use crate::events::Event;
use crate::extract::{Json, MergePatch};
use crate::state::AppState;
use actix_web::{HttpResponse, web};
use watchtape_shared::account::{Deletion, PasswordChange, User, UserPatch};
use watchtape_shared::audit::EventKind;

/// Read your account
#[utoipa::path(
    get, path = "/api/v1/me", tag = "account", security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The account of the access token", body = User))
)]
pub async fn get_me(state: web::Data<AppState>, Reader(user): Reader) -> Result<web::Json<User>, Error> {
    Ok(web::Json(state.db.read(move |connection| user::find(connection, &user.id)).await?))
}

/// Change your name or your address
///
/// A new address needs `current_password`. Links to set a new password that went to the old address are void from then on.
#[utoipa::path(
    patch, path = "/api/v1/me", tag = "account", security(("bearer" = [])),
    request_body(content = UserPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The changed account", body = User),
              (status = 403, description = "Not the account's password, or an API key"),
              (status = 409, description = "The address has an account"))
)]
pub async fn update_me(
    state: web::Data<AppState>,
    holder: Holder,
    client: Client,
    body: MergePatch<UserPatch>,
) -> Result<web::Json<User>, Error> {
    let MergePatch(UserPatch { display_name, email, current_password }) = body;
    if email.is_some() {
        let missing = || Error::new(Code::Invalid, "A new address needs the password.").at("/current_password");
        let password = current_password.ok_or_else(missing)?;
        throttle::confirm(&state, &client, &holder, password, "/current_password").await?;
    }
    let changed = match (&display_name, &email) {
        (None, None) => None,
        (Some(_), None) => Some("display_name"),
        (None, Some(_)) => Some("email"),
        (Some(_), Some(_)) => Some("display_name email"),
    };
    let change = Change { display_name, email };
    let user = state.db.write(move |connection| {
        let Some(changed) = changed else { return user::find(connection, &holder.id) };
        let user = profile::change(connection, &holder.id, &change)?;
        let event = NewEvent::new(EventKind::ProfileChanged, &holder.id).session(&holder.session).detail(changed);
        audit::record(connection, &client.source, &event)?;
        Ok(user)
    });
    Ok(web::Json(user.await?))
}

/// Change your password
///
/// Every other device is signed out, and links to set a new password are void. API keys go on: revoke those that somebody
/// else may know.
#[utoipa::path(
    put, path = "/api/v1/me/password", tag = "account", security(("bearer" = [])), request_body = PasswordChange,
    responses((status = 204, description = "The new password is the account's"),
              (status = 403, description = "Not the account's password, or an API key"))
)]
pub async fn change_password(
    state: web::Data<AppState>,
    holder: Holder,
    client: Client,
    body: Json<PasswordChange>,
) -> Result<HttpResponse, Error> {
    let Json(PasswordChange { current_password, new_password }) = body;
    let credentials = throttle::confirm(&state, &client, &holder, current_password, "/current_password").await?;
    let words = vec![credentials.user.email.to_string(), credentials.user.display_name.to_string()];
    let hashed = state.passwords.hash_new(new_password, words).await;
    let hash = hashed.map_err(|error| error.at_weak("/new_password"))?;
    let id = holder.id.clone();
    let changed = state.db.write(move |connection| {
        if !profile::set_password(connection, &id, &credentials.password_hash, &hash)? {
            return Ok(false);
        }
        device::revoke_others(connection, &id, &holder.session)?;
        let event = NewEvent::new(EventKind::PasswordChanged, &id).session(&holder.session);
        audit::record(connection, &client.source, &event)?;
        Ok(true)
    });
    if !changed.await? {
        // Somebody else has changed it since it was checked.
        return Err(Error::new(Code::WrongPassword, "The password has changed meanwhile.").at("/current_password"));
    }
    state.events.send(Event::AccessChanged(holder.id));
    Ok(HttpResponse::NoContent().finish())
}

/// Delete your account
///
/// Everything that is kept about it goes with it, at once and for good: lists, devices, API keys and the audit trail.
#[utoipa::path(
    delete, path = "/api/v1/me", tag = "account", security(("bearer" = [])), request_body = Deletion,
    responses((status = 204, description = "It is gone"),
              (status = 403, description = "Not the account's password, or an API key"))
)]
pub async fn delete_me(
    state: web::Data<AppState>,
    holder: Holder,
    client: Client,
    body: Json<Deletion>,
) -> Result<HttpResponse, Error> {
    let Json(Deletion { password }) = body;
    throttle::confirm(&state, &client, &holder, password, "/password").await?;
    let id = holder.id.clone();
    state.db.write(move |connection| profile::delete(connection, &id)).await?;
    // The log alone: no table keeps anything of it.
    tracing::info!(target: "watchtape::audit", user = %holder.id, kind = "account_deleted", "audit");
    state.events.send(Event::AccessChanged(holder.id));
    Ok(HttpResponse::NoContent().cookie(removed_cookie(&state)).finish())
}
