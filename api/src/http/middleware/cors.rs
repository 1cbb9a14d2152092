//! Pages of other origins that may call the API from a browser: those that the operator lists, and none by default. They
//! bring a token of their own. Cookies never cross origins: `http::origin` refuses what would use them.

use actix_cors::Cors;
use actix_web::http::header::{self, HeaderName};

/// What pages may send.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const HEADERS: [HeaderName; 4] = [header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_MATCH, header::IF_NONE_MATCH];
const OWN_HEADERS: [&str; 2] = ["idempotency-key", "x-request-id"];
/// What pages may read of an answer's head, beside what every page may.
const EXPOSED: [&str; 7] =
    ["etag", "location", "retry-after", "ratelimit", "ratelimit-policy", "x-request-id", "idempotency-replayed"];
/// How long a browser may remember what it was told.
const MAX_AGE_SECONDS: usize = 600;

/// Middleware: allows pages of these origins.
pub fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods(METHODS)
        .allowed_headers(HEADERS)
        .allowed_headers(OWN_HEADERS)
        .expose_headers(EXPOSED)
        .max_age(MAX_AGE_SECONDS);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
