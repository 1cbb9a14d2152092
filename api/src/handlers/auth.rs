//! Signing up, in and out.

use crate::auth::origin;
use crate::auth::sessions::{self, Opened, Refreshed, SLIDING};
use crate::auth::tokens::ACCESS_SECONDS;
use crate::db::user::NewUser;
use crate::db::{self, session, user};
use crate::error::{Code, Error};
use crate::events::Event;
use crate::extract::{self, Json};
use crate::idempotency::{Idempotency, IdempotencyHeader, Once};
use crate::ids;
use crate::state::AppState;
use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use serde_json::json;
use watchtape_shared::account::{Email, Login, Password, RefreshToken, Register, SignedIn, Transport, User};

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
    state: web::Data<AppState>,
    idempotency: Idempotency,
    body: Json<Register>,
) -> Result<HttpResponse, Error> {
    origin::check(&request, &state)?;
    let Json(register) = body;
    // Without the password, of which nothing is kept but its hash.
    let once = idempotency.of_json(&json!({ "email": register.email, "display_name": register.display_name }));
    let (email, password, noted) = (register.email.clone(), register.password.clone(), once.clone());
    let display_name = register.display_name.unwrap_or_else(|| register.email.to_display_name());
    let password_hash = state.passwords.hash(register.password).await?;
    let new =
        NewUser { id: ids::user(), email: register.email, display_name, password_hash, first_list: ids::watchlist() };
    let sessions = state.sessions.clone();
    let opened = state.db.write(move |connection| {
        let user = user::create(connection, &new)?;
        noted.note(connection, &user.id)?;
        let opened = sessions.open(connection, &user.id)?;
        Ok((opened, user))
    });
    let (opened, user) = match opened.await {
        Err(db::Error::EmailTaken) => open_again(&state, once, email, password).await?,
        opened => opened?,
    };
    tracing::info!(user = %user.id, session = %opened.id, "account opened");
    Ok(signed_in(&state, HttpResponse::Created(), opened, user, register.transport))
}

/// A session of the account that this very request has opened before. For any other, the address is taken.
async fn open_again(state: &AppState, once: Once, email: Email, password: Password) -> Result<(Opened, User), Error> {
    let found = state.db.snapshot(move |connection| {
        let Some(found) = user::find_by_email(connection, &email)?.filter(|found| found.enabled) else {
            return Ok(None);
        };
        let is_noted = once.is_noted(connection, &found.user.id)?;
        Ok(Some(found).filter(|_| is_noted))
    });
    // Only who knows the key gets to try a password here.
    let found = found.await?.ok_or(db::Error::EmailTaken)?;
    if !state.passwords.verify(password, Some(found.password_hash)).await? {
        return Err(db::Error::EmailTaken.into());
    }
    let (sessions, id) = (state.sessions.clone(), found.user.id.clone());
    let opened = state.db.write(move |connection| sessions.open(connection, &id)).await?;
    Ok((opened, found.user))
}

/// Sign in
///
/// An unknown address and a wrong password cost the same time and get the same answer.
#[utoipa::path(
    post, path = "/api/v1/auth/login", tag = "auth", request_body = Login, security(()),
    responses((status = 200, description = "Signed in", body = SignedIn),
              (status = 401, description = "The address or the password is wrong"))
)]
pub async fn login(request: HttpRequest, state: web::Data<AppState>, body: Json<Login>) -> Result<HttpResponse, Error> {
    origin::check(&request, &state)?;
    let Json(Login { email, password, transport }) = body;
    let credentials = state.db.read(move |connection| user::find_by_email(connection, &email)).await?;
    let stored = credentials.as_ref().map(|credentials| credentials.password_hash.clone());
    let holds = state.passwords.verify(password, stored).await?;
    let user = credentials.filter(|credentials| holds && credentials.enabled).map(|credentials| credentials.user);
    let Some(user) = user else {
        tracing::info!("a sign-in failed");
        return Err(Error::new(Code::WrongCredentials, "The e-mail address or the password is wrong."));
    };
    let (sessions, id) = (state.sessions.clone(), user.id.clone());
    let opened = state.db.write(move |connection| sessions.open(connection, &id)).await?;
    tracing::info!(user = %user.id, session = %opened.id, "signed in");
    Ok(signed_in(&state, HttpResponse::Ok(), opened, user, transport))
}

