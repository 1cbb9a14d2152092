//! Bodies, with a size limit and a deadline, and query strings.

use crate::http::error_codes::{Code, Error};
use crate::json;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use std::future::Ready;
use std::time::Duration;

/// Bytes of a body, unless a handler has its own limit.
pub const MAX_BODY_BYTES: usize = 64 * 1024;
/// For a whole body to arrive.
const BODY_DEADLINE: Duration = Duration::from_secs(10);
/// How long the payload of a refused body is kept, so that its answer is sent before it is dropped.
const REFUSED_PAYLOAD_HOLD: Duration = Duration::from_secs(1);
/// Bytes beyond the limit that are read and dropped, so that the client gets to read the answer.
const MAX_DRAINED_BYTES: usize = 4 * 1024 * 1024;

/// A body of `application/json`.
pub struct Json<T>(pub T);

/// A body of `application/merge-patch+json` (RFC 7396).
pub struct MergePatch<T>(pub T);

/// The query string; unknown parameters are refused.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { read_json(&request, payload, "application/json").await.map(Self) })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for MergePatch<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let body = read_body(payload).await?;
            check_media_type(&request, "application/merge-patch+json")?;
            let patch = json::parse(&body)?;
            if json::is_empty_object(&body) {
                return Err(Error::new(Code::Invalid, "The patch names nothing to change.").at(""));
            }
            Ok(Self(patch))
        })
    }
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = web::Query::<T>::from_query(request.query_string());
        std::future::ready(match parsed {
            Ok(query) => Ok(Self(query.into_inner())),
            Err(error) => Err(Error::new(Code::InvalidQuery, json::shortened(format!("{error}.")))),
        })
    }
}

async fn read_json<T: DeserializeOwned>(request: &HttpRequest, payload: Payload, media_type: &str) -> Result<T, Error> {
    // Read even if its type is wrong, so that the client gets to read the answer.
    let body = read_body(payload).await?;
    check_media_type(request, media_type)?;
    Ok(json::parse(&body)?)
}

/// Parses a body of `application/json` that was read before.
pub fn parse_json<T: DeserializeOwned>(request: &HttpRequest, body: &[u8]) -> Result<T, Error> {
    check_media_type(request, "application/json")?;
    Ok(json::parse(body)?)
}

fn check_media_type(request: &HttpRequest, media_type: &str) -> Result<(), Error> {
    if request.content_type().trim().eq_ignore_ascii_case(media_type) {
        return Ok(());
    }
    Err(Error::new(Code::UnsupportedMediaType, format!("The body is to be {media_type}.")))
}

/// Reads a whole body of at most 64 KiB within 10 seconds.
pub async fn read_body(payload: Payload) -> Result<Vec<u8>, Error> {
    read_body_within(payload, MAX_BODY_BYTES, BODY_DEADLINE, |_| Ok(())).await
}

/// Reads a whole body: `TooLarge` beyond the limit, `RequestTimeout` after the deadline. `hold` is asked before more of it is
/// kept than so many bytes, and ends it with its error.
pub async fn read_body_within(
    mut payload: Payload,
    max_bytes: usize,
    deadline: Duration,
    hold: impl FnMut(usize) -> Result<(), Error>,
) -> Result<Vec<u8>, Error> {
    let read = tokio::time::timeout(deadline, collect(&mut payload, max_bytes, hold)).await;
    let read = read.unwrap_or_else(|_| Err(Error::new(Code::RequestTimeout, "The body took too long to arrive.")));
    if read.is_err() {
        // If the payload of a chunked body is dropped before the answer is sent, the framework reads on for as long as the
        // client sends; if it is still held, the framework closes the connection.
        actix_web::rt::spawn(async move {
            tokio::time::sleep(REFUSED_PAYLOAD_HOLD).await;
            drop(payload);
        });
    }
    read
}

async fn collect(
    payload: &mut Payload,
    max_bytes: usize,
    mut hold: impl FnMut(usize) -> Result<(), Error>,
) -> Result<Vec<u8>, Error> {
    let (mut body, mut total) = (Vec::new(), 0);
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| Error::new(Code::BadRequest, format!("The body broke off: {error}.")))?;
        total += chunk.len();
        if total <= max_bytes {
            hold(total)?;
            body.extend_from_slice(&chunk);
        } else if total > max_bytes.saturating_add(MAX_DRAINED_BYTES) {
            break;
        }
    }
    if total > max_bytes {
        return Err(Error::new(Code::TooLarge, format!("A body has at most {max_bytes} bytes.")));
    }
    Ok(body)
}
