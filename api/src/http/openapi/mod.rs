//! The OpenAPI 3.1 document: the handlers' annotations, completed with what all operations have in common.

mod error_responses;
mod examples;
mod headers;
mod links;
mod schemas;
mod webhooks;

use super::routes::Operations;
use serde_json::Value;
use std::sync::LazyLock;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use watchtape_shared::Problem;
use watchtape_shared::alert::AlertEvent;

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
        (name = "alerts", description = "What you want to be told of"),
        (name = "stream", description = "Prices as they come"),
        (name = "operations", description = "For operators and tools"),
    ),
    components(schemas(Problem, AlertEvent)),
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
    schemas::refine(&mut value);
    schemas::name_parts(&mut value["components"]["schemas"]);
    schemas::require_members(&mut value["components"]["schemas"]);
    value["components"]["headers"] = headers::components();
    let (operation_ids, schemas) = (operation_ids_of(&value), value["components"]["schemas"].clone());
    for (path, methods) in value["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in methods.as_object_mut().into_iter().flatten() {
            headers::add_if_none_match(operation);
            schemas::drop_nulls(operation);
            error_responses::add(path, method, operation);
            links::add(operation, &operation_ids);
            headers::describe(path, operation);
            examples::add(operation, &schemas);
        }
    }
    value["webhooks"] = webhooks::all();
    for methods in value["webhooks"].as_object_mut().into_iter().flatten().map(|(_, methods)| methods) {
        examples::add(&mut methods["post"], &schemas);
    }
    schemas::prune(&mut value);
    serde_json::from_value(value).expect("the document is still one")
}

fn operation_ids_of(document: &Value) -> Vec<String> {
    let methods = document["paths"].as_object().into_iter().flatten().filter_map(|(_, methods)| methods.as_object());
    methods.flatten().filter_map(|(_, operation)| operation["operationId"].as_str().map(str::to_owned)).collect()
}
