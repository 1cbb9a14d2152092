//! The id of a request: that of the client (`X-Request-Id`) or a new one. It is in the response header, in problem details
//! and in every log line of the request, so that logs of clients, proxies and the server can be correlated.

use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::{HttpMessage, HttpRequest};
use std::fmt;

/// The header of requests and responses.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// The form of a client's id, as a regular expression.
pub const PATTERN: &str = "^[A-Za-z0-9._-]{1,64}$";

const MAX_LEN: usize = 64;

/// The id of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// Parses a client's id: 1 to 64 letters, digits, dots, underscores and hyphens. Other characters could forge log lines.
    pub fn parse(text: &str) -> Option<Self> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let is_valid = (1..=MAX_LEN).contains(&text.len()) && text.bytes().all(is_allowed);
        is_valid.then(|| Self(text.to_owned()))
    }

    /// The client's id; else, if it is absent or invalid, `new`.
    pub fn from_headers_or(headers: &HeaderMap, new: impl FnOnce() -> String) -> Self {
        let given = headers.get(HEADER).and_then(|value| value.to_str().ok()).and_then(Self::parse);
        given.unwrap_or_else(|| Self(new()))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of this request; empty before `request_log` has set it.
pub fn id_of(request: &HttpRequest) -> String {
    request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_id_of_the_pattern_is_accepted(text in "[A-Za-z0-9._-]{1,64}") {
            prop_assert_eq!(RequestId::parse(&text).map(|id| id.to_string()), Some(text));
        }

        #[test]
        fn any_other_text_is_refused(text in ".{0,70}") {
            let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
            let fits = plain && (1..=64).contains(&text.len());
            prop_assert_eq!(RequestId::parse(&text).is_some(), fits);
        }
    }
}
