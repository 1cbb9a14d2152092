//! The spans of calls to others, by OpenTelemetry's conventions for HTTP clients.

use super::{TraceContext, set_failed, trace_span};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use std::fmt::Display;
use tracing::field::Empty;
use tracing::{Instrument, Span};

/// A call to another server, whose request carries the ids of its span.
pub struct OutgoingCall(Span);

impl OutgoingCall {
    /// A GET of this URL, which has nothing secret.
    pub fn get(url: &str) -> Self {
        Self(trace_span!("GET", otel.kind = "client", url.full = url, http.response.status_code = Empty))
    }

    /// A POST to this host, whose path may be secret.
    pub fn post(host: &str) -> Self {
        Self(trace_span!("POST", otel.kind = "client", server.address = host, http.response.status_code = Empty))
    }

    /// Adds `traceparent` to the headers of the request.
    pub fn add_to(&self, headers: &mut HeaderMap) {
        TraceContext::of(&self.0).add_to(headers);
    }

    /// Says which status came back. Any but 2xx is a failure of the call.
    pub fn has_status(&self, status: StatusCode) {
        self.0.record("http.response.status_code", i64::from(status.as_u16()));
        if !status.is_success() {
            set_failed(&self.0, &status);
        }
    }

    /// Runs the call, and says why where it fails.
    pub async fn watch<T, E: Display>(&self, call: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        call.instrument(self.0.clone()).await.inspect_err(|error| set_failed(&self.0, error))
    }
}
