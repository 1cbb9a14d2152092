//! The caller's API keys. They need a signed-in session: an API key cannot create another.

use crate::auth::secret::sha256_hex;
use crate::auth::{SessionUser, api_keys};
use crate::cluster::events::Event;
use crate::db::api_key::{self, NewKey};
use crate::db::audit::{self, NewEvent};
use crate::db::guest;
use crate::db::idempotency::Answer;
use crate::http::error_codes::{Code, Error};
use crate::http::extractors::Json;
use crate::http::idempotency::{self, Idempotency, IdempotencyHeader};
use crate::http::state::AppState;
use crate::limits::Client;
use crate::{clock, ids};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Datelike, Utc};
use watchtape_shared::api_key::{ApiKey, CreatedApiKey, NewApiKey, Scope};
use watchtape_shared::audit::EventKind;
use watchtape_shared::{KeyId, Page};

/// The last year in RFC 3339.
const MAX_YEAR: i32 = 9999;

/// List your API keys
#[utoipa::path(
    get, path = "/api/v1/me/api-keys", tag = "account", security(("bearer" = [])),
    responses((status = 200, description = "Every key of yours, the newest first, at most 50", body = Page<ApiKey>),
              (status = 403, description = "An API key may not do this"))
)]
pub async fn list_api_keys(
    state: web::Data<AppState>,
    session_user: SessionUser,
) -> Result<web::Json<Page<ApiKey>>, Error> {
    let owner = session_user.id.clone();
    let keys = state.db.of(&session_user.id).read(move |connection| api_key::list(connection, &owner)).await?;
    Ok(web::Json(Page::whole(keys)))
}

/// Read an API key
///
/// What is known about it, without the key itself.
#[utoipa::path(
    get, path = "/api/v1/me/api-keys/{id}", tag = "account", security(("bearer" = [])),
    params(("id" = KeyId, Path, description = "The key")),
    responses((status = 200, description = "The key", body = ApiKey),
              (status = 403, description = "An API key may not do this"))
)]
pub async fn get_api_key(
    state: web::Data<AppState>,
    session_user: SessionUser,
    id: web::Path<KeyId>,
) -> Result<web::Json<ApiKey>, Error> {
    let (db, owner) = (state.db.of(&session_user.id), session_user.id.clone());
    let found = db.read(move |connection| api_key::find(connection, &owner, &id));
    Ok(web::Json(found.await?))
}

/// Make an API key
///
/// The key itself is in this answer and nowhere else: only its hash is kept. It calls the API as the account, within its
/// scopes, and can never manage the account or its keys.
#[utoipa::path(
    post, path = "/api/v1/me/api-keys", tag = "account", request_body = NewApiKey, security(("bearer" = [])),
    params(IdempotencyHeader),
    responses((status = 201, description = "The new key", body = CreatedApiKey),
              (status = 403, description = "An API key may not do this, nor may a guest"),
              (status = 409, description = "There are 50 keys"))
)]
pub async fn create_api_key(
    state: web::Data<AppState>,
    session_user: SessionUser,
    client: Client,
    idempotency: Idempotency,
    body: Json<NewApiKey>,
) -> Result<HttpResponse, Error> {
    let request = idempotency.with_json(&body.0);
    let Json(NewApiKey { name, scopes, expires_at }) = body;
    let scopes = distinct(scopes)?;
    let expires_at = expires_at.map(|at| valid_expiry(at, clock::now())).transpose()?;
    let id = ids::key();
    let new_key = if request.has_key() { state.auth.api_keys.derive(&id) } else { state.auth.api_keys.generate() };
    let hash = sha256_hex(&new_key);
    let new = NewKey { id, name, hash, hint: api_keys::hint_of(&new_key).to_owned(), scopes, expires_at };
    let (session, caller) = (session_user.session.clone(), session_user.clone());
    let outcome = request.run(&state, &session_user.id, move |connection, owner| {
        caller.recheck(connection)?;
        guest::require_registered(connection, owner)?;
        let key = api_key::create(connection, owner, &new)?;
        let event = NewEvent::new(EventKind::KeyCreated, owner).session(&session).api_key(&key.id);
        audit::record(connection, &client.request_info, &event)?;
        let location = Some(format!("/api/v1/me/api-keys/{}", key.id));
        Ok((Answer { location, ..idempotency::json_answer(StatusCode::CREATED, &key)? }, new_key))
    });
    // The stored answer does not have the key.
    let mut outcome = outcome.await?;
    let api_key: ApiKey = serde_json::from_str(&outcome.answer.body).map_err(Error::internal)?;
    let key = outcome.result.clone().unwrap_or_else(|| state.auth.api_keys.derive(&api_key.id));
    if api_keys::hint_of(&key) != api_key.hint {
        // The server's secret was changed since, so the key cannot be derived again.
        return Err(Error::new(Code::IdempotencyKeyReused, "The key that was made then cannot be shown again."));
    }
    outcome.answer.body = serde_json::to_string(&CreatedApiKey { key, api_key }).map_err(Error::internal)?;
    let mut response = outcome.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Revoke an API key
///
/// It is refused and its streams are closed from now on.
#[utoipa::path(
    delete, path = "/api/v1/me/api-keys/{id}", tag = "account", security(("bearer" = [])),
    params(("id" = KeyId, Path, description = "The key")),
    responses((status = 204, description = "It is revoked"),
              (status = 403, description = "An API key may not do this"))
)]
pub async fn revoke_api_key(
    state: web::Data<AppState>,
    session_user: SessionUser,
    client: Client,
    id: web::Path<KeyId>,
) -> Result<HttpResponse, Error> {
    let (owner, user) = (session_user.id.clone(), session_user.id.clone());
    let db = state.db.of(&user);
    let revoked = db.write(move |connection| {
        session_user.recheck(connection)?;
        api_key::revoke(connection, &owner, &id)?;
        let event = NewEvent::new(EventKind::KeyRevoked, &owner).session(&session_user.session).api_key(&id);
        audit::record(connection, &client.request_info, &event)
    });
    revoked.await?;
    state.node.events.publish(Event::AccessChanged(user));
    Ok(HttpResponse::NoContent().finish())
}

/// The scopes without duplicates; at least one.
fn distinct(mut scopes: Vec<Scope>) -> Result<Vec<Scope>, Error> {
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(Error::new(Code::Invalid, "A key has at least one scope.").at("/scopes"));
    }
    Ok(scopes)
}

/// The expiry of a key, in the future, cut to the databases' microseconds.
fn valid_expiry(at: DateTime<Utc>, now: DateTime<Utc>) -> Result<DateTime<Utc>, Error> {
    let at = DateTime::from_timestamp_micros(at.timestamp_micros()).filter(|at| *at > now && at.year() <= MAX_YEAR);
    at.ok_or_else(|| Error::new(Code::Invalid, "A key ends in the future, by the year 9999.").at("/expires_at"))
}
