//! Cross-origin resource sharing (CORS): pages of the origins that the operator lists may call the API, with a token; none
//! by default. Cookies are never sent across origins: `http::origin` refuses operations that use them.

use actix_cors::Cors;
use actix_web::http::header::{self, HeaderName};

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const HEADERS: [HeaderName; 4] = [header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_MATCH, header::IF_NONE_MATCH];
const CUSTOM_HEADERS: [&str; 2] = ["idempotency-key", "x-request-id"];
/// Response headers that pages may read, besides the CORS-safelisted ones.
const EXPOSED_HEADERS: [&str; 7] =
    ["etag", "location", "retry-after", "ratelimit", "ratelimit-policy", "x-request-id", "idempotency-replayed"];
/// How long a browser may cache a preflight answer.
const MAX_AGE_SECONDS: usize = 600;

/// Middleware: allows pages of these origins.
pub fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods(METHODS)
        .allowed_headers(HEADERS)
        .allowed_headers(CUSTOM_HEADERS)
        .expose_headers(EXPOSED_HEADERS)
        .max_age(MAX_AGE_SECONDS);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
