//! Reset of a forgotten password by a mailed link.

use crate::auth::secret::sha256_hex;
use crate::cluster::events::Event;
use crate::db::audit::{self, NewEvent};
use crate::db::{self, api_key, password_reset, reset_mail, session, user};
use crate::http::error_codes::{Code, Error};
use crate::http::extractors::Json;
use crate::http::origin;
use crate::http::state::AppState;
use crate::limits::Client;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use watchtape_shared::account::{PasswordReset, ResetRequest};
use watchtape_shared::audit::EventKind;

/// Ask for a link to set a new password
///
/// The link is mailed, if the address has an account. The answer is the same if it has none.
#[utoipa::path(
    post, path = "/api/v1/auth/forgot", tag = "auth", request_body = ResetRequest, security(()),
    responses((status = 202, description = "A link is on its way, if the address has an account"),
              (status = 503, description = "This server sends no mail: its operator can make a link"))
)]
pub async fn request_password_reset(
    request: HttpRequest,
    client: Client,
    state: web::Data<AppState>,
    body: Json<ResetRequest>,
) -> Result<HttpResponse, Error> {
    origin::check_same_origin(&request, &state.web.origins)?;
    let queued = state.auth.reset_mails.as_ref().ok_or_else(|| {
        Error::new(Code::MailUnavailable, "This server sends no mail. Ask whoever runs it for a link.")
    })?;
    let email = body.0.email;
    // Whether or not it has an account: neither the answer nor its time tells.
    match state.db.write(move |connection| reset_mail::push(connection, &email, &client.request_info)).await {
        Ok(()) | Err(db::Error::MailWaits) => {}
        Err(error) => return Err(error.into()),
    }
    queued.notify_one();
    Ok(HttpResponse::Accepted().insert_header((header::CACHE_CONTROL, "no-store")).finish())
}

/// Set a new password by a link
///
/// Signs every device out and voids the account's other links. The token is what the link has after its `#`; it is used
/// once, and not used up by a password that is refused.
#[utoipa::path(
    post, path = "/api/v1/auth/reset", tag = "auth", request_body = PasswordReset, security(()),
    responses((status = 204, description = "The password is set: sign in with it"),
              (status = 422, description = "The link is used or expired, or the password is too easy to guess"))
)]
pub async fn reset_password(
    request: HttpRequest,
    client: Client,
    state: web::Data<AppState>,
    body: Json<PasswordReset>,
) -> Result<HttpResponse, Error> {
    origin::check_same_origin(&request, &state.web.origins)?;
    let Json(PasswordReset { token, new_password }) = body;
    let token_hash = sha256_hex(&token);
    let hash = token_hash.clone();
    let owner = state.db.read(move |connection| password_reset::find_owner(connection, &hash)).await?;
    let owner = owner.ok_or_else(invalid_reset_token)?;
    let permit = state.auth.login_throttle.hashing_permit(&client)?;
    let hashed = state.auth.passwords.hash_new(new_password, &owner.email, &owner.user.display_name).await;
    let password_hash = hashed.map_err(|error| Error::from(error).at_if(Code::WeakPassword, "/new_password"))?;
    drop(permit);
    let id = owner.user.id.clone();
    let done = state.db.write(move |connection| {
        if !password_reset::consume(connection, &id, &token_hash)? {
            return Ok(false);
        }
        user::set_password(connection, &id, &password_hash)?;
        session::end_all(connection, &id)?;
        // Whoever knew the old password may have created keys.
        api_key::revoke_all(connection, &id)?;
        audit::record(connection, &client.request_info, &NewEvent::new(EventKind::PasswordReset, &id))?;
        Ok(true)
    });
    if !done.await? {
        return Err(invalid_reset_token());
    }
    state.node.events.publish(Event::AccessChanged(owner.user.id));
    Ok(HttpResponse::NoContent().insert_header((header::CACHE_CONTROL, "no-store")).finish())
}

/// The answer to an unknown, used or expired token.
fn invalid_reset_token() -> Error {
    Error::new(Code::InvalidResetToken, "This link is unknown, used or expired. Ask for a new one.").at("/token")
}
