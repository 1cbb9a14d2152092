//! One HTTP request by the browser's `fetch`, and its response.
//!
//! Deliberately absent: retries and tokens; both are in `api/mod.rs`.

use super::Failure;
use js_sys::Date;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use watchtape_shared::Problem;
use web_sys::{AbortSignal, DomException, Headers, Request, RequestInit, Response};

const BASE: &str = "/api/v1";
const DEADLINE_MS: u32 = 15_000;

/// A request; it is sent again unchanged after a token was renewed.
pub(super) struct Call {
    method: &'static str,
    path: String,
    body: Option<(&'static str, String)>,
    version: Option<u64>,
}

impl Call {
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), body: None, version: None }
    }

    pub(super) fn delete(path: impl Into<String>) -> Self {
        Self { method: "DELETE", path: path.into(), body: None, version: None }
    }

    pub(super) fn post(path: impl Into<String>) -> Self {
        Self { method: "POST", path: path.into(), body: None, version: None }
    }

    pub(super) fn post_json(path: impl Into<String>, body: &impl Serialize) -> Self {
        Self::with_json("POST", path, body)
    }

    pub(super) fn with_json(method: &'static str, path: impl Into<String>, body: &impl Serialize) -> Self {
        Self { method, path: path.into(), body: Some(("application/json", to_json(body))), version: None }
    }

    /// A request with the content of a file.
    pub(super) fn post_file(path: impl Into<String>, media_type: &'static str, content: String) -> Self {
        Self { method: "POST", path: path.into(), body: Some((media_type, content)), version: None }
    }

    pub(super) fn merge_patch(path: impl Into<String>, body: &impl Serialize) -> Self {
        let body = Some(("application/merge-patch+json", to_json(body)));
        Self { method: "PATCH", path: path.into(), body, version: None }
    }

    /// Makes the change conditional on the list's version (`If-Match`).
    pub(super) fn if_version(mut self, version: u64) -> Self {
        self.version = Some(version);
        self
    }

    /// Sends the request. A response that is not 2xx is a failure, parsed as a problem document if it is one.
    pub(super) async fn send(&self, bearer: Option<&str>) -> Result<Answer, Failure> {
        let request = self.build(bearer).map_err(|_| Failure::Unreachable)?;
        let window = web_sys::window().ok_or(Failure::Unreachable)?;
        let response: Response = JsFuture::from(window.fetch_with_request(&request))
            .await
            .map_err(|error| failure_of(&error))?
            .unchecked_into();
        let status = response.status();
        let request_id = response.headers().get("x-request-id").ok().flatten();
        let date = response.headers().get("date").ok().flatten();
        let etag = response.headers().get("etag").ok().flatten();
        let body = match response.text() {
            Ok(text) => JsFuture::from(text).await.map_err(|error| failure_of(&error))?,
            Err(error) => return Err(failure_of(&error)),
        };
        let answer = Answer { status, request_id, date, etag, body: body.as_string().unwrap_or_default() };
        if response.ok() { Ok(answer) } else { Err(answer.into_failure()) }
    }

    fn build(&self, bearer: Option<&str>) -> Result<Request, JsValue> {
        let headers = Headers::new()?;
        headers.set("accept", "application/json, application/problem+json")?;
        if let Some(token) = bearer {
            headers.set("authorization", &format!("Bearer {token}"))?;
        }
        if let Some(version) = self.version {
            headers.set("if-match", &format!("\"{version}\""))?;
        }
        let init = RequestInit::new();
        init.set_method(self.method);
        init.set_signal(Some(&AbortSignal::timeout_with_u32(DEADLINE_MS)));
        if let Some((content_type, body)) = &self.body {
            headers.set("content-type", content_type)?;
            init.set_body(&JsValue::from_str(body));
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

fn failure_of(error: &JsValue) -> Failure {
    match error.dyn_ref::<DomException>() {
        Some(error) if error.name() == "TimeoutError" => Failure::TimedOut,
        _ => Failure::Unreachable,
    }
}

/// Percent-encodes a value of a query string.
pub(super) fn encoded(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}
