//! One HTTP request by the browser's `fetch`, and its response.
//!
//! Deliberately absent: retries and tokens; both are in `api/mod.rs`.

use super::deadline::Deadline;
use super::{Failure, IdempotencyKey};
use crate::view::steady;
use js_sys::{Date, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use watchtape_shared::Problem;
use web_sys::{AbortSignal, Headers, Request, RequestCache, RequestInit, Response};

const BASE: &str = "/api/v1";
const DEADLINE: Duration = Duration::from_secs(15);

/// A request; it is sent again unchanged after a token was renewed, or where a creation was not answered.
pub(super) struct Call {
    method: &'static str,
    path: String,
    body: Option<(&'static str, Body)>,
    version: Option<u64>,
    uncached: bool,
    key: Option<IdempotencyKey>,
}

enum Body {
    Text(String),
    Bytes(Vec<u8>),
}

impl Call {
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self::without_body("GET", path)
    }

    pub(super) fn delete(path: impl Into<String>) -> Self {
        Self::without_body("DELETE", path)
    }

    pub(super) fn post(path: impl Into<String>) -> Self {
        Self::without_body("POST", path)
    }

    fn without_body(method: &'static str, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), body: None, version: None, uncached: false, key: None }
    }

    pub(super) fn post_json(path: impl Into<String>, body: &impl Serialize) -> Self {
        Self::with_json("POST", path, body)
    }

    pub(super) fn with_json(method: &'static str, path: impl Into<String>, body: &impl Serialize) -> Self {
        Self::with_body(method, path, "application/json", Body::Text(to_json(body)))
    }

    /// A request with the content of a file, which is sent as it is.
    pub(super) fn post_file(path: impl Into<String>, media_type: &'static str, content: Vec<u8>) -> Self {
        Self::with_body("POST", path, media_type, Body::Bytes(content))
    }

    pub(super) fn merge_patch(path: impl Into<String>, body: &impl Serialize) -> Self {
        Self::with_body("PATCH", path, "application/merge-patch+json", Body::Text(to_json(body)))
    }

    fn with_body(method: &'static str, path: impl Into<String>, media_type: &'static str, body: Body) -> Self {
        Self { body: Some((media_type, body)), ..Self::without_body(method, path) }
    }

    /// Passes over the browser's cache.
    pub(super) fn uncached(mut self) -> Self {
        self.uncached = true;
        self
    }

    /// Makes the change conditional on the list's version (`If-Match`).
    pub(super) fn if_version(mut self, version: u64) -> Self {
        self.version = Some(version);
        self
    }

    /// Has the server carry the request out once, however often it is sent (`Idempotency-Key`).
    pub(super) fn once(mut self, key: &IdempotencyKey) -> Self {
        self.key = Some(key.clone());
        self
    }

    /// Sends the request. A response that is not 2xx is a failure, parsed as a problem document if it is one.
    pub(super) async fn send(&self, bearer: Option<&str>) -> Result<Answer, Failure> {
        let deadline = Deadline::start(DEADLINE).map_err(|_| Failure::Unreachable)?;
        let failure = |_: JsValue| if deadline.has_passed() { Failure::TimedOut } else { Failure::Unreachable };
        let request = self.build(bearer, deadline.signal()).map_err(|_| Failure::Unreachable)?;
        let window = web_sys::window().ok_or(Failure::Unreachable)?;
        let began_ms = steady::now_ms();
        let response: Response =
            JsFuture::from(window.fetch_with_request(&request)).await.map_err(failure)?.unchecked_into();
        let status = response.status();
        let request_id = response.headers().get("x-request-id").ok().flatten();
        let date = response.headers().get("date").ok().flatten();
        let etag = response.headers().get("etag").ok().flatten();
        let body = match response.text() {
            Ok(text) => JsFuture::from(text).await.map_err(failure)?,
            Err(error) => return Err(failure(error)),
        };
        let took_ms = steady::now_ms() - began_ms;
        let answer = Answer { status, request_id, date, etag, took_ms, body: body.as_string().unwrap_or_default() };
        if response.ok() { Ok(answer) } else { Err(answer.into_failure()) }
    }

    fn build(&self, bearer: Option<&str>, signal: &AbortSignal) -> Result<Request, JsValue> {
        let headers = Headers::new()?;
        headers.set("accept", "application/json, application/problem+json")?;
        if let Some(token) = bearer {
            headers.set("authorization", &format!("Bearer {token}"))?;
        }
        if let Some(version) = self.version {
            headers.set("if-match", &format!("\"{version}\""))?;
        }
        if let Some(key) = &self.key {
            headers.set("idempotency-key", key.as_str())?;
        }
        let init = RequestInit::new();
        init.set_method(self.method);
        init.set_signal(Some(signal));
        if self.uncached {
            init.set_cache(RequestCache::NoStore);
        }
        if let Some((content_type, body)) = &self.body {
            headers.set("content-type", content_type)?;
            match body {
                Body::Text(text) => init.set_body(&JsValue::from_str(text)),
                Body::Bytes(bytes) => init.set_body(&Uint8Array::from(bytes.as_slice())),
            }
        }
        init.set_headers(&headers);
        Request::new_with_str_and_init(&format!("{BASE}{}", self.path), &init)
    }
}

/// A successful response.
pub(super) struct Answer {
    status: u16,
    request_id: Option<String>,
    date: Option<String>,
    etag: Option<String>,
    took_ms: f64,
    body: String,
}

impl Answer {
    /// Parses the body.
    pub(super) fn json<T: DeserializeOwned>(self) -> Result<T, Failure> {
        serde_json::from_str(&self.body).map_err(|_| self.into_unexpected())
    }

    /// The body as text.
    pub(super) fn text(self) -> String {
        self.body
    }

    /// Its `Date` header in milliseconds, to the second.
    pub(super) fn sent_ms(&self) -> Option<f64> {
        Some(Date::parse(self.date.as_ref()?)).filter(|sent_ms| sent_ms.is_finite())
    }

    /// How long it took from the request to its last byte.
    pub(super) fn took_ms(&self) -> f64 {
        self.took_ms
    }

    /// The list's version after the change, which is its `ETag`.
    pub(super) fn version(&self) -> Option<u64> {
        self.etag.as_ref()?.trim_matches('"').parse().ok()
    }

    fn into_failure(self) -> Failure {
        match serde_json::from_str::<Problem>(&self.body) {
            Ok(problem) => Failure::Refused(problem),
            Err(_) => self.into_unexpected(),
        }
    }

    fn into_unexpected(self) -> Failure {
        Failure::Unexpected { status: self.status, request_id: self.request_id }
    }
}

fn to_json(body: &impl Serialize) -> String {
    // Wire types have string keys only, so they always serialise.
    serde_json::to_string(body).unwrap_or_default()
}

/// Percent-encodes a value of a query string.
pub(super) fn encoded(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}
