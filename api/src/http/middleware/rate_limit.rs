//! Rate limits on requests to the API: a token bucket for each account, its API keys included, and for the sign-in and
//! refresh of each account with a device cookie (so that it does not depend on other clients of the address), and else
//! each client address. A client that goes on although it is refused waits for its refusals. Every answer has the `RateLimit` fields (draft-ietf-httpapi-ratelimit-headers).

use crate::http::client_address::client_of;
use crate::http::cookies;
use crate::http::error_codes::{Code, Error};
use crate::http::extractors::caller::RequestCredentials;
use crate::http::routed_path::routed_path;
use crate::http::state::{AppState, state_of};
use crate::limits::{Policy, QuotaStatus};
use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// What a device cookie has a bucket of its own for.
const DEVICE_PATHS: [&str; 2] = ["/api/v1/auth/login", "/api/v1/auth/refresh"];

/// Middleware: takes a token for each request below `/api/`, answers 429 without one, and adds the `RateLimit` fields.
pub async fn rate_limit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let state = state_of(request.request()).ok();
    let Some(state) = state.filter(|_| routed_path(request.request()).starts_with("/api/")) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let (policy, bucket_key, status) = take_token(&state, &request).await;
    let mut response = if status.is_allowed {
        next.call(request).await?.map_into_boxed_body()
    } else {
        tokio::time::sleep(state.request_limits.refusals.delay(&bucket_key)).await;
        let error = Error::new(Code::TooManyRequests, "Too many requests: come back a little later.");
        let (request, _) = request.into_parts();
        ServiceResponse::from_err(error.retry_after(status.resets_in), request).map_into_boxed_body()
    };
    if policy.quota > 0 {
        let Policy { name, quota, window } = policy;
        // Rounded up, so that a client that waits so long gets a token.
        let seconds = status.resets_in.as_secs_f64().ceil() as u64;
        let fields = [
            (RATE_LIMIT_POLICY, format!("\"{name}\";q={quota};w={}", window.as_secs())),
            (RATE_LIMIT, format!("\"{name}\";r={};t={seconds}", status.remaining)),
        ];
        for (name, text) in fields {
            if let Ok(value) = HeaderValue::from_str(&text) {
                response.headers_mut().insert(name, value);
            }
        }
    }
    Ok(response)
}

/// Takes a token from the bucket of the request's caller. Leaves the checked credentials in the request's extensions, so
/// that the extractors need not check them again.
async fn take_token(state: &AppState, request: &ServiceRequest) -> (Policy, String, QuotaStatus) {
    let limits = &state.request_limits;
    let address = || client_of(request.request(), &state.web.proxies).bucket_key();
    let credentials = match RequestCredentials::of(request.request(), &state.auth) {
        // Invented keys must not cause database look-ups without limit. A key that was valid recently is not invented, even
        // if other clients of its address have used up the anonymous bucket.
        RequestCredentials::ApiKeyHash(hash)
            if !limits.valid_keys.contains(&hash)
                && !limits.limiter.peek(&limits.anonymous, &address()).await.is_allowed =>
        {
            RequestCredentials::Missing
        }
        RequestCredentials::ApiKeyHash(hash) => {
            let resolved = RequestCredentials::ApiKeyHash(hash.clone()).resolve(request.request(), state).await;
            if matches!(resolved, RequestCredentials::ApiKey(_)) {
                limits.valid_keys.insert(hash);
            }
            resolved
        }
        credentials => credentials,
    };
    let (policy, bucket_key) = match credentials.limited_account(limits) {
        Some(account) => (limits.account, account.to_string()),
        None => match device_owner(state, request) {
            Some(owner) => (limits.device, owner),
            None => (limits.anonymous, address()),
        },
    };
    request.extensions_mut().insert(credentials);
    let status = limits.limiter.take(&policy, &bucket_key).await;
    (policy, bucket_key, status)
}

/// The account of the request's device cookie, where it helps. All browsers of an account share a bucket, as each sign-in
/// can create another device cookie.
fn device_owner(state: &AppState, request: &ServiceRequest) -> Option<String> {
    if !DEVICE_PATHS.contains(&routed_path(request.request())) {
        return None;
    }
    let cookie = cookies::device_cookie_of(request.request(), state)?;
    state.auth.device_cookies.owner_of(&cookie).map(|owner| owner.to_string())
}
