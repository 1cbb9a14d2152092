//! Requests: how many, how long, and with what outcome.

use super::duration_histogram;
use actix_web::http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// What requests are told apart by. None of it is a client's: paths are their routes' templates, and methods those of the
/// API, so that no client can make the metrics grow.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    route: String,
    method: &'static str,
    status: &'static str,
}

impl RequestLabels {
    /// Of a request to this route template, and its answer; `None` where its client left before there was one.
    pub fn new(route: &str, method: &Method, status: Option<StatusCode>) -> Self {
        let status = match status.map(|status| status.as_u16() / 100) {
            None => "none",
            Some(1) => "1xx",
            Some(2) => "2xx",
            Some(3) => "3xx",
            Some(4) => "4xx",
            Some(_) => "5xx",
        };
        let known =
            [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
        let names = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        let method = known.iter().position(|known| known == method).map_or("other", |at| names[at]);
        Self { route: route.to_owned(), method, status }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

/// Requests of this node.
pub struct HttpMetrics {
    durations: Family<RequestLabels, Histogram, fn() -> Histogram>,
    bytes: Family<Route, Counter>,
    /// Requests under way.
    pub in_flight: Gauge,
}

impl Default for HttpMetrics {
    fn default() -> Self {
        let durations = Family::new_with_constructor(duration_histogram as fn() -> Histogram);
        Self { durations, bytes: Family::default(), in_flight: Gauge::default() }
    }
}

impl HttpMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        let durations = self.durations.clone();
        registry.register("http_request_duration_seconds", "Time from a request's head to its answer's end", durations);
        registry.register("http_response_bytes", "Bytes of answers' bodies", self.bytes.clone());
        registry.register("http_requests_in_flight", "Requests under way", self.in_flight.clone());
    }

    /// Counts an answer: its duration in seconds and the bytes of its body.
    pub fn record(&self, labels: &RequestLabels, seconds: f64, bytes: u64) {
        self.durations.get_or_create(labels).observe(seconds);
        self.bytes.get_or_create(&Route { route: labels.route.clone() }).inc_by(bytes);
    }
}
