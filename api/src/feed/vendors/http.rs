//! The HTTP client of a vendor: JSON over GET within a deadline, at most 1 MiB a response. Deliberately absent:
//! retries, redirects and proxies.
//!
//! Error texts never contain text of the vendor, which may repeat the API key.

use super::error::VendorError;
use super::settings::ApiKey;
use crate::clock;
use crate::telemetry::traces::OutgoingCall;
use crate::tls;
use chrono::{DateTime, Utc};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, redirect};
use serde::Deserialize;
use std::error::Error;
use std::time::Duration;

/// The `User-Agent` of every request to a vendor.
pub const USER_AGENT: &str = concat!("watchtape/", env!("CARGO_PKG_VERSION"));
/// The largest response body and the largest WebSocket message.
pub const MAX_BYTES: usize = 1 << 20;
/// Upper bound of `Retry-After`. No vendor has a limit period above a day; a longer wait is a clock error.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 3600);

/// The deadlines of calls and streams.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// For opening a connection.
    pub connect: Duration,
    /// For a whole call, from the first byte sent to the last one received.
    pub total: Duration,
    /// For a stream without any message, pongs included.
    pub silence: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), total: Duration::from_secs(5), silence: Duration::from_secs(60) }
    }
}

/// The HTTP client of one vendor.
pub struct VendorHttp {
    client: Client,
    total: Duration,
}

/// A response with a 2xx status and a JSON content type.
pub struct Reply {
    /// The body.
    pub body: Vec<u8>,
    /// The wait that the vendor asks for, see [`retry_after`].
    pub retry_after: Option<Duration>,
}

impl VendorHttp {
    /// A client that sends each key as the header of this name.
    #[expect(clippy::disallowed_methods, reason = "the one place")]
    pub fn new<const N: usize>(keys: [(&'static str, &ApiKey); N], deadlines: Deadlines) -> Result<Self, String> {
        let named = |(name, key): (&'static str, &ApiKey)| (HeaderName::from_static(name), key.to_header());
        tls::install();
        let client = Client::builder()
            .user_agent(USER_AGENT)
            .default_headers(keys.into_iter().map(named).collect())
            .connect_timeout(deadlines.connect)
            // A redirect would send the keys to another host.
            .redirect(redirect::Policy::none())
            // Streams cannot go through a proxy, so that calls do not either.
            .no_proxy()
            .build()
            .map_err(|error| format!("the HTTP client cannot start: {}", cause(&error)))?;
        Ok(Self { client, total: deadlines.total })
    }

    /// Makes one GET request; 404 is an error.
    pub async fn get(&self, url: &str) -> Result<Reply, VendorError> {
        self.find(url).await?.ok_or_else(|| refused(StatusCode::NOT_FOUND))
    }

    /// Makes one GET request; `None` for 404.
    pub async fn find(&self, url: &str) -> Result<Option<Reply>, VendorError> {
        let call = OutgoingCall::get(without_query(url));
        let late = |_| VendorError::Unavailable(format!("no answer within {} ms", self.total.as_millis()));
        let answer = async { tokio::time::timeout(self.total, self.ask(url, &call)).await.map_err(late).flatten() };
        call.watch(answer).await
    }

    async fn ask(&self, url: &str, call: &OutgoingCall) -> Result<Option<Reply>, VendorError> {
        let mut headers = HeaderMap::new();
        call.add_to(&mut headers);
        let response = self.client.get(url).headers(headers).send().await.map_err(|error| failed(&error))?;
        let status = response.status();
        call.has_status(status);
        let retry_after = retry_after(response.headers(), clock::now());
        if status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        if let Some(error) = status_error(status, retry_after) {
            return Err(error);
        }
        if !is_json(response.headers()) {
            return Err(VendorError::Malformed("the answer does not say that it is JSON".to_owned()));
        }
        Ok(Some(Reply { body: read(response).await?, retry_after }))
    }
}

/// The address of a call. Its query has what people watch.
fn without_query(url: &str) -> &str {
    url.split_once('?').map_or(url, |(address, _)| address)
}

/// The error that a status stands for; `None` for 2xx.
pub fn status_error(status: StatusCode, retry_after: Option<Duration>) -> Option<VendorError> {
    match status {
        StatusCode::TOO_MANY_REQUESTS => Some(VendorError::Limited(retry_after)),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY => Some(unavailable(status)),
        status if status.is_client_error() => Some(refused(status)),
        status if status.is_success() => None,
        status => Some(unavailable(status)),
    }
}

/// How long to wait: `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), else until `X-Ratelimit-Reset` (Unix
/// seconds). `None` without either or where it is in the past.
pub fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let until = |then: DateTime<Utc>| (then - now).to_std().ok();
    let from_header = text(RETRY_AFTER.as_str()).and_then(|text| match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => until(DateTime::parse_from_rfc2822(text).ok()?.to_utc()),
    });
    let reset = || until(DateTime::from_timestamp(text("x-ratelimit-reset")?.parse().ok()?, 0)?);
    from_header.or_else(reset).map(|wait| wait.min(MAX_RETRY_AFTER))
}

/// Parses a JSON body. The error has the position, not the text.
pub fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, VendorError> {
    // serde_json's message may quote the body.
    serde_json::from_slice(body).map_err(|error| {
        let cause = if error.is_eof() { "JSON that breaks off" } else { "not the documented JSON" };
        VendorError::Malformed(format!("{cause}, at line {}, column {}", error.line(), error.column()))
    })
}

/// The innermost cause of an error. Outer ones may contain the URL, and with it a key.
pub fn cause(error: &dyn Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

fn refused(status: StatusCode) -> VendorError {
    VendorError::Refused(format!("status {}", status.as_u16()))
}

fn unavailable(status: StatusCode) -> VendorError {
    VendorError::Unavailable(format!("status {}", status.as_u16()))
}

fn failed(error: &reqwest::Error) -> VendorError {
    let what = if error.is_connect() { "no connection" } else { "the call failed" };
    // A reqwest error without a source prints the URL.
    let cause = error.source().map_or_else(String::new, |source| format!(": {}", cause(source)));
    VendorError::Unavailable(format!("{what}{cause}"))
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || kind.starts_with("application/") && kind.ends_with("+json")
}

async fn read(mut response: Response) -> Result<Vec<u8>, VendorError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error))? {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(VendorError::Malformed(format!("an answer of more than {MAX_BYTES} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    #[test]
    fn a_wait_is_seconds_or_a_date_and_else_until_the_reset() {
        let now = DateTime::from_timestamp(784_111_000, 0).expect("a time");
        let of = |given: &[(&'static str, &'static str)]| {
            let named =
                given.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
            retry_after(&named.collect(), now).map(|wait| wait.as_secs())
        };
        assert_eq!(of(&[("retry-after", "7"), ("x-ratelimit-reset", "784111050")]), Some(7));
        assert_eq!(of(&[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")]), Some(777));
        assert_eq!(of(&[("x-ratelimit-reset", "784111050")]), Some(50));
        assert_eq!(of(&[("retry-after", "soon"), ("x-ratelimit-reset", "784111050")]), Some(50));
        assert_eq!(of(&[("retry-after", "18446744073709551615")]), Some(24 * 3600));
        assert_eq!([of(&[]), of(&[("x-ratelimit-reset", "784110000")]), of(&[("retry-after", "-1")])], [None; 3]);
    }
}
