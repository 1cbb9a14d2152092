//! `/me/api-keys`, and what a key may do.

use crate::support::socket::Socket;
use crate::support::{Account, Backend, Client, TestServer, on_both_databases};
use chrono::{TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use reqwest::Method;
use serde_json::{Value, json};
use watchtape::db::account_status;

on_both_databases!(
    a_key_is_shown_once_and_calls_within_its_scopes,
    a_key_manages_nothing,
    a_key_that_has_ended_opens_nothing,
    an_account_has_fifty_keys,
    a_repeated_request_makes_one_key_and_shows_it_again,
);

async fn listed(account: &Account) -> Vec<Value> {
    let page = account.client.get("/api/v1/me/api-keys").await.expect(200);
    page["items"].as_array().expect("keys").clone()
}

async fn a_key_is_shown_once_and_calls_within_its_scopes(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let new = json!({ "name": " Sheet ", "scopes": ["read", "read"], "expires_at": "2036-01-01T00:00:00Z" });
    let made = account.client.post("/api/v1/me/api-keys", &new).await;
    let key = made.expect(201);
    assert_eq!(made.header("cache-control"), "no-store");
    assert_eq!(made.header("location"), format!("/api/v1/me/api-keys/{}", key["id"].as_str().expect("an id")));
    let read = account.client.get(made.header("location")).await.expect(200);
    assert_eq!((&read["id"], &read["name"], read.get("key")), (&key["id"], &key["name"], None));
    account.client.get("/api/v1/me/api-keys/key_01m81g67tve139fgyt8wq4f9sk").await.refused(404, "not_found");
    assert_eq!((&key["name"], &key["scopes"]), (&json!("Sheet"), &json!(["read"])));
    let text = key["key"].as_str().expect("the key");
    assert!(text.starts_with("wt_") && text.ends_with(key["hint"].as_str().expect("a hint")), "{text}");
    let mut kept = key.clone();
    kept.as_object_mut().expect("an object").remove("key");
    assert_eq!(listed(&account).await, [kept]);

    let reader = Client { token: Some(text.to_owned()), ..server.client() };
    assert_eq!(reader.get("/api/v1/me").await.expect(200)["email"], account.email);
    let refused = reader.post("/api/v1/watchlists", &json!({ "name": "New" })).await;
    refused.refused(403, "insufficient_scope");
    assert!(refused.header("www-authenticate").contains("error=\"insufficient_scope\", scope=\"write\""));
    let (_, writer) = account.make_key(&["write"]).await;
    writer.post("/api/v1/watchlists", &json!({ "name": "New" })).await.expect(201);
    let mut socket = Socket::open(&reader).await;
    socket.subscribe(&["AAPL"]).await;
    assert_eq!(socket.next_of("subscribed").await["symbols"], json!(["AAPL"]));
    assert_eq!(account.trail_of("key_created").await.len(), 2);
}

async fn a_key_manages_nothing(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let (key, program) = account.make_key(&["read", "write"]).await;
    let device = account.client.get("/api/v1/me/sessions").await.expect(200)["items"][0].clone();
    let document: Value = serde_json::from_str(&watchtape::http::openapi::json()).expect("JSON");
    let mut tried = 0;
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            if operation["security"] != json!([{ "bearer": [] }]) {
                continue;
            }
            let id = if path.contains("/sessions/") { &device["id"] } else { &key["id"] };
            let path = path.replace("{id}", id.as_str().expect("an id"));
            let method: Method = method.to_uppercase().parse().expect("a method");
            let mut request = program.request(method, &path);
            let body = operation["requestBody"]["content"].as_object().and_then(|content| content.iter().next());
            if let Some((media_type, content)) = body {
                request = request.header("Content-Type", media_type).body(content["example"].to_string());
            }
            program.send(request).await.refused(403, "session_required");
            tried += 1;
        }
    }
    assert!(tried >= 11, "{tried} operations are for people alone");
    assert_eq!(listed(&account).await.len(), 1);
}

