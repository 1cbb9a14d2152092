//! The two cookies of the app: the refresh token, and the device cookie (`auth::device_cookie`).

use super::state::AppState;
use crate::auth::device_cookie;
use crate::auth::sessions::IDLE_LIFETIME;
use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time};
use chrono::TimeDelta;
use watchtape_shared::UserId;

/// The refresh token in the request's cookie.
pub fn refresh_token_of(request: &HttpRequest, state: &AppState) -> Option<String> {
    value_of(request, refresh_cookie_name(state))
}

/// The cookie that sets a refresh token. It expires with the session's sliding lifetime.
pub fn refresh_cookie(state: &AppState, token: String) -> Cookie<'static> {
    private_cookie(state, refresh_cookie_name(state), token, IDLE_LIFETIME)
}

/// The cookie that removes the refresh token.
pub fn removed_refresh_cookie(state: &AppState) -> Cookie<'static> {
    let mut removed = refresh_cookie(state, String::new());
    removed.make_removal();
    removed
}

/// The device cookie of the request.
pub fn device_cookie_of(request: &HttpRequest, state: &AppState) -> Option<String> {
    value_of(request, device_cookie_name(state))
}

/// The device cookie for a browser that has signed in to this account.
pub fn device_cookie(state: &AppState, owner: &UserId) -> Cookie<'static> {
    let value = state.auth.device_cookies.create(owner);
    private_cookie(state, device_cookie_name(state), value, device_cookie::LIFETIME)
}

fn value_of(request: &HttpRequest, name: &str) -> Option<String> {
    request.cookie(name).map(|cookie| cookie.value().to_owned())
}

fn private_cookie(state: &AppState, name: &'static str, value: String, lifetime: TimeDelta) -> Cookie<'static> {
    Cookie::build(name, value)
        .http_only(true)
        .secure(state.web.origins.is_https())
        .same_site(SameSite::Strict)
        .path("/")
        .max_age(time::Duration::seconds(lifetime.num_seconds()))
        .finish()
}

// The `__Host-` prefix binds a cookie to this host over HTTPS. Browsers reject it over plain HTTP, which is for local use.

fn refresh_cookie_name(state: &AppState) -> &'static str {
    if state.web.origins.is_https() { "__Host-watchtape_refresh" } else { "watchtape_refresh" }
}

fn device_cookie_name(state: &AppState) -> &'static str {
    if state.web.origins.is_https() { "__Host-watchtape_device" } else { "watchtape_device" }
}
