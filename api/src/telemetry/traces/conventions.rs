//! The names by which OpenTelemetry's semantic conventions call what the log calls otherwise: a span of a request is named by
//! its method and route, and its fields by the conventions. https://opentelemetry.io/docs/specs/semconv/http/http-spans/

use super::REQUEST;
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
/// The route of a request.
pub(super) const ROUTE: &str = "http.route";
/// Routes that are asked for all day by what watches the server.
const PROBES: [&str; 3] = ["/livez", "/readyz", "/metrics"];

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
    let (method, route) = (text(METHOD).unwrap_or_default(), text(ROUTE));
    if status == Some(200) && route.as_deref().is_some_and(|route| PROBES.contains(&route)) {
        return None;
    }
    let name = route.map_or_else(|| method.clone(), |route| format!("{method} {route}"));
    (span.name, span.span_kind) = (name.into(), SpanKind::Server);
    if status.is_some_and(|status| status >= 500) {
        span.status = Status::error("");
    }
    Some(span)
}