async fn a_key_that_has_ended_opens_nothing(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    for (field, spoiled) in [
        ("expires_at", json!("2020-01-01T00:00:00Z")),
        ("expires_at", json!("+12000-01-01T00:00:00Z")),
        ("scopes", json!([])),
        ("scopes", json!(["admin"])),
        ("name", json!("")),
    ] {
        let mut new = json!({ "name": "A program", "scopes": ["read"] });
        new[field] = spoiled;
        let refused = account.client.post("/api/v1/me/api-keys", &new).await.refused(422, "invalid");
        assert!(refused["errors"][0]["pointer"].as_str().is_some_and(|at| at[1..].starts_with(field)), "{refused}");
    }
    let (revoked, by_revoked) = account.make_key(&["read"]).await;
    let path = format!("/api/v1/me/api-keys/{}", revoked["id"].as_str().expect("an id"));
    account.client.delete(&path, None).await.expect(204);
    by_revoked.get("/api/v1/me").await.refused(401, "unauthenticated");
    account.client.delete(&path, None).await.refused(404, "not_found");
    assert_eq!(account.trail_of("key_revoked").await[0]["api_key"], revoked["id"]);

    let (_, by_expired) = account.make_key(&["read"]).await;
    server.connect().batch_execute("UPDATE api_keys SET expires_at = '2020-01-01 00:00:00'").expect("a change");
    by_expired.get("/api/v1/me").await.refused(401, "unauthenticated");

    let (_, barred) = account.make_key(&["read"]).await;
    let email = account.email.parse().expect("an address");
    account_status::disable(&mut server.connect(), &email).expect("a change");
    barred.get("/api/v1/me").await.refused(401, "unauthenticated");
}

async fn a_repeated_request_makes_one_key_and_shows_it_again(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let make = || async {
        let request = account.client.request(Method::POST, "/api/v1/me/api-keys").header("Idempotency-Key", "k-1");
        account.client.send(request.json(&json!({ "name": "Once", "scopes": ["read"] }))).await
    };
    let (first, again) = (make().await, make().await);
    assert_eq!((first.expect(201), first.header("idempotency-replayed")), (again.expect(201), ""));
    assert_eq!((again.header("idempotency-replayed"), again.header("cache-control")), ("true", "no-store"));
    assert_eq!(listed(&account).await.len(), 1);
    let token = first.json()["key"].as_str().map(str::to_owned);
    let program = Client { token, ..server.client() };
    program.get("/api/v1/watchlists").await.expect(200);
}

async fn an_account_has_fifty_keys(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    for _ in 0..50 {
        account.make_key(&["read"]).await;
    }
    let new = json!({ "name": "One more", "scopes": ["read"] });
    account.client.post("/api/v1/me/api-keys", &new).await.refused(409, "too_many_keys");
    let keys = listed(&account).await;
    assert_eq!(keys.len(), 50);
    let path = format!("/api/v1/me/api-keys/{}", keys[0]["id"].as_str().expect("an id"));
    account.client.delete(&path, None).await.expect(204);
    account.client.post("/api/v1/me/api-keys", &new).await.expect(201);
}

#[actix_web::test]
async fn a_stream_lives_no_longer_than_its_key() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.client().register().await;
    let new = json!({ "name": "Short", "scopes": ["read"], "expires_at": Utc::now() + TimeDelta::hours(1) });
    let key = account.client.post("/api/v1/me/api-keys", &new).await.expect(201);
    let program = Client { token: key["key"].as_str().map(str::to_owned), ..server.client() };
    // Long enough to connect with it; the second in which it ends may have begun.
    let soon = (Utc::now() + TimeDelta::seconds(5)).format("%Y-%m-%d %H:%M:%S");
    server.connect().batch_execute(&format!("UPDATE api_keys SET expires_at = '{soon}'")).expect("a change");
    assert_eq!(Socket::open(&program).await.closed().await, 4401);
}
