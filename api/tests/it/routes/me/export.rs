//! `GET /me/export`.

use crate::support::{Backend, TestServer, on_both_databases};
use diesel::connection::SimpleConnection;
use reqwest::Method;
use serde_json::{Value, json};
use watchtape_shared::audit::EventKind;
use watchtape_shared::export::AccountExport;

on_both_databases!(an_export_holds_everything_but_secrets);

async fn an_export_holds_everything_but_secrets(backend: Backend) {
    let server = TestServer::start(backend).await;
    let (account, other) = (server.client().register().await, server.client().register().await);
    let (first, me) = (account.first_list().await, account.client.get("/api/v1/me").await.expect(200));
    account.add(&first, &["AAPL", "MSFT"]).await;
    account.client.post("/api/v1/watchlists", &json!({ "name": "Empty" })).await.expect(201);
    let (key, _) = account.make_key(&["read"]).await;
    // More of the trail than is read at a time.
    let events: String = (0..1_100)
        .map(|_| {
            let (id, owner) = (watchtape::ids::event(), me["id"].as_str().expect("an id"));
            format!(
                "INSERT INTO audit_events (id, user_id, at, kind) \
                 VALUES ('{id}', '{owner}', '2026-01-01 00:00:00', 'signed_in');"
            )
        })
        .collect();
    server.connect().batch_execute(&events).expect("a trail");

    // Who asks for the head alone exports nothing: of this the trail says nothing.
    let head = account.client.send(account.client.request(Method::HEAD, "/api/v1/me/export")).await;
    assert_eq!((head.status.as_u16(), head.header("content-type")), (200, "application/json"));
    let answer = account.client.get("/api/v1/me/export").await;
    let read: Value = answer.expect(200);
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"watchtape-account.json\"");
    assert_eq!((answer.header("content-type"), answer.header("cache-control")), ("application/json", "no-store"));
    let export: AccountExport = serde_json::from_value(read.clone()).expect("what its description says");
    assert_eq!(serde_json::to_value(&export).expect("JSON"), read, "and nothing beside it");
    assert_eq!(read["user"], me);
    assert_eq!((export.devices.len(), export.api_keys.len()), (1, 1));
    assert_eq!(export.watchlists.iter().map(|list| list.items.len()).collect::<Vec<_>>(), [2, 0]);
    assert_eq!(read["watchlists"][0], account.client.get(&first).await.expect(200));
    assert!(export.audit_events.len() > 1_100);
    assert!(export.audit_events.is_sorted_by(|a, b| a.id > b.id), "the newest first, each once");
    assert_eq!(export.audit_events.iter().filter(|event| event.kind == EventKind::AccountExported).count(), 1);

    let token = account.client.token.as_ref().expect("a token");
    for secret in
        [&account.password, &account.refresh_token, token, key["key"].as_str().expect("a key"), "$argon2", "_hash"]
    {
        assert!(!answer.text.contains(secret), "{secret}");
    }
    assert!(!answer.text.contains(&other.email));
}
