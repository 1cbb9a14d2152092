//! Errors on the wire: problem details (RFC 9457) with a stable code.

use serde::{Deserialize, Serialize};

/// The media type of a [`Problem`].
pub const CONTENT_TYPE: &str = "application/problem+json";

/// Why a request was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A URN that names the kind of problem.
    #[cfg_attr(feature = "openapi", schema(example = "urn:watchtape:problem:unknown_symbol"))]
    pub r#type: String,
    /// The kind of problem in a few words; the same for every occurrence.
    #[cfg_attr(feature = "openapi", schema(example = "Unknown symbol"))]
    pub title: String,
    /// The HTTP status code.
    #[cfg_attr(feature = "openapi", schema(example = 422))]
    pub status: u16,
    /// What was wrong this time.
    #[cfg_attr(feature = "openapi", schema(example = "ZZZZZ is not in the catalogue."))]
    pub detail: String,
    /// The kind of problem for programs; never changes its meaning.
    #[cfg_attr(feature = "openapi", schema(example = "unknown_symbol"))]
    pub code: String,
    /// Names this request in the server's log.
    #[cfg_attr(feature = "openapi", schema(example = "0193a1c2-7d5e-7c3a-9b1f-2f6f0c1d2e3f"))]
    pub request_id: String,
    /// Which parts of the request were wrong, if single parts were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// What is wrong with one part of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// A JSON pointer (RFC 6901) into the body.
    #[cfg_attr(feature = "openapi", schema(example = "/symbol"))]
    pub pointer: String,
    /// What was wrong there.
    #[cfg_attr(feature = "openapi", schema(example = "a symbol has 1 to 15 characters"))]
    pub detail: String,
}
