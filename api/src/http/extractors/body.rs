//! Bodies and queries: read within bounds of size and time, parsed, or refused with a problem.

use crate::http::error_codes::{Code, Error};
use crate::json;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use std::future::Ready;
use std::time::Duration;

/// The most bytes of a body.
pub const MAX_BODY_BYTES: usize = 64 * 1024;
/// How long a body may take to arrive.
const BODY_DEADLINE: Duration = Duration::from_secs(10);
/// How long the rest of a refused body is held: until its answer has gone out.
const HOLD: Duration = Duration::from_secs(1);
/// How much of a body that is too large is read all the same, so that its sender gets to read the answer.
const DRAIN_BYTES: usize = 4 * 1024 * 1024;

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
        Box::pin(async move { read_json(&request, payload, "application/merge-patch+json").await.map(Self) })
    }
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = web::Query::<T>::from_query(request.query_string());
        std::future::ready(match parsed {
            Ok(query) => Ok(Self(query.into_inner())),
            Err(error) => Err(Error::new(Code::InvalidQuery, format!("{error}."))),
        })
    }
}

async fn read_json<T: DeserializeOwned>(request: &HttpRequest, payload: Payload, media_type: &str) -> Result<T, Error> {
    // Read even where its type is wrong: its sender is to get to read the answer.
    let body = read_body(payload).await?;
    check_media_type(request, media_type)?;
    Ok(json::parse(&body)?)
}

/// A body of `application/json` that has been read.
pub fn json_of<T: DeserializeOwned>(request: &HttpRequest, body: &[u8]) -> Result<T, Error> {
    check_media_type(request, "application/json")?;
    Ok(json::parse(body)?)
}

fn check_media_type(request: &HttpRequest, media_type: &str) -> Result<(), Error> {
    if request.content_type().trim().eq_ignore_ascii_case(media_type) {
        return Ok(());
    }
    Err(Error::new(Code::UnsupportedMediaType, format!("The body is to be {media_type}.")))
}

/// Reads a whole body, within its deadline and limit.
pub async fn read_body(payload: Payload) -> Result<Vec<u8>, Error> {
    read_body_within(payload, MAX_BODY_BYTES, BODY_DEADLINE).await
}

/// Reads a whole body of at most so many bytes, for so long.
pub async fn read_body_within(mut payload: Payload, most: usize, deadline: Duration) -> Result<Vec<u8>, Error> {
    let read = tokio::time::timeout(deadline, collect(&mut payload, most)).await;
    let read = read.unwrap_or_else(|_| Err(Error::new(Code::RequestTimeout, "The body took too long to arrive.")));
    if read.is_err() {
        // Where nobody holds the rest of a chunked body when the answer goes out, the framework reads on for as long as
        // the sender likes; where somebody does, it closes the connection.
        actix_web::rt::spawn(async move {
            tokio::time::sleep(HOLD).await;
            drop(payload);
        });
    }
    read
}

async fn collect(payload: &mut Payload, most: usize) -> Result<Vec<u8>, Error> {
    let (mut body, mut total) = (Vec::new(), 0);
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| Error::new(Code::BadRequest, format!("The body broke off: {error}.")))?;
        total += chunk.len();
        if total <= most {
            body.extend_from_slice(&chunk);
        } else if total > most.saturating_add(DRAIN_BYTES) {
            break;
        }
    }
    if total > most {
        return Err(Error::new(Code::TooLarge, format!("A body has at most {most} bytes.")));
    }
    Ok(body)
}
