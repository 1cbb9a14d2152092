//! The caller's own account: reading it, changing it, and its end.

use super::auth::removed_cookie;
use crate::auth::{Holder, Reader, throttle};
use crate::client::Client;
use crate::db::audit::{self, NewEvent};
use crate::db::profile::{self, Change};
use crate::db::{self, DbConnection, device, guest, password_reset, user};
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
/// A new address needs `current_password`, which a guest does not have: see `POST /me/keep`. Links to set a new password that went to the old address are void from then on.
#[utoipa::path(
    patch, path = "/api/v1/me", tag = "account", security(("bearer" = [])),
    request_body(content = UserPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The changed account", body = User),
              (status = 403, description = "Not the account's password, or an API key, or a guest's new address"),
              (status = 409, description = "The address has an account"))
)]
pub async fn update_me(
    state: web::Data<AppState>,
    holder: Holder,
    client: Client,
    body: MergePatch<UserPatch>,
) -> Result<web::Json<User>, Error> {
    let MergePatch(UserPatch { display_name, email, current_password }) = body;
    let mut confirmed = None;
    if email.is_some() {
        let credentials = throttle::confirm(&state, &client, &holder, current_password, "/current_password").await?;
        confirmed = Some(credentials.password_hash);
    }
    let changed = match (&display_name, &email) {
        (None, None) => None,
        (Some(_), None) => Some("display_name"),
        (None, Some(_)) => Some("email"),
        (Some(_), Some(_)) => Some("display_name email"),
    };
    let change = Change { display_name, email };
    let user = state.db.write(move |connection| {
        holder.recheck(connection)?;
        if !still_holds(connection, &holder, confirmed.as_deref())? {
            return Ok(None);
        }
        let Some(changed) = changed else { return user::find(connection, &holder.id).map(Some) };
        let user = profile::change(connection, &holder.id, &change)?;
        let event = NewEvent::new(EventKind::ProfileChanged, &holder.id).session(&holder.session).detail(changed);
        audit::record(connection, &client.source, &event)?;
        Ok(Some(user))
    });
    Ok(web::Json(user.await?.ok_or_else(|| changed_meanwhile("/current_password"))?))
}

/// Change your password
///
/// Every other device is signed out, and links to set a new password are void. API keys go on: revoke those that somebody
/// else may know.
#[utoipa::path(
    put, path = "/api/v1/me/password", tag = "account", security(("bearer" = [])), request_body = PasswordChange,
    responses((status = 204, description = "The new password is the account's"),
              (status = 403, description = "Not the account's password, or an API key, or a guest, who has none"))
)]
pub async fn change_password(
    state: web::Data<AppState>,
    holder: Holder,
    client: Client,
    body: Json<PasswordChange>,
) -> Result<HttpResponse, Error> {
    let Json(PasswordChange { current_password, new_password }) = body;
    let credentials = throttle::confirm(&state, &client, &holder, Some(current_password), "/current_password").await?;
    let hashed = state.passwords.hash_new(new_password, &credentials.email, &credentials.user.display_name).await;
    let hash = hashed.map_err(|error| error.at_weak("/new_password"))?;
    let id = holder.id.clone();
    let user = holder.id.clone();
    let changed = state.db.write(move |connection| {
        holder.recheck(connection)?;
        if !still_holds(connection, &holder, Some(&credentials.password_hash))? {
            return Ok(false);
        }
        user::set_password(connection, &id, &hash)?;
        password_reset::forget(connection, &id)?;
        device::revoke_others(connection, &id, &holder.session)?;
        let event = NewEvent::new(EventKind::PasswordChanged, &id).session(&holder.session);
        audit::record(connection, &client.source, &event)?;
        Ok(true)
    });
    if !changed.await? {
        return Err(changed_meanwhile("/current_password"));
    }
    state.events.send(Event::AccessChanged(user));
    Ok(HttpResponse::NoContent().finish())
}

/// Delete your account
///
/// Everything that is kept about it goes with it, at once and for good: lists, devices, API keys and the audit trail.
/// Needs `password`, which a guest alone does not have.
#[utoipa::path(
    delete, path = "/api/v1/me", tag = "account", security(("bearer" = [])), request_body = Deletion,
    responses((status = 204, description = "It is gone"),
              (status = 403, description = "Not the account's password, or an API key"),
              (status = 409, description = "The guest has kept the account meanwhile"))
)]
pub async fn delete_me(
    state: web::Data<AppState>,
    holder: Holder,
    client: Client,
    body: Json<Deletion>,
) -> Result<HttpResponse, Error> {
    let Json(Deletion { password }) = body;
    let confirmed = match throttle::confirm(&state, &client, &holder, password, "/password").await {
        Err(error) if error.code == Code::Guest => None,
        confirmed => Some(confirmed?.password_hash),
    };
    let user = holder.id.clone();
    let deleted = state.db.write(move |connection| {
        holder.recheck(connection)?;
        if confirmed.is_none() {
            // A guest who has kept the account meanwhile has a password to be asked for.
            guest::require(connection, &holder.id)?;
        }
        if !still_holds(connection, &holder, confirmed.as_deref())? {
            return Ok(false);
        }
        profile::delete(connection, &holder.id)?;
        Ok(true)
    });
    if !deleted.await? {
        return Err(changed_meanwhile("/password"));
    }
    // The log alone: no table keeps anything of it.
    tracing::info!(target: "watchtape::audit", user = %user, kind = "account_deleted", "audit");
    state.events.send(Event::AccessChanged(user));
    Ok(HttpResponse::NoContent().cookie(removed_cookie(&state)).finish())
}

/// Whether the password that was confirmed before the transaction is the account's still.
fn still_holds(connection: &mut DbConnection, holder: &Holder, confirmed: Option<&str>) -> db::Result<bool> {
    confirmed.map_or(Ok(true), |hash| user::lock_with_password(connection, &holder.id, hash))
}

/// The answer where somebody else has changed the password since it was checked.
fn changed_meanwhile(pointer: &'static str) -> Error {
    Error::new(Code::WrongPassword, "The password has changed meanwhile.").at(pointer)
}
