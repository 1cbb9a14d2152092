//! Response headers that operations have in common, as components of the document.

use super::error_responses::has_parameter;
use super::schemas::ENTITY_TAGS;
use crate::http::middleware::request_id;
use serde_json::{Map, Value, json};

/// Each header: name, description, pattern and example.
const HEADERS: &[(&str, &str, &str, &str)] = &[
    (
        "X-Request-Id",
        "Names the request in the server's log: the caller's own name for it, or a new one.",
        request_id::PATTERN,
        "0193a1c2-7d5e-7c3a-9b1f-2f6f0c1d2e3f",
    ),
    ("ETag", "Names this state of the resource, for If-None-Match and If-Match.", "^\"[^\"]+\"$", "\"7\""),
    ("Location", "Where the new resource is.", "^/api/v1/", "/api/v1/watchlists/wl_01kaq2f8s5e8rvm0r2j5c4n6xt"),
    ("WWW-Authenticate", "What to send: a bearer token (RFC 6750).", "^Bearer ", "Bearer realm=\"watchtape\""),
    ("Retry-After", "After how many seconds to try again.", "^[1-9][0-9]*$", "3"),
    (
        "RateLimit",
        "What is left of the caller's allowance, and when there is more (IETF draft).",
        "^\"",
        "\"account\";r=599;t=1",
    ),
    (
        "RateLimit-Policy",
        "The caller's allowance: a quota in a window of seconds (IETF draft).",
        "^\"",
        "\"account\";q=600;w=60",
    ),
];

/// The headers, as components of the document.
pub(super) fn components() -> Value {
    let header = |(name, description, pattern, example): &(&str, &str, &str, &str)| {
        let schema = json!({ "type": "string", "pattern": pattern });
        ((*name).to_owned(), json!({ "description": description, "schema": schema, "example": example }))
    };
    HEADERS.iter().map(header).collect::<Map<_, _>>().into()
}

/// Describes `If-None-Match` at operations that answer 304.
pub(super) fn add_if_none_match(operation: &mut Value) {
    if operation["responses"].get("304").is_none() {
        return;
    }
    let parameter = json!({
        "name": "If-None-Match", "in": "header", "required": false,
        "description": "The ETag of an earlier answer: 304 where nothing has changed since",
        "schema": { "type": "string", "format": "entity-tags", "pattern": ENTITY_TAGS },
    });
    match operation.get_mut("parameters").and_then(Value::as_array_mut) {
        Some(parameters) => parameters.push(parameter),
        None => operation["parameters"] = json!([parameter]),
    }
}

/// Adds the headers to the responses of an operation.
pub(super) fn describe(path: &str, operation: &mut Value) {
    let is_conditional = has_parameter(operation, "header", "If-Match") || operation["responses"].get("304").is_some();
    let is_limited = path.starts_with("/api/v1/");
    for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        let mut names = vec!["X-Request-Id"];
        if is_limited {
            names.extend(["RateLimit", "RateLimit-Policy"]);
        }
        match status.as_str() {
            "200" | "304" if is_conditional => names.push("ETag"),
            "201" if is_conditional || response.get("links").is_some() => names.extend(["ETag", "Location"]),
            "401" => names.push("WWW-Authenticate"),
            "412" => names.push("ETag"),
            "429" | "503" => names.push("Retry-After"),
            _ => {}
        }
        for name in names {
            response["headers"][name] = json!({ "$ref": format!("#/components/headers/{name}") });
        }
    }
}
