//! Guest accounts: created without an address and a password, and kept by adding both.

use crate::auth::{SessionUser, guests};
use crate::db::audit::{self, NewEvent};
use crate::db::guest::{self, GuestUpgrade};
use crate::db::{self, user};
use crate::http::error_codes::{Code, Error};
use crate::http::extractors::{Json, body};
use crate::http::sign_in_response::{end_replaced_session, sign_in_response};
use crate::http::state::AppState;
use crate::http::{cookies, origin};
use crate::limits::Client;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use watchtape_shared::account::{GuestAvailability, GuestSignIn, KeepAccount, SignedIn, User};
use watchtape_shared::audit::EventKind;

/// See who may open an account, and whether guests are taken
#[utoipa::path(
    get, path = "/api/v1/auth/guest", tag = "auth", security(()),
    responses((status = 200, description = "Whether there is room for a guest now, and who may register", body = GuestAvailability))
)]
pub async fn get_guest_availability(state: web::Data<AppState>) -> Result<HttpResponse, Error> {
    let availability = GuestAvailability {
        available: state.auth.guests.has_capacity(&state.db).await?,
        registration: state.auth.registrations.policy(),
    };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(availability))
}

/// Begin as a guest
///
/// Opens an account without an address and a password, whose first list has some well-known securities on it, and signs
/// in. The account is the guest's for as long as a device is signed in and used within seven days; `POST /me/keep` makes
/// it one to stay. The refresh token is set as an HttpOnly cookie, or given in the body where `transport` is `body`.
/// Each request makes another guest.
#[utoipa::path(
    post, path = "/api/v1/auth/guest", tag = "auth", request_body = Option<GuestSignIn>, security(()),
    responses((status = 201, description = "A guest is signed in", body = SignedIn),
              (status = 403, description = "`guests_closed`: this server takes no guests"),
              (status = 503, description = "`too_many_guests`: there are as many as this server takes"))
)]
pub async fn begin_as_guest(
    request: HttpRequest,
    client: Client,
    payload: web::Payload,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    origin::check_same_origin(&request, &state.web.origins)?;
    let body = body::read_body(payload.into_inner()).await?;
    let options: GuestSignIn =
        if body.is_empty() { GuestSignIn::default() } else { body::parse_json(&request, &body)? };
    let new = state.auth.guests.admit(&state.auth.limiter, &client.bucket_key()).await?;
    let (sessions, max_guests, replaced_token) =
        (state.auth.sessions.clone(), state.auth.guests.max_guests(), cookies::refresh_token_of(&request, &state));
    let opened = state.db.write(move |connection| {
        let user = guest::create(connection, &new, max_guests)?;
        end_replaced_session(connection, replaced_token, &client.request_info)?;
        let opened = sessions.open(connection, &user.id, &client.request_info)?;
        let event = NewEvent::new(EventKind::AccountOpened, &user.id).session(&opened.id).detail("guest");
        audit::record(connection, &client.request_info, &event)?;
        Ok((opened, user))
    });
    let (opened, user) = opened.await?;
    sign_in_response(&request, &state, HttpResponse::Created(), opened, user, options.transport)
}

/// Keep a guest's account
///
/// Gives the account an address and a password. Its lists and everything else stay as they are, and so does the session.
#[utoipa::path(
    post, path = "/api/v1/me/keep", tag = "account", request_body = KeepAccount, security(("bearer" = [])),
    responses((status = 200, description = "The account, which is nobody's guest any more", body = User),
              (status = 403, description = "`registration_closed`: nobody may register; `invitation_required`, \
                                             `invitation_invalid`: who is invited may"),
              (status = 409, description = "The address has an account, or this account is not a guest's"))
)]
pub async fn keep_account(
    state: web::Data<AppState>,
    session_user: SessionUser,
    client: Client,
    body: Json<KeepAccount>,
) -> Result<web::Json<User>, Error> {
    let Json(KeepAccount { email, password, display_name, invitation }) = body;
    let id = session_user.id.clone();
    let current = state.db.read(move |connection| user::find(connection, &id)).await?;
    // Checked before the costly hash, and again in the transaction.
    if !current.guest {
        return Err(db::Error::NotAGuest.into());
    }
    let admission = state.auth.registrations.check(&state.db, invitation.as_deref(), &email).await?;
    let display_name = display_name.or_else(|| guests::name_to_keep(&current.display_name, &email));
    let name = display_name.as_ref().unwrap_or(&current.display_name);
    let permit = state.auth.login_throttle.hashing_permit(&client)?;
    let hashed = state.auth.passwords.hash_new(password, &email, name).await;
    let password_hash = hashed.map_err(|error| Error::from(error).at_if(Code::WeakPassword, "/password"))?;
    drop(permit);
    let upgrade = GuestUpgrade { email, password_hash, display_name };
    let kept = state.db.write(move |connection| {
        session_user.recheck(connection)?;
        admission.consume(connection, &upgrade.email)?;
        let user = guest::upgrade(connection, &session_user.id, &upgrade)?;
        let event = NewEvent::new(EventKind::AccountKept, &session_user.id).session(&session_user.session);
        audit::record(connection, &client.request_info, &event)?;
        Ok(user)
    });
    Ok(web::Json(kept.await?))
}
