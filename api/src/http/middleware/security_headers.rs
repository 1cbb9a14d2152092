//! Security headers of every answer: Content-Security-Policy, HSTS, `nosniff`, `no-store`, referrer, permissions and
//! cross-origin policies. A header that a handler has set is kept.

use crate::http::routed_path::routed_path;
use crate::http::state::state_of;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;

/// Content-Security-Policy of the app's page: scripts, styles and connections of the own origin only; wasm is allowed, `eval`
/// is not.
pub const APP_POLICY: &str = "default-src 'none'; object-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'";
/// For Swagger UI, whose style sheet embeds images.
const DOCS_POLICY: &str = "default-src 'none'; object-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// For all other answers, which are not pages.
const API_POLICY: &str = "default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";
/// Browser features that the app does not use, so that an injected script cannot either.
const PERMISSIONS_POLICY: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
    magnetometer=(), microphone=(), midi=(), payment=(), usb=()";
/// Two years, as hstspreload.org recommends.
const HSTS: &str = "max-age=63072000; includeSubDomains";

/// Middleware: sets the security headers of every answer.
pub async fn security_headers(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let is_https = state_of(request.request()).is_ok_and(|state| state.web.origins.is_https());
    let policy = if routed_path(request.request()).starts_with("/docs/") { DOCS_POLICY } else { API_POLICY };
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    // Swagger UI's files have no charset.
    let text = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if let Some(kind) = text.filter(|kind| kind.starts_with("text/") && !kind.contains("charset"))
        && let Ok(kind) = HeaderValue::from_str(&format!("{kind}; charset=utf-8"))
    {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_page = kind.starts_with("text/html");
    // Subresources are governed by the policy of their page; leaving theirs out saves a kilobyte for each visit.
    let is_subresource = ["text/css", "text/javascript", "application/javascript", "application/wasm"]
        .iter()
        .any(|part| kind.starts_with(part));
    let mut set = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    // By default nothing is cached, answers with an entity tag included.
    set(header::CACHE_CONTROL, "no-store");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin");
    if !is_subresource {
        set(header::CONTENT_SECURITY_POLICY, policy);
        set(header::REFERRER_POLICY, "same-origin");
    }
    if is_page {
        set(header::PERMISSIONS_POLICY, PERMISSIONS_POLICY);
        set(header::CROSS_ORIGIN_OPENER_POLICY, "same-origin");
    }
    if is_https {
        set(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    Ok(response)
}
