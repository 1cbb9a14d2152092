//! Conditional requests (RFC 9110, section 13): entity tags, `If-Match` and `If-None-Match`.

use super::error_codes::{Code, Error};
use crate::auth::secret::base64url;
use crate::db::list_lock::Expected;
use actix_web::dev::Payload;
use actix_web::http::header::{self, ContentType, HeaderName};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::future::{Ready, ready};

/// The strong entity tag of a watchlist at a version.
pub fn etag(version: u64) -> String {
    format!("\"{version}\"")
}

/// The entity tag of a watchlist with prices: the list's version, then the hash of the prices.
pub fn etag_with_prices(version: u64, prices: &impl Serialize) -> Result<String, Error> {
    let prices = serde_json::to_vec(prices).map_err(Error::internal)?;
    Ok(format!("\"{version}.{}\"", hash(&prices)))
}

/// The versions in `If-Match`; `None` without the header. Of a tag with prices only the list's version counts, as a change
/// cannot lose prices.
pub struct IfMatch(pub Option<Expected>);

impl IfMatch {
    /// The expected versions; any version without the header.
    pub fn optional(self) -> Expected {
        self.0.unwrap_or(Expected::Any)
    }

    /// The expected versions; 428 without the header.
    pub fn required(self) -> Result<Expected, Error> {
        self.0.ok_or_else(|| {
            Error::new(Code::PreconditionRequired, "Send If-Match with the list's ETag, so that no change is lost.")
        })
    }
}

impl FromRequest for IfMatch {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse_if_match(request))
    }
}

fn parse_if_match(request: &HttpRequest) -> Result<IfMatch, Error> {
    let Some(text) = header_text(request, &header::IF_MATCH)? else { return Ok(IfMatch(None)) };
    if text.trim() == "*" {
        return Ok(IfMatch(Some(Expected::Any)));
    }
    let mut versions = Vec::new();
    for tag in parse_tags(&text)? {
        // A proxy that compresses answers makes a tag weak. It still names one version exactly, so it is taken, though RFC
        // 9110, 13.1.1 has weak tags match nothing; as tags of another form do.
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        let version = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).unwrap_or_default();
        versions.extend(version.split('.').next().and_then(|version| version.parse::<u64>().ok()));
    }
    Ok(IfMatch(Some(Expected::OneOf(versions))))
}

/// Whether `If-None-Match` has this tag, so that the answer is 304. An error is a malformed header.
pub fn is_not_modified(request: &HttpRequest, etag: &str) -> Result<bool, Error> {
    let Some(text) = header_text(request, &header::IF_NONE_MATCH)? else { return Ok(false) };
    Ok(text.trim() == "*" || parse_tags(&text)?.any(|tag| tag.trim_start_matches("W/") == etag))
}

/// A JSON answer with an entity tag made from the hash of its body, or 304 if the client has it.
pub fn json_with_etag(request: &HttpRequest, body: &impl Serialize) -> Result<HttpResponse, Error> {
    let body = serde_json::to_vec(body).map_err(Error::internal)?;
    let etag = format!("\"{}\"", hash(&body));
    if is_not_modified(request, &etag)? {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, etag)).finish());
    }
    Ok(HttpResponse::Ok().insert_header((header::ETAG, etag)).content_type(ContentType::json()).body(body))
}

fn hash(bytes: &[u8]) -> String {
    base64url(&Sha256::digest(bytes)[..12])
}

fn header_text(request: &HttpRequest, name: &HeaderName) -> Result<Option<String>, Error> {
    let mut texts = Vec::new();
    for value in request.headers().get_all(name) {
        texts.push(value.to_str().map_err(|_| malformed(name))?);
    }
    Ok((!texts.is_empty()).then(|| texts.join(",")))
}

/// Splits a list of entity tags.
fn parse_tags(text: &str) -> Result<impl Iterator<Item = &str>, Error> {
    // A comma within the quotes is part of the tag.
    let mut is_quoted = false;
    let is_between = move |c: char| {
        is_quoted ^= c == '"';
        c == ',' && !is_quoted
    };
    let tags = text.split(is_between).map(str::trim).filter(|tag| !tag.is_empty());
    let is_quoted_tag = |tag: &str| {
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        tag.len() >= 2 && tag.starts_with('"') && tag.ends_with('"')
    };
    if tags.clone().next().is_none() || !tags.clone().all(is_quoted_tag) {
        return Err(Error::new(Code::BadRequest, "An entity tag is a text in double quotes."));
    }
    Ok(tags)
}

fn malformed(name: &HeaderName) -> Error {
    Error::new(Code::BadRequest, format!("The {name} header is not text."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use proptest::prelude::*;

    fn expected(value: &str) -> Result<Option<Expected>, Code> {
        let request = TestRequest::default().insert_header((header::IF_MATCH, value)).to_http_request();
        parse_if_match(&request).map(|parsed| parsed.0).map_err(|error| error.code)
    }

    #[test]
    fn versions_are_read_from_tags() {
        assert_eq!(expected("*"), Ok(Some(Expected::Any)));
        assert_eq!(expected("\"7\""), Ok(Some(Expected::OneOf(vec![7]))));
        assert_eq!(expected("\"7\", \"9.abc.1\""), Ok(Some(Expected::OneOf(vec![7, 9]))));
        assert_eq!(expected("W/\"7\""), Ok(Some(Expected::OneOf(vec![7]))));
        assert_eq!(expected("W/\"7.abc\", W/\"x\""), Ok(Some(Expected::OneOf(vec![7]))));
        assert_eq!(expected("\"x\""), Ok(Some(Expected::OneOf(vec![]))));
        assert_eq!(expected("\"a,b\",W/\",\", \"7\""), Ok(Some(Expected::OneOf(vec![7]))));
        for text in ["7", "\"7", "", ","] {
            assert_eq!(expected(text), Err(Code::BadRequest), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_header_parses_or_is_refused_without_a_panic(text in "[ -~]{0,60}") {
            let _ = expected(&text);
            let request = TestRequest::default().insert_header((header::IF_NONE_MATCH, text)).to_http_request();
            let _ = is_not_modified(&request, "\"7\"");
        }
    }
}
