//! Sign-in with an e-mail address and a password.

use crate::auth;
use crate::auth::login_throttle::{self, Verified};
use crate::auth::password_hashing::HashAge;
use crate::db::audit::{self, NewEvent};
use crate::db::user::{self, Credentials};
use crate::http::error_codes::Error;
use crate::http::extractors::Json;
use crate::http::sign_in_response::{end_replaced_session, sign_in_response};
use crate::http::state::AppState;
use crate::http::{cookies, origin};
use crate::limits::Client;
use crate::telemetry::metrics::LoginOutcome;
use actix_web::{HttpRequest, HttpResponse, web};
use watchtape_shared::account::{Login, SignedIn};
use watchtape_shared::audit::EventKind;

/// Sign in
///
/// An unknown address and a wrong password cost the same time and get the same answer.
#[utoipa::path(
    post, path = "/api/v1/auth/login", tag = "auth", request_body = Login, security(()),
    responses((status = 200, description = "Signed in", body = SignedIn),
              (status = 401, description = "The address or the password is wrong"),
              (status = 429, description = "Too many sign-ins have failed; `Retry-After` says when to try again"))
)]
pub async fn login(
    request: HttpRequest,
    client: Client,
    state: web::Data<AppState>,
    body: Json<Login>,
) -> Result<HttpResponse, Error> {
    origin::check_same_origin(&request, &state.web.origins)?;
    let Json(Login { email, password, transport }) = body;
    let (device_cookie, replaced_token) =
        (cookies::device_cookie_of(&request, &state), cookies::refresh_token_of(&request, &state));
    let verified = login_throttle::sign_in(&state.auth, &client, device_cookie, email, password.clone()).await;
    state.metrics.work.record_login(match &verified {
        Ok(_) => LoginOutcome::Ok,
        Err(auth::Error::WrongCredentials) => LoginOutcome::Refused,
        Err(_) => LoginOutcome::Limited,
    });
    let Verified { credentials: Credentials { user, password_hash, .. }, hash_age } = verified?;
    // If hashing is overloaded, the next sign-in updates the hash.
    let rehashed = match hash_age {
        HashAge::Outdated => state.auth.passwords.hash(password).await.ok(),
        HashAge::Current => None,
    };
    let (sessions, id) = (state.auth.sessions.clone(), user.id.clone());
    let opened = state.db.write(move |connection| {
        // If the password was changed while it was checked, all other sessions were ended, and this one must not begin.
        if !user::lock_with_password(connection, &id, &password_hash)? {
            return Ok(None);
        }
        if let Some(rehashed) = rehashed {
            user::set_password(connection, &id, &rehashed)?;
        }
        end_replaced_session(connection, replaced_token, &client.request_info)?;
        let opened = sessions.open(connection, &id, &client.request_info)?;
        let event = NewEvent::new(EventKind::SignedIn, &id).session(&opened.id);
        audit::record(connection, &client.request_info, &event)?;
        Ok(Some(opened))
    });
    let opened = opened.await?.ok_or_else(|| Error::from(auth::Error::WrongCredentials))?;
    sign_in_response(&request, &state, HttpResponse::Ok(), opened, user, transport)
}
