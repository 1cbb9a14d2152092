//! Registration of an account.

use crate::db::account_opening::{self, NewAccount};
use crate::db::audit::{self, NewEvent};
use crate::http::error_codes::{Code, Error};
use crate::http::extractors::Json;
use crate::http::sign_in_response::{end_replaced_session, sign_in_response};
use crate::http::state::AppState;
use crate::http::{cookies, origin};
use crate::ids;
use crate::limits::Client;
use actix_web::{HttpRequest, HttpResponse, web};
use watchtape_shared::account::{Register, SignedIn};
use watchtape_shared::audit::EventKind;

/// Open an account and sign in
///
/// The account begins with one empty watchlist. The refresh token is set as an HttpOnly cookie, or given in the body
/// where `transport` is `body`. Where the answer was lost, sign in. An `Idempotency-Key`
/// means nothing here: what it made of a second request would tell strangers whose address has an account.
#[utoipa::path(
    post, path = "/api/v1/auth/register", tag = "auth", request_body = Register, security(()),
    responses((status = 201, description = "The account is open and signed in", body = SignedIn),
              (status = 403, description = "`registration_closed`: nobody may open an account; `invitation_required`, \
                                             `invitation_invalid`: who is invited may"),
              (status = 409, description = "The address has an account"))
)]
pub async fn register(
    request: HttpRequest,
    client: Client,
    state: web::Data<AppState>,
    body: Json<Register>,
) -> Result<HttpResponse, Error> {
    origin::check_same_origin(&request, &state.web.origins)?;
    let Json(register) = body;
    let replaced_token = cookies::refresh_token_of(&request, &state);
    let display_name = register.display_name.unwrap_or_else(|| register.email.to_display_name());
    let registrations = &state.auth.registrations;
    registrations.admit(&state.auth.limiter, &client.bucket_key()).await?;
    let admission = registrations.check(&state.db, register.invitation.as_deref(), &register.email).await?;
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
        admission.consume(connection, &new.email)?;
        let user = account_opening::open(connection, &new)?;
        end_replaced_session(connection, replaced_token, &request_info)?;
        let opened = sessions.open(connection, &user.id, &request_info)?;
        let event = NewEvent::new(EventKind::AccountOpened, &user.id).session(&opened.id);
        audit::record(connection, &request_info, &event)?;
        Ok((opened, user))
    });
    let (opened, user) = opened.await?;
    sign_in_response(&request, &state, HttpResponse::Created(), opened, user, register.transport)
}
