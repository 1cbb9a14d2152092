//! Registration of an account.

use crate::auth::sessions::IssuedSession;
use crate::auth::{self, login_throttle};
use crate::db;
use crate::db::account_opening::{self, NewAccount};
use crate::db::audit::{self, NewEvent};
use crate::db::user::{self, Credentials};
use crate::http::error_codes::{Code, Error};
use crate::http::extractors::Json;
use crate::http::idempotency::{IDEMPOTENCY_REPLAYED, Idempotency, IdempotencyHeader, IdempotentRequest};
use crate::http::sign_in_response::{end_replaced_session, sign_in_response};
use crate::http::state::AppState;
use crate::http::{cookies, origin};
use crate::ids;
use crate::limits::Client;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;
use watchtape_shared::account::{Email, Password, Register, SignedIn, User};
use watchtape_shared::audit::EventKind;

/// Open an account and sign in
///
/// The account begins with one empty watchlist. The refresh token is set as an HttpOnly cookie, or given in the body
/// where `transport` is `body`. Sent again with the same `Idempotency-Key`, address and password, because the answer was
/// lost, it signs in to the account that it has opened.
#[utoipa::path(
    post, path = "/api/v1/auth/register", tag = "auth", request_body = Register, security(()), params(IdempotencyHeader),
    responses((status = 201, description = "The account is open and signed in", body = SignedIn),
              (status = 409, description = "The address has an account"))
)]
pub async fn register(
    request: HttpRequest,
    client: Client,
    state: web::Data<AppState>,
    idempotency: Idempotency,
    body: Json<Register>,
) -> Result<HttpResponse, Error> {
    origin::check_same_origin(&request, &state.web.origins)?;
    let Json(register) = body;
    // Without the password, which must not be in a stored hash of the request.
    let request_key = idempotency.with_json(&json!({ "email": register.email, "display_name": register.display_name }));
    let (email, password, opened_by) = (register.email.clone(), register.password.clone(), request_key.clone());
    let replaced_token = cookies::refresh_token_of(&request, &state);
    let display_name = register.display_name.unwrap_or_else(|| register.email.to_display_name());
    let permit = state.auth.login_throttle.hashing_permit(&client)?;
    let hashed = state.auth.passwords.hash_new(register.password, &register.email, &display_name).await;
    let password_hash = hashed.map_err(|error| Error::from(error).at_if(Code::WeakPassword, "/password"))?;
    drop(permit);
    let new = NewAccount {
        id: ids::user(),
        email: register.email,
        display_name,
        password_hash,
        first_list: ids::watchlist(),
    };
    let (sessions, request_info) = (state.auth.sessions.clone(), client.request_info.clone());
    let opened = state.db.write(move |connection| {
        let user = account_opening::open(connection, &new)?;
        end_replaced_session(connection, replaced_token, &request_info)?;
        opened_by.record(connection, &user.id)?;
        let opened = sessions.open(connection, &user.id, &request_info)?;
        let event = NewEvent::new(EventKind::AccountOpened, &user.id).session(&opened.id);
        audit::record(connection, &request_info, &event)?;
        Ok((opened, user))
    });
    let mut response = HttpResponse::Created();
    let (opened, user) = match opened.await {
        Err(db::Error::EmailTaken) => {
            response.insert_header((IDEMPOTENCY_REPLAYED, "true"));
            sign_in_again(&state, &client, request_key, email, password).await?
        }
        opened => opened?,
    };
    sign_in_response(&request, &state, response, opened, user, register.transport)
}

/// A new session of the account that this request has opened before. For any other account the address is taken.
async fn sign_in_again(
    state: &web::Data<AppState>,
    client: &Client,
    request_key: IdempotentRequest,
    email: Email,
    password: Password,
) -> Result<(IssuedSession, User), Error> {
    let of = email.clone();
    let is_recorded = state.db.snapshot(move |connection| match user::find_by_email(connection, &of)? {
        Some(found) => request_key.is_recorded(connection, &found.user.id),
        None => Ok(false),
    });
    // Without the idempotency key no password can be tried here.
    if !is_recorded.await? {
        return Err(db::Error::EmailTaken.into());
    }
    let Credentials { user, password_hash, .. } =
        match login_throttle::sign_in(&state.auth, client, None, email, password).await {
            Err(auth::Error::WrongCredentials) => return Err(db::Error::EmailTaken.into()),
            found => found?,
        };
    let (sessions, request_info, id) = (state.auth.sessions.clone(), client.request_info.clone(), user.id.clone());
    let opened = state.db.write(move |connection| {
        if !user::lock_with_password(connection, &id, &password_hash)? {
            return Err(db::Error::EmailTaken);
        }
        let opened = sessions.open(connection, &id, &request_info)?;
        audit::record(connection, &request_info, &NewEvent::new(EventKind::SignedIn, &id).session(&opened.id))?;
        Ok(opened)
    });
    Ok((opened.await?, user))
}
