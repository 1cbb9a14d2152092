//! The collector that spans are sent to, and the HTTP client for it.

use crate::tls;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Url, redirect};
use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Where OTLP over HTTP takes traces, below the collector's address.
const PATH: &str = "v1/traces";
/// How much of an answer is read: it is empty, or says how many spans were refused.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// A collector that speaks OTLP over HTTP, and what is sent to it besides spans.
#[derive(Clone)]
pub struct Collector {
    url: Url,
    headers: Headers,
}

/// Headers such as a service's key: `NAME=VALUE`, several separated by commas.
#[derive(Clone, Default)]
pub struct Headers(HeaderMap);

/// The address of a collector, such as `http://localhost:4318`.
#[derive(Clone)]
pub struct Endpoint(Url);

impl FromStr for Endpoint {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "a collector is an address such as http://localhost:4318";
        let mut url = Url::parse(text).map_err(|_| EXPECTED)?;
        if !matches!(url.scheme(), "http" | "https") || url.query().is_some() || url.fragment().is_some() {
            return Err(EXPECTED);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("a key of the collector is a header: WATCHTAPE_OTLP_HEADERS");
        }
        let path = url.path().trim_end_matches('/');
        let path = if path.ends_with(PATH) { path.to_owned() } else { format!("{path}/{PATH}") };
        url.set_path(&path);
        Ok(Self(url))
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

impl Collector {
    /// The collector at this address, with these headers.
    pub fn new(endpoint: Endpoint, headers: Headers) -> Self {
        Self { url: endpoint.0, headers }
    }

    /// Where spans are sent.
    pub(super) fn url(&self) -> String {
        self.url.to_string()
    }

    /// A client for it, each of whose calls ends within the deadline.
    #[expect(clippy::disallowed_methods, reason = "the one place for the operator's collector")]
    pub(super) fn client(&self, deadline: Duration) -> Result<CollectorClient, String> {
        tls::install();
        let client = Client::builder()
            .default_headers(self.headers.0.clone())
            .timeout(deadline)
            // A redirect would send the headers to another host.
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| format!("the HTTP client cannot start: {error}"))?;
        Ok(CollectorClient { client, runtime: OnceLock::new() })
    }
}

// Without the headers, which have a key.
impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.as_str())
    }
}

impl FromStr for Headers {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = |pair: &str| {
            let (name, value) = pair.split_once('=')?;
            let mut value = HeaderValue::from_str(value.trim()).ok()?;
            value.set_sensitive(true);
            Some((HeaderName::from_str(name.trim()).ok()?, value))
        };
        let headers = text.split(',').map(parse).collect::<Option<HeaderMap>>();
        headers.map(Self).ok_or("headers are NAME=VALUE, several separated by commas")
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Makes the calls, on the thread that waits for them: it is the sender's own.
#[derive(Debug)]
pub(super) struct CollectorClient {
    client: Client,
    /// Made by that thread, and ended by it: elsewhere its end would have to wait.
    runtime: OnceLock<Runtime>,
}

impl CollectorClient {
    async fn call(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        // Headers of OTEL_… variables, which may be of another collector, are no setting of this program.
        let content_type = request.headers_mut().remove(CONTENT_TYPE);
        *request.headers_mut() = content_type.map(|value| (CONTENT_TYPE, value)).into_iter().collect();
        let mut answer = self.client.execute(request.try_into()?).await?;
        let mut response = Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            *headers = std::mem::take(answer.headers_mut());
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_ANSWER_BYTES {
                return Err("the answer is too large".into());
            }
        }
        Ok(response.body(body.into())?)
    }
}

#[async_trait::async_trait]
impl HttpClient for CollectorClient {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let runtime = match self.runtime.get() {
            Some(runtime) => runtime,
            None => {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                self.runtime.get_or_init(|| runtime)
            }
        };
        runtime.block_on(self.call(request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_to_where_traces_are_taken() {
        let url = |text: &str| text.parse::<Endpoint>().map(|endpoint| endpoint.0.to_string());
        for (text, expected) in [
            ("http://localhost:4318", "http://localhost:4318/v1/traces"),
            ("https://otlp.example.com/otlp/", "https://otlp.example.com/otlp/v1/traces"),
            ("http://localhost:4318/v1/traces", "http://localhost:4318/v1/traces"),
        ] {
            assert_eq!(url(text), Ok(expected.to_owned()));
        }
        for text in ["localhost:4318", "grpc://localhost:4317", "http://", "http://a:b@localhost", "http://localhost?x"]
        {
            assert!(url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn headers_are_pairs_and_are_not_shown() {
        let headers: Headers = "api-key=s3cret, x-scope=a=b".parse().expect("two headers");
        assert_eq!((headers.0.len(), &headers.0["x-scope"]), (2, &HeaderValue::from_static("a=b")));
        assert!(!format!("{headers:?}").contains("s3cret"));
        for text in ["", "api-key", "a b=c", "a=\u{1}"] {
            assert!(text.parse::<Headers>().is_err(), "{text:?}");
        }
    }
}
