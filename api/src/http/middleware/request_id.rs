//! The name of a request: the caller's own (`X-Request-Id`) or a new one. It is in the answer, in a problem's body and in
//! every line that is logged on the way, so that a program's log, a proxy's and ours can be laid side by side.

use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::{HttpMessage, HttpRequest};
use std::fmt;

/// The header, of requests and answers alike.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// What a caller may name a request, as a regular expression.
pub const PATTERN: &str = "^[A-Za-z0-9._-]{1,64}$";

const MAX_LEN: usize = 64;

/// The name of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// A name that a caller has chosen: 1 to 64 letters, digits, dots, underscores and hyphens. It goes into the log,
    /// where anything else could pass itself off as something else.
    pub fn parse(text: &str) -> Option<Self> {
        let holds = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let held = (1..=MAX_LEN).contains(&text.len()) && text.bytes().all(holds);
        held.then(|| Self(text.to_owned()))
    }

    /// The name in a request's head; `new` where there is none, or none that may be.
    pub fn choose(headers: &HeaderMap, new: impl FnOnce() -> String) -> Self {
        let given = headers.get(HEADER).and_then(|value| value.to_str().ok()).and_then(Self::parse);
        given.unwrap_or_else(|| Self(new()))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of this request, which stands in its log lines.
pub fn id_of(request: &HttpRequest) -> String {
    request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_the_pattern_takes_is_taken(text in "[A-Za-z0-9._-]{1,64}") {
            prop_assert_eq!(RequestId::parse(&text).map(|id| id.to_string()), Some(text));
        }

        #[test]
        fn nothing_else_is(text in ".{0,70}") {
            let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
            let fits = plain && (1..=64).contains(&text.len());
            prop_assert_eq!(RequestId::parse(&text).is_some(), fits);
        }
    }
}
