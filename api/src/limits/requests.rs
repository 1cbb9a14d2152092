//! The limits on requests to the API: each account, each API key and each address without either has a bucket. A browser
//! that has signed in before has one too: signing in and refreshing are not to depend on who else is at its address. Every
//! answer tells how its caller stands, by the `RateLimit` fields (draft-ietf-httpapi-ratelimit-headers).

use super::{Policy, Standing};
use crate::auth::caller::Presented;
use crate::auth::{Caller, Credential, device};
use crate::client::Client;
use crate::error::{Code, Error};
use crate::state::AppState;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, web};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The policies of requests.
#[derive(Clone, Copy, Debug)]
pub struct Policies {
    account: Policy,
    key: Policy,
    device: Policy,
    anonymous: Policy,
}

impl Policies {
    /// So many requests a minute for each account, API key or browser that has signed in before, and for each address
    /// without any of these; 0 for any number.
    pub const fn new(each: u32, anonymous: u32) -> Self {
        Self {
            account: Policy::per_minute("account", each),
            key: Policy::per_minute("key", each),
            device: Policy::per_minute("device", each),
            anonymous: Policy::per_minute("anonymous", anonymous),
        }
    }
}

/// Middleware: turns away who asks too often, and tells everybody how they stand.
pub async fn enforce(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let state = request.app_data::<web::Data<AppState>>().cloned();
    let Some(state) = state.filter(|_| request.path().starts_with("/api/")) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let (policy, standing) = count(&state, &request).await;
    let mut response = if standing.is_allowed {
        next.call(request).await?.map_into_boxed_body()
    } else {
        let error = Error::new(Code::TooManyRequests, "Too many requests: come back a little later.");
        let (request, _) = request.into_parts();
        ServiceResponse::from_err(error.retry_after(standing.resets_in), request).map_into_boxed_body()
    };
    if policy.quota > 0 {
        let Policy { name, quota, window } = policy;
        // The time is rounded up: who waits so long finds a token.
        let seconds = standing.resets_in.as_secs_f64().ceil() as u64;
        let fields = [
            (RATE_LIMIT_POLICY, format!("\"{name}\";q={quota};w={}", window.as_secs())),
            (RATE_LIMIT, format!("\"{name}\";r={};t={seconds}", standing.remaining)),
        ];
        for (name, text) in fields {
            if let Ok(value) = HeaderValue::from_str(&text) {
                response.headers_mut().insert(name, value);
            }
        }
    }
    Ok(response)
}

/// Counts a request. What it presented is left with it, so that it is not checked twice.
async fn count(state: &AppState, request: &ServiceRequest) -> (Policy, Standing) {
    let Policies { account, key, device, anonymous } = state.policies;
    let place = || Client::of(request.request(), &state.proxies).place();
    let presented = match Presented::of(request.request(), state) {
        // Anybody can make up keys: who does so is not to ask the database without end. A key that was good a little while
        // ago is not made up, whoever else is at its address.
        Presented::KeyHash(hash)
            if !state.known_keys.holds(&hash) && !state.limits.look(&anonymous, &place()).await.is_allowed =>
        {
            Presented::Nothing
        }
        Presented::KeyHash(hash) => {
            let resolved = Presented::KeyHash(hash.clone()).resolve(request.request(), state).await;
            if matches!(resolved, Presented::Key(_)) {
                state.known_keys.remember(hash);
            }
            resolved
        }
        presented => presented,
    };
    let (policy, whom) = match &presented {
        // Whoever has been signed out does not use up what the owner has.
        Presented::Token(claims) if !state.ended.holds(claims.sid.as_str()) => (account, claims.sub.to_string()),
        Presented::Key(Caller { credential: Credential::Key { id, .. }, .. }) => (key, id.to_string()),
        _ => match known_device(state, request) {
            Some(owner) => (device, owner),
            None => (anonymous, place()),
        },
    };
    request.extensions_mut().insert(presented);
    (policy, state.limits.take(&policy, &whom).await)
}

/// Whose browser it is that asks, where somebody has signed in there before. All browsers of an account are one: each
/// sign-in makes another.
fn known_device(state: &AppState, request: &ServiceRequest) -> Option<String> {
    let owner = state.throttle.devices().owner_of(&device::presented(request.request(), state)?)?;
    Some(owner.to_string())
}
