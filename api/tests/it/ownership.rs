//! Someone else's id answers 404, on every route that has one: taken from the API's own description, so that a new route
//! cannot be forgotten. And every route that says it needs a token does.

use crate::support::client::MERGE_PATCH;
use crate::support::{Backend, TestServer, on_both_databases};
use reqwest::Method;
use serde_json::{Value, json};

on_both_databases!(another_accounts_ids_answer_404);

/// Every path, method and operation of the description.
pub(crate) fn operations() -> Vec<(String, Method, Value)> {
    let document: Value = serde_json::from_str(&watchtape::http::openapi::json()).expect("JSON");
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let method: Method = method.to_uppercase().parse().expect("a method");
            operations.push((path.clone(), method, operation.clone()));
        }
    }
    operations
}

async fn another_accounts_ids_answer_404(backend: Backend) {
    let server = TestServer::start(backend).await;
    let (owner, stranger) = (server.client().register().await, server.client().register().await);
    let list = owner.first_list().await;
    owner.add(&list, &["AAPL"]).await;
    let (key, _) = owner.make_key(&["read"]).await;
    let device = owner.client.get("/api/v1/me/sessions").await.expect(200)["items"][0]["id"].clone();
    let new_alert = json!({ "symbol": "AAPL", "condition": { "type": "above", "price": "900000" } });
    let alert = owner.client.post("/api/v1/alerts", &new_alert).await.expect(201);
    let hook = json!({ "type": "webhook", "url": "https://example.com/" });
    let destination = owner.client.post("/api/v1/me/destinations", &hook).await.expect(201);
    let owned = ["/api/v1/me/sessions", "/api/v1/me/api-keys", "/api/v1/me/destinations", "/api/v1/alerts"];
    let mut read = Vec::new();
    for path in owned {
        read.push(owner.client.get(path).await);
    }
    let before = (owner.client.get(&list).await, read);
    let mut tried = 0;
    for (path, method, operation) in operations().into_iter().filter(|(path, _, _)| path.contains("{id}")) {
        // Each kind by the owner's own: an id that is nobody's would prove nothing.
        let id = match kind_of_id(&operation) {
            "WatchlistId" => list.rsplit('/').next(),
            "SessionId" => device.as_str(),
            "KeyId" => key["id"].as_str(),
            "AlertId" => alert["id"].as_str(),
            "DestinationId" => destination["id"].as_str(),
            other => panic!("{method} {path}: what is the owner's {other}?"),
        };
        let path = path.replace("{id}", id.expect("an id")).replace("{symbol}", "AAPL") + &needed_query(&operation);
        let content = operation["requestBody"]["content"].as_object();
        let mut request = stranger.client.request(method.clone(), &path).header("If-Match", "\"2\"");
        if let Some((media_type, content)) = content.and_then(|content| content.iter().next()) {
            request = request.header("Content-Type", media_type).body(content["example"].to_string());
        }
        stranger.client.send(request).await.refused(404, "not_found");
        tried += 1;
    }
    assert!(tried >= 14, "{tried} routes have an id");
    let after = owner.client.get(&list).await;
    assert_eq!((after.text, after.headers.get("etag")), (before.0.text, before.0.headers.get("etag")));
    for (path, before) in owned.into_iter().zip(before.1) {
        assert_eq!(owner.client.get(path).await.text, before.text, "{path}");
    }
}

/// The schema of an operation's `id`.
pub(crate) fn kind_of_id(operation: &Value) -> &str {
    let parameters = operation["parameters"].as_array().expect("parameters");
    let id = parameters.iter().find(|parameter| parameter["name"] == "id").expect("an id");
    id["schema"]["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()).expect("a schema of its own")
}

/// The query parameters that an operation cannot do without, as its description shows them.
fn needed_query(operation: &Value) -> String {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let needed = parameters.filter(|parameter| parameter["in"] == "query" && parameter["required"] == true);
    let texts = needed.filter_map(|parameter| Some((parameter["name"].as_str()?, parameter["example"].as_str()?)));
    let texts: Vec<_> = texts.map(|(name, example)| format!("{name}={example}")).collect();
    if texts.is_empty() { String::new() } else { format!("?{}", texts.join("&")) }
}

#[actix_web::test]
async fn every_operation_says_who_may_call_it_and_means_it() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.client();
    for (path, method, operation) in operations() {
        let security =
            operation["security"].as_array().unwrap_or_else(|| panic!("{method} {path} declares no security"));
        let path = path.replace("{id}", "wl_01kaq2f8s5e8rvm0r2j5c4n6xt").replace("{symbol}", "AAPL");
        if security.iter().any(|one| one == &json!({})) {
            continue;
        }
        let request = client.request(method, &path).header("Content-Type", MERGE_PATCH);
        client.send(request).await.refused(401, "unauthenticated");
    }
}
