//! Opening an account.

use crate::auth::sessions::IssuedSession;
use crate::auth::{self, login_throttle};
use crate::db::account_opening::{self, NewAccount};
use crate::db::audit::{self, NewEvent};
use crate::db::user::{self, Credentials};
use crate::db::{self};
use crate::http::error_codes::{Code, Error};
use crate::http::extractors::Json;
use crate::http::idempotency::{IDEMPOTENCY_REPLAYED, Idempotency, IdempotencyHeader, Once};
use crate::http::signed_in::{end_former_session, sign_in_response};
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
    // Without the password, of which nothing is kept but its hash.
    let once = idempotency.of_json(&json!({ "email": register.email, "display_name": register.display_name }));
    let (email, password, noted) = (register.email.clone(), register.password.clone(), once.clone());
    let former = cookies::refresh_token_of(&request, &state);
    let display_name = register.display_name.unwrap_or_else(|| register.email.to_display_name());
    let place = state.auth.login_throttle.hashing_permit(&client)?;
    let hashed = state.auth.passwords.hash_new(register.password, &register.email, &display_name).await;
    let password_hash = hashed.map_err(|error| Error::from(error).at_if(Code::WeakPassword, "/password"))?;
    drop(place);
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
        end_former_session(connection, former, &request_info)?;
        noted.note(connection, &user.id)?;
        let opened = sessions.open(connection, &user.id, &request_info)?;
        let event = NewEvent::new(EventKind::AccountOpened, &user.id).session(&opened.id);
        audit::record(connection, &request_info, &event)?;
        Ok((opened, user))
    });
    let mut response = HttpResponse::Created();
    let (opened, user) = match opened.await {
        Err(db::Error::EmailTaken) => {
            response.insert_header((IDEMPOTENCY_REPLAYED, "true"));
            open_again(&state, &client, once, email, password).await?
        }
        opened => opened?,
    };
    sign_in_response(&request, &state, response, opened, user, register.transport)
}

/// A session of the account that this very request has opened before. For any other, the address is taken.
async fn open_again(
    state: &web::Data<AppState>,
    client: &Client,
    once: Once,
    email: Email,
    password: Password,
) -> Result<(IssuedSession, User), Error> {
    let of = email.clone();
    let is_noted = state.db.snapshot(move |connection| match user::find_by_email(connection, &of)? {
        Some(found) => once.is_noted(connection, &found.user.id),
        None => Ok(false),
    });
    // Only who knows the key gets to try a password here.
    if !is_noted.await? {
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
