//! The names by which OpenTelemetry's semantic conventions call what the log calls otherwise: a span of a request is named by
//! its method and route, and its fields by the conventions. https://opentelemetry.io/docs/specs/semconv/http/http-spans/

use super::REQUEST;
use crate::telemetry::PROBE_ROUTES;
use opentelemetry::trace::{SpanKind, Status};
use opentelemetry::{Key, Value};
use opentelemetry_sdk::trace::SpanData;

/// The fields of a request's span in logs, and what they are called in traces.
const FIELDS: [(&str, &str); 7] = [
    ("request_id", "watchtape.request_id"),
    ("method", METHOD),
    ("path", "url.path"),
    ("address", "client.address"),
    ("user", "user.id"),
    ("status", STATUS),
    ("code", "error.type"),
];
const METHOD: &str = "http.request.method";
const STATUS: &str = "http.response.status_code";
/// The methods of the API. Whatever else is asked for is no name of a span.
const KNOWN_METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/// The route of a request.
pub(super) const ROUTE: &str = "http.route";

/// The span as it is sent; `None` for one of no interest.
pub(super) fn apply(mut span: SpanData) -> Option<SpanData> {
    if span.name != REQUEST {
        return Some(span);
    }
    for attribute in &mut span.attributes {
        if let Some((_, name)) = FIELDS.iter().find(|(field, _)| attribute.key.as_str() == *field) {
            attribute.key = Key::from_static_str(name);
        }
    }
    let find = |name: &str| span.attributes.iter().find(|attribute| attribute.key.as_str() == name);
    let text = |name: &str| find(name).map(|attribute| attribute.value.to_string());
    let status = match find(STATUS).map(|attribute| &attribute.value) {
        Some(Value::I64(status)) => Some(*status),
        _ => None,
    };
    let method = text(METHOD).filter(|method| KNOWN_METHODS.contains(&method.as_str()));
    let (method, route) = (method.unwrap_or_else(|| "HTTP".to_owned()), text(ROUTE));
    if status == Some(200) && route.as_deref().is_some_and(|route| PROBE_ROUTES.contains(&route)) {
        return None;
    }
    let name = route.map_or_else(|| method.clone(), |route| format!("{method} {route}"));
    (span.name, span.span_kind) = (name.into(), SpanKind::Server);
    if status.is_some_and(|status| status >= 500) {
        span.status = Status::error("");
    }
    Some(span)
}

#[cfg(test)]
mod tests {
    use super::super::test_spans;
    use super::*;
    use opentelemetry::KeyValue;

    fn request(method: &'static str, route: &'static str, status: i64) -> SpanData {
        let attributes =
            vec![KeyValue::new("method", method), KeyValue::new(ROUTE, route), KeyValue::new("status", status)];
        SpanData { attributes, ..test_spans::named(REQUEST) }
    }

    #[test]
    fn a_request_is_named_by_its_route_and_fails_by_its_status() {
        let span = apply(request("GET", "/api/v1/me", 503)).expect("of interest");
        assert_eq!((&*span.name, span.span_kind, span.status), ("GET /api/v1/me", SpanKind::Server, Status::error("")));
        let names: Vec<_> = span.attributes.iter().map(|attribute| attribute.key.as_str()).collect();
        assert_eq!(names, [METHOD, ROUTE, STATUS]);
        let span = apply(request("WHATEVER-A-STRANGER-SENDS", "other", 405)).expect("of interest");
        assert_eq!((&*span.name, span.status), ("HTTP other", Status::Unset));
    }

    #[test]
    fn a_probe_is_of_interest_where_it_fails() {
        assert!(apply(request("GET", "/readyz", 200)).is_none());
        assert!(apply(request("GET", "/readyz", 503)).is_some());
    }
}
