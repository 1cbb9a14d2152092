//! The two cookies of the app: the refresh token, and the device cookie (`auth::device_cookie`).

use super::state::AppState;
use crate::auth::device_cookie;
use crate::auth::sessions::IDLE_LIFETIME;
use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time};
use chrono::TimeDelta;
use watchtape_shared::UserId;

/// The refresh token that the browser sent.
pub fn refresh_token_of(request: &HttpRequest, state: &AppState) -> Option<String> {
    value_of(request, refresh_cookie_name(state))
}

/// The cookie that brings a refresh token to the browser.
pub fn refresh_cookie(state: &AppState, token: String) -> Cookie<'static> {
    private_cookie(state, refresh_cookie_name(state), token, IDLE_LIFETIME)
}

/// The cookie that takes the refresh token from the browser.
pub fn removed_refresh_cookie(state: &AppState) -> Cookie<'static> {
    let mut gone = refresh_cookie(state, String::new());
    gone.make_removal();
    gone
}

/// The device cookie that the browser sent.
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

// The prefix binds a cookie to this host over HTTPS; browsers refuse it over plain HTTP, which is for one's own machine.

fn refresh_cookie_name(state: &AppState) -> &'static str {
    if state.web.origins.is_https() { "__Host-watchtape_refresh" } else { "watchtape_refresh" }
}

fn device_cookie_name(state: &AppState) -> &'static str {
    if state.web.origins.is_https() { "__Host-watchtape_device" } else { "watchtape_device" }
}