/// Exchange a refresh token for an access token
///
/// A browser sends its cookie and no body; a program sends the token of the last answer. Each token is used once: its
/// successor comes with the answer. A token that comes back later than ten seconds after its use ends the session.
#[utoipa::path(
    post, path = "/api/v1/auth/refresh", tag = "auth", request_body = Option<RefreshToken>, security(()),
    responses((status = 200, description = "Refreshed", body = SignedIn),
              (status = 401, description = "The refresh token is good for nothing"))
)]
pub async fn refresh(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    let (token, transport) = presented(&request, payload.into_inner(), &state).await?;
    let token = token.ok_or_else(sessions::ended)?;
    let sessions = state.sessions.clone();
    let refreshed = state.db.write(move |connection| sessions.refresh(connection, &token)).await?;
    match refreshed {
        Refreshed::Opened(opened, user) => Ok(signed_in(&state, HttpResponse::Ok(), opened, user, transport)),
        Refreshed::Reused(user, session) => {
            tracing::info!(%user, %session, "session ended");
            state.events.send(Event::AccessChanged(user));
            Err(sessions::ended())
        }
        Refreshed::Unknown => Err(sessions::ended()),
    }
}

/// Sign out on this device
///
/// Ends the session of the refresh token, sent as for a refresh: its access tokens are refused and its streams closed
/// from now on. A token that belongs to no session has nothing to end, which is no error.
#[utoipa::path(
    post, path = "/api/v1/auth/logout", tag = "auth", request_body = Option<RefreshToken>, security(()),
    responses((status = 204, description = "Signed out"))
)]
pub async fn logout(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    let (token, _) = presented(&request, payload.into_inner(), &state).await?;
    let ended = state.db.write(move |connection| {
        let Some(session) = sessions::find(connection, &token.unwrap_or_default())? else { return Ok(None) };
        session::end(connection, &session.user.id, &session.id)?;
        Ok(Some((session.user.id, session.id)))
    });
    if let Some((user, session)) = ended.await? {
        tracing::info!(%user, %session, "signed out");
        state.events.send(Event::AccessChanged(user));
    }
    let mut gone = refresh_cookie(&state, String::new());
    gone.make_removal();
    Ok(HttpResponse::NoContent().cookie(gone).insert_header((header::CACHE_CONTROL, "no-store")).finish())
}

/// The refresh token of a request: of its body where there is one, else of its cookie.
async fn presented(
    request: &HttpRequest,
    payload: Payload,
    state: &AppState,
) -> Result<(Option<String>, Transport), Error> {
    let body = extract::read_body(payload).await?;
    if body.is_empty() {
        // A cookie comes along by itself: only a page of ours may use it.
        origin::check(request, state)?;
        let cookie = request.cookie(cookie_name(state)).map(|cookie| cookie.value().to_owned());
        return Ok((cookie, Transport::Cookie));
    }
    let token: RefreshToken = extract::json_of(request, &body)?;
    Ok((Some(token.refresh_token), Transport::Body))
}

fn signed_in(
    state: &AppState,
    mut response: actix_web::HttpResponseBuilder,
    opened: Opened,
    user: User,
    transport: Transport,
) -> HttpResponse {
    let access_token = state.tokens.access(&user.id, &opened.id, Utc::now());
    let refresh_token = match transport {
        Transport::Body => Some(opened.refresh_token),
        Transport::Cookie => {
            response.cookie(refresh_cookie(state, opened.refresh_token));
            None
        }
    };
    response.insert_header((header::CACHE_CONTROL, "no-store")).json(SignedIn {
        access_token,
        expires_in: ACCESS_SECONDS,
        token_type: "Bearer".to_owned(),
        refresh_token,
        user,
    })
}

/// The prefix binds the cookie to this host over HTTPS; browsers refuse it over plain HTTP, which is for one's own machine.
fn cookie_name(state: &AppState) -> &'static str {
    if state.is_https() { "__Host-watchtape_refresh" } else { "watchtape_refresh" }
}

fn refresh_cookie(state: &AppState, token: String) -> Cookie<'static> {
    Cookie::build(cookie_name(state), token)
        .http_only(true)
        .secure(state.is_https())
        .same_site(SameSite::Strict)
        .path("/")
        .max_age(time::Duration::seconds(SLIDING.num_seconds()))
        .finish()
}
