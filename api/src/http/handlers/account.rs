//! The caller's account: read, change, change of the password, deletion.

use crate::auth::{self, SessionUser, login_throttle};
use crate::cluster::events::Event;
use crate::db::audit::{self, NewEvent};
use crate::db::profile::{self, Change};
use crate::db::{self, DbConnection, device, guest, password_reset, user};
use crate::http::cookies;
use crate::http::error_codes::{Code, Error};
use crate::http::extractors::{Json, MergePatch, Reader};
use crate::http::state::AppState;
use crate::limits::Client;
use actix_web::{HttpResponse, web};
use watchtape_shared::account::{Deletion, PasswordChange, User, UserPatch};
use watchtape_shared::audit::EventKind;

/// Read your account
#[utoipa::path(
    get, path = "/api/v1/me", tag = "account", security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The account of the access token", body = User))
)]
pub async fn get_me(state: web::Data<AppState>, Reader(user): Reader) -> Result<web::Json<User>, Error> {
    let owner = user.id.clone();
    Ok(web::Json(state.db.of(&user.id).read(move |connection| user::find(connection, &owner)).await?))
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
    session_user: SessionUser,
    client: Client,
    body: MergePatch<UserPatch>,
) -> Result<web::Json<User>, Error> {
    let MergePatch(UserPatch { display_name, email, current_password }) = body;
    if display_name.is_none() && email.is_none() {
        return Err(Error::new(Code::Invalid, "The patch names nothing to change.").at(""));
    }
    let mut confirmed = None;
    // A password that is not needed is checked all the same: who sends it means it.
    if email.is_some() || current_password.is_some() {
        let credentials = login_throttle::reauthenticate(&state.auth, &client, &session_user, current_password)
            .await
            .map_err(at_password("/current_password"))?;
        confirmed = Some(credentials.password_hash);
    }
    let changed = match (&display_name, &email) {
        (_, None) => "display_name",
        (None, Some(_)) => "email",
        (Some(_), Some(_)) => "display_name email",
    };
    let change = Change { display_name, email };
    let owner = session_user.id.clone();
    let db = state.db.of(&owner);
    let user = db.write(move |connection| {
        session_user.recheck(connection)?;
        if !is_password_unchanged(connection, &session_user, confirmed.as_deref())? {
            return Ok(None);
        }
        let user = profile::change(connection, &session_user.id, &change)?;
        let event =
            NewEvent::new(EventKind::ProfileChanged, &session_user.id).session(&session_user.session).detail(changed);
        audit::record(connection, &client.request_info, &event)?;
        Ok(Some(user))
    });
    Ok(web::Json(user.await?.ok_or_else(|| password_changed("/current_password"))?))
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
    session_user: SessionUser,
    client: Client,
    body: Json<PasswordChange>,
) -> Result<HttpResponse, Error> {
    let Json(PasswordChange { current_password, new_password }) = body;
    let credentials = login_throttle::reauthenticate(&state.auth, &client, &session_user, Some(current_password))
        .await
        .map_err(at_password("/current_password"))?;
    let hashed = state.auth.passwords.hash_new(new_password, &credentials.email, &credentials.user.display_name).await;
    let hash = hashed.map_err(|error| Error::from(error).at_if(Code::WeakPassword, "/new_password"))?;
    let id = session_user.id.clone();
    let user = session_user.id.clone();
    let db = state.db.of(&user);
    let changed = db.write(move |connection| {
        session_user.recheck(connection)?;
        if !is_password_unchanged(connection, &session_user, Some(&credentials.password_hash))? {
            return Ok(false);
        }
        user::set_password(connection, &id, &hash)?;
        password_reset::revoke_all(connection, &id)?;
        device::revoke_others(connection, &id, &session_user.session)?;
        let event = NewEvent::new(EventKind::PasswordChanged, &id).session(&session_user.session);
        audit::record(connection, &client.request_info, &event)?;
        Ok(true)
    });
    if !changed.await? {
        return Err(password_changed("/current_password"));
    }
    state.node.events.publish(Event::AccessChanged(user));
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
    session_user: SessionUser,
    client: Client,
    body: Json<Deletion>,
) -> Result<HttpResponse, Error> {
    let Json(Deletion { password }) = body;
    let has_password = password.is_some();
    let confirmed = match login_throttle::reauthenticate(&state.auth, &client, &session_user, password)
        .await
        .map_err(at_password("/password"))
    {
        // Who sends a password means it to be checked.
        Err(error) if error.code == Code::Guest && !has_password => None,
        confirmed => Some(confirmed?.password_hash),
    };
    let user = session_user.id.clone();
    let db = state.db.of(&user);
    let deleted = db.write(move |connection| {
        session_user.recheck(connection)?;
        if confirmed.is_none() {
            // A guest who has set a password meanwhile must confirm it.
            guest::require_guest(connection, &session_user.id)?;
        }
        if !is_password_unchanged(connection, &session_user, confirmed.as_deref())? {
            return Ok(false);
        }
        profile::delete(connection, &session_user.id)?;
        Ok(true)
    });
    if !deleted.await? {
        return Err(password_changed("/password"));
    }
    // Only in the log: the account's rows are deleted.
    tracing::info!(target: "watchtape::audit", user = %user, kind = "account_deleted", "audit");
    state.node.events.publish(Event::AccessChanged(user));
    Ok(HttpResponse::NoContent().cookie(cookies::removed_refresh_cookie(&state)).finish())
}

/// Whether the account's password is still the one that was confirmed before the transaction; true if none was.
fn is_password_unchanged(
    connection: &mut DbConnection,
    session_user: &SessionUser,
    confirmed: Option<&str>,
) -> db::Result<bool> {
    confirmed.map_or(Ok(true), |hash| user::lock_with_password(connection, &session_user.id, hash))
}

/// The answer if the password was changed since it was confirmed.
fn password_changed(pointer: &'static str) -> Error {
    Error::new(Code::WrongPassword, "The password has changed meanwhile.").at(pointer)
}

/// Adds the pointer to the body's password, if that was missing or wrong.
fn at_password(pointer: &'static str) -> impl FnOnce(auth::Error) -> Error {
    move |error| match error {
        auth::Error::WrongPassword | auth::Error::PasswordMissing => Error::from(error).at(pointer),
        error => error.into(),
    }
}
