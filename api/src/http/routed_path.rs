//! The path of a request as the router matches it. The URI's own path may have any of its letters percent-encoded, so that
//! what is decided by that could be decided otherwise than the route is.

use actix_web::HttpRequest;

/// The decoded path; an encoded `/` or `%` stays encoded, as it does for the router.
pub(crate) fn routed_path(request: &HttpRequest) -> &str {
    request.match_info().as_str()
}
