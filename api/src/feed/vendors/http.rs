//! One bounded JSON call to a vendor: within a deadline, of a bounded size, following nobody elsewhere.
//!
//! An error says what happened in our own words: a vendor's may repeat the key it was sent.

use super::error::AskError;
use super::settings::ApiKey;
use chrono::{DateTime, Utc};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, redirect};
use serde::Deserialize;
use std::error::Error;
use std::time::Duration;

/// Who asks.
pub const USER_AGENT: &str = concat!("watchtape/", env!("CARGO_PKG_VERSION"));
/// The most bytes of one answer, and of one message of a stream.
pub const MAX_BYTES: usize = 1 << 20;
/// No vendor's limit is longer than its day: a longer wait is a mistake of one of the clocks.
const MAX_WAIT: Duration = Duration::from_secs(24 * 3600);

/// How long a vendor may take.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// To take a connection.
    pub connect: Duration,
    /// To answer, from the first byte sent to the last one received.
    pub total: Duration,
    /// To say nothing on a stream, not even that it is there.
    pub silence: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), total: Duration::from_secs(5), silence: Duration::from_secs(60) }
    }
}

/// A client of one vendor.
pub struct Http {
    client: Client,
    total: Duration,
}

/// An answer of a good status that says it is JSON.
pub struct Reply {
    /// Its bytes.
    pub body: Vec<u8>,
    /// How long the vendor asks to be left alone, if it does.
    pub wait: Option<Duration>,
}

impl Http {
    /// A client that sends these keys as headers.
    pub fn new<const N: usize>(keys: [(&'static str, &ApiKey); N], deadlines: Deadlines) -> Result<Self, String> {
        let named = |(name, key): (&'static str, &ApiKey)| (HeaderName::from_static(name), key.to_header());
        let client = Client::builder()
            .user_agent(USER_AGENT)
            .default_headers(keys.into_iter().map(named).collect())
            .connect_timeout(deadlines.connect)
            // A redirect would take the keys along to wherever it leads.
            .redirect(redirect::Policy::none())
            // The stream cannot go through a proxy; a vendor is reached on one way or on none.
            .no_proxy()
            .build()
            .map_err(|error| format!("the HTTP client cannot start: {}", cause(&error)))?;
        Ok(Self { client, total: deadlines.total })
    }

    /// Makes one call.
    pub async fn get(&self, url: &str) -> Result<Reply, AskError> {
        self.find(url).await?.ok_or_else(|| unavailable(StatusCode::NOT_FOUND))
    }

    /// Makes one call; none where the vendor knows no such address.
    pub async fn find(&self, url: &str) -> Result<Option<Reply>, AskError> {
        let late = |_| AskError::Unavailable(format!("no answer within {} ms", self.total.as_millis()));
        tokio::time::timeout(self.total, self.call(url)).await.map_err(late)?
    }

    async fn call(&self, url: &str) -> Result<Option<Reply>, AskError> {
        let response = self.client.get(url).send().await.map_err(|error| failed(&error))?;
        let status = response.status();
        let wait = wait(response.headers(), Utc::now());
        if status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        if let Some(error) = refusal(status, wait) {
            return Err(error);
        }
        if !is_json(response.headers()) {
            return Err(AskError::Malformed("the answer does not say that it is JSON".to_owned()));
        }
        Ok(Some(Reply { body: read(response).await?, wait }))
    }
}

/// What a status means; none where it is good.
pub fn refusal(status: StatusCode, wait: Option<Duration>) -> Option<AskError> {
    match status {
        StatusCode::TOO_MANY_REQUESTS => Some(AskError::Limited(wait)),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Some(AskError::Refused(format!("status {}", status.as_u16())))
        }
        status if status.is_success() => None,
        status => Some(unavailable(status)),
    }
}

/// How long to wait: `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), else until `X-Ratelimit-Reset`, in Unix
/// seconds. None where neither lies ahead.
pub fn wait(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let until = |then: DateTime<Utc>| (then - now).to_std().ok();
    let retry_after = text(RETRY_AFTER.as_str()).and_then(|text| match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => until(DateTime::parse_from_rfc2822(text).ok()?.to_utc()),
    });
    let reset = || until(DateTime::from_timestamp(text("x-ratelimit-reset")?.parse().ok()?, 0)?);
    retry_after.or_else(reset).map(|wait| wait.min(MAX_WAIT))
}

/// Reads a body of the vendor's documented shape.
pub fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, AskError> {
    // The parser's own message may quote the body.
    serde_json::from_slice(body).map_err(|error| {
        let cause = if error.is_eof() { "JSON that breaks off" } else { "not the documented JSON" };
        AskError::Malformed(format!("{cause}, at line {}, column {}", error.line(), error.column()))
    })
}

/// The innermost cause of an error: without the address, which may hold a key.
pub fn cause(error: &dyn Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

fn unavailable(status: StatusCode) -> AskError {
    AskError::Unavailable(format!("status {}", status.as_u16()))
}

fn failed(error: &reqwest::Error) -> AskError {
    let what = if error.is_connect() { "no connection" } else { "the call failed" };
    // An error without a cause of its own prints the address.
    let cause = error.source().map_or_else(String::new, |source| format!(": {}", cause(source)));
    AskError::Unavailable(format!("{what}{cause}"))
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || kind.starts_with("application/") && kind.ends_with("+json")
}

async fn read(mut response: Response) -> Result<Vec<u8>, AskError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error))? {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(AskError::Malformed(format!("an answer of more than {MAX_BYTES} bytes")));
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
            wait(&named.collect(), now).map(|wait| wait.as_secs())
        };
        assert_eq!(of(&[("retry-after", "7"), ("x-ratelimit-reset", "784111050")]), Some(7));
        assert_eq!(of(&[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")]), Some(777));
        assert_eq!(of(&[("x-ratelimit-reset", "784111050")]), Some(50));
        assert_eq!(of(&[("retry-after", "soon"), ("x-ratelimit-reset", "784111050")]), Some(50));
        assert_eq!(of(&[("retry-after", "18446744073709551615")]), Some(24 * 3600));
        assert_eq!([of(&[]), of(&[("x-ratelimit-reset", "784110000")]), of(&[("retry-after", "-1")])], [None; 3]);
    }
}
