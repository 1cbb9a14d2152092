//! The OpenAPI 3.1 document: the handlers' descriptions, and what is true of every operation alike.

use crate::error::Code;
use crate::routes::Operations;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use watchtape_shared::Problem;
use watchtape_shared::problem::CONTENT_TYPE;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Watchtape",
        description = "A self-hosted, real-time stock watchlist platform.\n\nEvery refusal is `application/problem+json` \
            with a stable `code`. Times are RFC 3339 in UTC, prices decimal strings with their currency. \
            Sign in, then send `Authorization: Bearer` with the access token.",
        license(name = "MIT", identifier = "MIT"),
    ),
    servers((url = "/", description = "This server")),
    tags(
        (name = "auth", description = "Signing up, in and out"),
        (name = "account", description = "Your account"),
        (name = "tickers", description = "The catalogue of securities"),
        (name = "prices", description = "Last values and the state of the market"),
        (name = "watchlists", description = "Your lists and their items"),
        (name = "stream", description = "Prices as they come"),
        (name = "operations", description = "For operators and tools"),
    ),
    components(schemas(Problem)),
)]
struct Document;

static DOCUMENT: LazyLock<utoipa::openapi::OpenApi> = LazyLock::new(build);

/// The document as JSON.
pub fn json() -> String {
    DOCUMENT.to_json().expect("the document is plain data")
}

/// The document as YAML, as it is committed.
pub fn yaml() -> String {
    DOCUMENT.to_yaml().expect("the document is plain data")
}

/// The document as a value.
pub fn document() -> utoipa::openapi::OpenApi {
    DOCUMENT.clone()
}

fn build() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    document.merge(Operations::openapi());
    let components = document.components.get_or_insert_default();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
    let bearer = bearer.description(Some("An access token, from signing in or a refresh.")).build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let api_key = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("wt_…");
    let api_key = api_key.description(Some("An API key of the account's, for programs.")).build();
    components.add_security_scheme("api_key", SecurityScheme::Http(api_key));
    let mut value = serde_json::to_value(&document).expect("the document is JSON");
    let schemas = value["components"]["schemas"].clone();
    for (path, methods) in value["paths"].as_object_mut().into_iter().flatten() {
        for operation in methods.as_object_mut().into_iter().flatten().map(|(_, operation)| operation) {
            add_refusals(path, operation);
            add_examples(operation, &schemas);
        }
    }
    serde_json::from_value(value).expect("the document is still one")
}

/// Gives every refusal its form, and adds those that any operation of this shape may answer with.
fn add_refusals(path: &str, operation: &mut Value) {
    let mut codes = vec![];
    let needs_token =
        operation["security"].as_array().is_some_and(|security| security.iter().any(|one| one != &json!({})));
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let takes = |place: &str| parameters.iter().any(|parameter| parameter["in"] == place);
    let conditional = parameters.iter().any(|parameter| parameter["name"] == "If-Match");
    let has_body = operation.get("requestBody").is_some();
    if needs_token {
        codes.push(Code::Unauthenticated);
    }
    if takes("query") {
        codes.push(Code::InvalidQuery);
    }
    if takes("path") {
        codes.push(Code::NotFound);
    }
    if conditional {
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
    if path.starts_with("/api/v1/auth/") {
        codes.push(Code::ForbiddenOrigin);
    }
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    for code in codes {
        let status = code.status().as_str().to_owned();
        responses.entry(status).or_insert_with(|| json!({ "description": code.title() }));
    }
    if parameters.iter().any(|parameter| parameter["name"] == "Idempotency-Key") {
        for code in [Code::IdempotencyInProgress, Code::IdempotencyKeyReused] {
            add_cause(responses, code);
        }
    }
    for (status, response) in responses.iter_mut() {
        let Some(code) = refusal_of(status) else { continue };
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

/// Names one more cause of a status that may have others.
fn add_cause(responses: &mut Map<String, Value>, code: Code) {
    let response = responses.entry(code.status().as_str()).or_insert_with(|| json!({}));
    let described = match response["description"].as_str() {
        Some(others) => format!("{others}; or {}", code.as_str()),
        None => code.title().to_owned(),
    };
    response["description"] = described.into();
}

/// The commonest code of a status that refuses.
fn refusal_of(status: &str) -> Option<Code> {
    Code::ALL.iter().copied().find(|code| code.status().as_str() == status)
}

/// Gives every body an example, made of its schema's own.
fn add_examples(operation: &mut Value, schemas: &Value) {
    let request = operation.get_mut("requestBody").and_then(|body| body.get_mut("content"));
    let mut contents: Vec<&mut Value> = Vec::new();
    let mut rest = Vec::new();
    if let Some(request) = request {
        contents.push(request);
        fill(&mut contents, schemas);
    }
    if let Some(responses) = operation["responses"].as_object_mut() {
        rest.extend(responses.values_mut().filter_map(|response| response.get_mut("content")));
        fill(&mut rest, schemas);
    }
}

fn fill(contents: &mut [&mut Value], schemas: &Value) {
    for content in contents.iter_mut().filter_map(|content| content.as_object_mut()) {
        for media in content.values_mut().filter_map(Value::as_object_mut) {
            let example = media.get("schema").map(|schema| example_of(schema, schemas));
            if let Some(example) = example.filter(|_| !media.contains_key("example")) {
                media.insert("example".to_owned(), example);
            }
        }
    }
}

fn example_of(schema: &Value, schemas: &Value) -> Value {
    if let Some(example) = schema.get("example").or_else(|| schema["examples"].get(0)) {
        return example.clone();
    }
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return example_of(&schemas[name], schemas);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut whole = Map::new();
        for part in parts {
            whole.extend(example_of(part, schemas).as_object().cloned().unwrap_or_default());
        }
        return whole.into();
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let choice = choices.iter().find(|choice| choice["type"] != "null");
        return choice.map_or(Value::Null, |choice| example_of(choice, schemas));
    }
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"].get(0)?.as_str());
    match kind {
        Some("object") => {
            let properties = schema["properties"].as_object().into_iter().flatten();
            properties
                .map(|(name, property)| (name.clone(), example_of(property, schemas)))
                .collect::<Map<_, _>>()
                .into()
        }
        Some("array") => json!([example_of(&schema["items"], schemas)]),
        Some("string") if schema["format"] == "date-time" => json!("2026-11-20T15:30:00Z"),
        Some("string") => json!("…"),
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(false),
        _ => Value::Null,
    }
}
