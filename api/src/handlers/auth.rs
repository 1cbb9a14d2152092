//! Signing up, in and out.

use crate::auth::passwords::Passwords;
use crate::auth::sessions::{self, Opened, Refreshed, SLIDING};
use crate::auth::tokens::ACCESS_SECONDS;
use crate::auth::{device, origin, throttle};
use crate::client::Client;
use crate::db::audit::{self, NewEvent, Source};
use crate::db::user::{Credentials, NewUser};
use crate::db::{self, DbConnection, session, user};
use crate::error::{Code, Error};
use crate::events::Event;
use crate::extract::{self, Json};
use crate::idempotency::{IDEMPOTENCY_REPLAYED, Idempotency, IdempotencyHeader, Once};
use crate::ids;
use crate::state::AppState;
use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use serde_json::json;
use watchtape_shared::account::{Email, Login, Password, RefreshToken, Register, SignedIn, Transport, User};
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
    origin::check(&request, &state)?;
    let Json(register) = body;
    // Without the password, of which nothing is kept but its hash.
    let once = idempotency.of_json(&json!({ "email": register.email, "display_name": register.display_name }));
    let (email, password, noted) = (register.email.clone(), register.password.clone(), once.clone());
    let former = former_token(&request, &state);
    let display_name = register.display_name.unwrap_or_else(|| register.email.to_display_name());
    let place = state.throttle.place(&client)?;
    let hashed = state.passwords.hash_new(register.password, &register.email, &display_name).await;
    let password_hash = hashed.map_err(|error| error.at_weak("/password"))?;
    drop(place);
    let new =
        NewUser { id: ids::user(), email: register.email, display_name, password_hash, first_list: ids::watchlist() };
    let (sessions, source) = (state.sessions.clone(), client.source.clone());
    let opened = state.db.write(move |connection| {
        let user = user::create(connection, &new)?;
        end_former(connection, former, &source)?;
        noted.note(connection, &user.id)?;
        let opened = sessions.open(connection, &user.id, &source)?;
        let event = NewEvent::new(EventKind::AccountOpened, &user.id).session(&opened.id);
        audit::record(connection, &source, &event)?;
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
    newly_signed_in(&request, &state, response, opened, user, register.transport)
}

/// A session of the account that this very request has opened before. For any other, the address is taken.
async fn open_again(
    state: &web::Data<AppState>,
    client: &Client,
    once: Once,
    email: Email,
    password: Password,
) -> Result<(Opened, User), Error> {
    let of = email.clone();
    let is_noted = state.db.snapshot(move |connection| match user::find_by_email(connection, &of)? {
        Some(found) => once.is_noted(connection, &found.user.id),
        None => Ok(false),
    });
    // Only who knows the key gets to try a password here.
    if !is_noted.await? {
        return Err(db::Error::EmailTaken.into());
    }
    let Credentials { user, password_hash, .. } = match throttle::sign_in(state, client, None, email, password).await {
        Err(error) if error.code == Code::WrongCredentials => return Err(db::Error::EmailTaken.into()),
        found => found?,
    };
    let (sessions, source, id) = (state.sessions.clone(), client.source.clone(), user.id.clone());
    let opened = state.db.write(move |connection| {
        if !user::lock_with_password(connection, &id, &password_hash)? {
            return Err(db::Error::EmailTaken);
        }
        let opened = sessions.open(connection, &id, &source)?;
        audit::record(connection, &source, &NewEvent::new(EventKind::SignedIn, &id).session(&opened.id))?;
        Ok(opened)
    });
    Ok((opened.await?, user))
}

/// The refresh token that the browser had until now.
pub(super) fn former_token(request: &HttpRequest, state: &AppState) -> Option<String> {
    request.cookie(cookie_name(state)).map(|cookie| cookie.value().to_owned())
}

/// Ends the session that a sign-in in the same browser takes the place of: nothing could end it once its cookie is gone.
pub(super) fn end_former(connection: &mut DbConnection, token: Option<String>, source: &Source) -> db::Result<()> {
    let Some(session) = token.map(|token| sessions::find(connection, &token)).transpose()?.flatten() else {
        return Ok(());
    };
    session::end(connection, &session.user.id, &session.id)?;
    let event = NewEvent::new(EventKind::SessionRevoked, &session.user.id).session(&session.id).detail("replaced");
    audit::record(connection, source, &event)
}

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
    origin::check(&request, &state)?;
    let Json(Login { email, password, transport }) = body;
    let (device, former) = (device::presented(&request, &state), former_token(&request, &state));
    let Credentials { user, password_hash, .. } =
        throttle::sign_in(&state, &client, device, email, password.clone()).await?;
    // Where there is no turn to be had, the next sign-in will do.
    let rehashed = match Passwords::is_outdated(&password_hash) {
        true => state.passwords.hash(password).await.ok(),
        false => None,
    };
    let (sessions, id) = (state.sessions.clone(), user.id.clone());
    let opened = state.db.write(move |connection| {
        // While it was checked, the password may have been changed, which ended every other session: so it does this one.
        if !user::lock_with_password(connection, &id, &password_hash)? {
            return Ok(None);
        }
        if let Some(rehashed) = rehashed {
            user::set_password(connection, &id, &rehashed)?;
        }
        end_former(connection, former, &client.source)?;
        let opened = sessions.open(connection, &id, &client.source)?;
        let event = NewEvent::new(EventKind::SignedIn, &id).session(&opened.id);
        audit::record(connection, &client.source, &event)?;
        Ok(Some(opened))
    });
    let opened = opened.await?.ok_or_else(throttle::wrong_credentials)?;
    newly_signed_in(&request, &state, HttpResponse::Ok(), opened, user, transport)
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
    client: Client,
    payload: web::Payload,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    let (token, transport) = presented(&request, payload.into_inner(), &state).await?;
    let token = token.ok_or_else(sessions::ended)?;
    let sessions = state.sessions.clone();
    let refreshed = state.db.write(move |connection| {
        let refreshed = sessions.refresh(connection, &token, &client.source)?;
        if let Refreshed::Reused(user, session) = &refreshed {
            let event = NewEvent::new(EventKind::RefreshTokenReused, user).session(session);
            audit::record(connection, &client.source, &event)?;
        }
        Ok(refreshed)
    });
    match refreshed.await? {
        Refreshed::Opened(opened, user) => Ok(signed_in(&state, HttpResponse::Ok(), opened, user, transport)),
        Refreshed::Reused(user, _) => {
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
    client: Client,
    payload: web::Payload,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    let (token, _) = presented(&request, payload.into_inner(), &state).await?;
    let ended = state.db.write(move |connection| {
        let Some(session) = sessions::find(connection, &token.unwrap_or_default())? else { return Ok(None) };
        session::end(connection, &session.user.id, &session.id)?;
        let event = NewEvent::new(EventKind::SignedOut, &session.user.id).session(&session.id);
        audit::record(connection, &client.source, &event)?;
        Ok(Some(session.user.id))
    });
    if let Some(user) = ended.await? {
        state.events.send(Event::AccessChanged(user));
    }
    Ok(HttpResponse::NoContent()
        .cookie(removed_cookie(&state))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish())
}

/// The refresh token of a request: of its body where there is one, else of its cookie.
pub(super) async fn presented(
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

/// Lets the browser be known again, too.
pub(super) fn newly_signed_in(
    request: &HttpRequest,
    state: &AppState,
    response: actix_web::HttpResponseBuilder,
    opened: Opened,
    user: User,
    transport: Transport,
) -> Result<HttpResponse, Error> {
    let is_known = || {
        device::presented(request, state).is_some_and(|word| state.throttle.devices().check(&user.id, &word).is_some())
    };
    let known = (transport == Transport::Cookie && !is_known()).then(|| device::cookie(state, &user.id));
    let mut answer = signed_in(state, response, opened, user, transport);
    if let Some(cookie) = known {
        answer.add_cookie(&cookie).map_err(Error::internal)?;
    }
    Ok(answer)
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

/// Takes the cookie from the browser.
pub(super) fn removed_cookie(state: &AppState) -> Cookie<'static> {
    let mut gone = refresh_cookie(state, String::new());
    gone.make_removal();
    gone
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
