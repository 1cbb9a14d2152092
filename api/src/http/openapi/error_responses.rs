//! The error responses of each operation: those that its handler declares, and those that follow from its method, path,
//! parameters, security and body.

use crate::http::error_codes::Code;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use watchtape_shared::problem::CONTENT_TYPE;

/// Adds the implied error responses, and describes every error response as problem details with an example.
pub(super) fn add(path: &str, method: &str, operation: &mut Value) {
    let mut codes = vec![Code::HeadTooLarge];
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let has = |location: &str| parameters.iter().any(|parameter| parameter["in"] == location);
    let is_conditional = has_parameter(operation, "header", "If-Match");
    let has_body = operation.get("requestBody").is_some();
    if path.starts_with("/api/v1/") {
        codes.push(Code::TooManyRequests);
    }
    if accepts(operation, "bearer") {
        codes.push(Code::Unauthenticated);
    }
    match (accepts(operation, "bearer"), accepts(operation, "api_key")) {
        (true, false) => codes.push(Code::SessionRequired),
        (_, true) if method != "get" => codes.push(Code::InsufficientScope),
        _ => {}
    }
    if has("query") {
        codes.push(Code::InvalidQuery);
    }
    if has("path") {
        codes.push(Code::NotFound);
    }
    let is_idempotent = has_parameter(operation, "header", "Idempotency-Key");
    if is_idempotent || has_parameter(operation, "header", "If-None-Match") {
        codes.push(Code::BadRequest);
    }
    if is_conditional {
        codes.extend([Code::BadRequest, Code::VersionMismatch]);
    }
    if has_body {
        codes.extend([
            Code::MalformedJson,
            Code::RequestTimeout,
            Code::TooLarge,
            Code::UnsupportedMediaType,
            Code::Invalid,
        ]);
    }
    // Reads are allowed from any page.
    if path.starts_with("/api/v1/auth/") && method != "get" {
        codes.push(Code::ForbiddenOrigin);
    }
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    let mut implied = HashMap::new();
    for code in codes {
        let status = code.status().as_str().to_owned();
        responses.entry(status.clone()).or_insert_with(|| {
            implied.insert(status, code);
            json!({ "description": code.title() })
        });
    }
    if is_idempotent {
        add_cause(responses, Code::IdempotencyInProgress);
        add_cause(responses, Code::IdempotencyKeyReused);
    }
    for (status, response) in responses.iter_mut() {
        let described = response["description"].as_str().unwrap_or_default();
        let code = implied.get(status).copied().or_else(|| code_named_in(described)).or_else(|| first_code_of(status));
        let Some(code) = code else { continue };
        let example = json!({
            "type": format!("urn:watchtape:problem:{}", code.as_str()),
            "title": code.title(),
            "status": code.status().as_u16(),
            "detail": response["description"],
            "code": code.as_str(),
            "request_id": "0193a1c2-7d5e-7c3a-9b1f-2f6f0c1d2e3f",
        });
        response["content"] = json!({
            CONTENT_TYPE: { "schema": { "$ref": "#/components/schemas/Problem" }, "example": example }
        });
    }
    responses.sort_keys();
}

/// Adds a cause to the description of a status that may have others.
fn add_cause(responses: &mut Map<String, Value>, code: Code) {
    let response = responses.entry(code.status().as_str()).or_insert_with(|| json!({}));
    let described = match response["description"].as_str() {
        Some(others) => format!("{others}; or {}", code.as_str()),
        None => code.title().to_owned(),
    };
    response["description"] = described.into();
}

/// The code that a description begins with.
fn code_named_in(description: &str) -> Option<Code> {
    let name = description.strip_prefix('`')?.split('`').next()?;
    Code::ALL.iter().copied().find(|code| code.as_str() == name)
}

/// The first code of a status in the error table.
fn first_code_of(status: &str) -> Option<Code> {
    Code::ALL.iter().copied().find(|code| code.status().as_str() == status)
}

/// Whether an operation accepts this kind of token.
fn accepts(operation: &Value, scheme: &str) -> bool {
    operation["security"].as_array().into_iter().flatten().any(|one| one.get(scheme).is_some())
}

/// Whether an operation has a parameter of this name.
pub(super) fn has_parameter(operation: &Value, location: &str, name: &str) -> bool {
    let mut parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters.any(|parameter| parameter["in"] == location && parameter["name"] == name)
}
