//! Where a browser's request comes from: the `Origin` header is checked exactly wherever it is present, so that another
//! site's page can neither use the refresh cookie nor open a socket. `Sec-Fetch-Site` says the same of browsers that
//! leave `Origin` out; no page can write either.

use crate::error::{Code, Error};
use crate::state::AppState;
use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderName};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses a page of another origin: for whatever sets, reads or ends a cookie.
pub fn check(request: &HttpRequest, state: &AppState) -> Result<(), Error> {
    let site = request.headers().get(SEC_FETCH_SITE);
    if is_ours(request, state) && site.is_none_or(|site| site == "same-origin") { Ok(()) } else { Err(forbidden()) }
}

/// Refuses a page of an origin that is neither ours nor listed: for what needs a token of its own besides.
pub fn check_listed(request: &HttpRequest, state: &AppState) -> Result<(), Error> {
    let origin = request.headers().get(header::ORIGIN);
    let is_listed = origin.is_some_and(|origin| state.cors_origins.iter().any(|listed| origin == listed.as_str()));
    if is_listed || is_ours(request, state) { Ok(()) } else { Err(forbidden()) }
}

/// Whether the page that asks is one of ours. Programs name none.
fn is_ours(request: &HttpRequest, state: &AppState) -> bool {
    let Some(origin) = request.headers().get(header::ORIGIN) else { return true };
    match &state.public_origin {
        Some(ours) => origin == ours.as_str(),
        // The browser itself writes both headers, so that a page of ours always names the host that it asks.
        None => {
            let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
            origin == format!("http://{}", host.unwrap_or_default()).as_str()
        }
    }
}

fn forbidden() -> Error {
    Error::new(Code::ForbiddenOrigin, "Pages of another origin may not do this.")
}
