//! `/me/sessions`, and signing out everywhere.

use crate::support::{Account, Backend, TestServer, on_both_databases};
use diesel::connection::SimpleConnection;
use reqwest::Method;
use serde_json::{Value, json};

on_both_databases!(
    devices_are_listed_and_signed_out_one_by_one,
    signing_out_everywhere_ends_every_device,
    an_account_has_a_hundred_devices,
);

async fn devices(account: &Account) -> Vec<Value> {
    let page = account.client.get("/api/v1/me/sessions").await.expect(200);
    assert_eq!(page["next_cursor"], Value::Null);
    page["items"].as_array().expect("devices").clone()
}

async fn devices_are_listed_and_signed_out_one_by_one(backend: Backend) {
    let server = TestServer::start(backend).await;
    let here = server.client().register().await;
    let there = here.another_device().await;
    let listed = devices(&here).await;
    assert_eq!(listed.len(), 2);
    assert_eq!([&listed[0]["is_current"], &listed[1]["is_current"]], [false, true], "the one used last is first");
    for device in &listed {
        assert!(device["id"].as_str().is_some_and(|id| id.starts_with("ses_")), "{device}");
        assert!(device["created_at"].is_string() && device["last_seen_at"].is_string(), "{device}");
        assert!(device["expires_at"].as_str() > device["last_seen_at"].as_str(), "{device}");
    }
    let path = format!("/api/v1/me/sessions/{}", listed[0]["id"].as_str().expect("an id"));
    here.client.delete(&path, None).await.expect(204);
    there.client.get("/api/v1/me").await.refused(401, "unauthenticated");
    let refresh = json!({ "refresh_token": there.refresh_token });
    server.client().post("/api/v1/auth/refresh", &refresh).await.refused(401, "invalid_refresh_token");
    here.client.delete(&path, None).await.refused(404, "not_found");
    assert_eq!(devices(&here).await.len(), 1);
    let noted = here.trail_of("session_revoked").await;
    assert_eq!((noted.len(), &noted[0]["session"]), (1, &listed[0]["id"]), "{noted:?}");
    assert!(noted[0]["address"].is_string() && noted[0]["request_id"].is_string(), "{noted:?}");

    // A device may sign itself out.
    let own = format!("/api/v1/me/sessions/{}", listed[1]["id"].as_str().expect("an id"));
    here.client.delete(&own, None).await.expect(204);
    here.client.get("/api/v1/me").await.refused(401, "unauthenticated");
}

async fn signing_out_everywhere_ends_every_device(backend: Backend) {
    let server = TestServer::start(backend).await;
    let client = server.client();
    let here = client.register().await;
    let there = here.another_device().await;
    let stranger = client.register().await;
    let (_, program) = here.make_key(&["read"]).await;
    let unknown = json!({ "refresh_token": "an.unknown one" });
    client.post("/api/v1/auth/logout-all", &unknown).await.refused(401, "invalid_refresh_token");
    here.client.get("/api/v1/me").await.expect(200);

    let left = client.post("/api/v1/auth/logout-all", &json!({ "refresh_token": here.refresh_token })).await;
    left.expect(204);
    assert!(left.header("set-cookie").contains("Max-Age=0"), "{left:?}");
    for account in [&here, &there] {
        account.client.get("/api/v1/me").await.refused(401, "unauthenticated");
        let refresh = json!({ "refresh_token": account.refresh_token });
        client.post("/api/v1/auth/refresh", &refresh).await.refused(401, "invalid_refresh_token");
    }
    stranger.client.get("/api/v1/me").await.expect(200);
    program.get("/api/v1/me").await.expect(200);
    assert_eq!(here.another_device().await.trail_of("signed_out_everywhere").await.len(), 1);

    // By cookie, a page of another origin may not.
    let login = json!({ "email": here.email, "password": here.password });
    let signed_in = client.post("/api/v1/auth/login", &login).await;
    let cookie = signed_in.headers.get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok());
    let cookie = cookie.filter_map(|cookie| cookie.split(';').next()).collect::<Vec<_>>().join("; ");
    let leave = || client.request(Method::POST, "/api/v1/auth/logout-all").header("Cookie", &cookie);
    client.send(leave().header("Origin", "http://evil.example.com")).await.refused(403, "forbidden_origin");
    client.send(leave()).await.expect(204);
    let refresh = client.request(Method::POST, "/api/v1/auth/refresh").header("Cookie", &cookie);
    client.send(refresh).await.refused(401, "invalid_refresh_token");
}

async fn an_account_has_a_hundred_devices(backend: Backend) {
    let server = TestServer::start(backend).await;
    let here = server.client().register().await;
    let me = here.client.get("/api/v1/me").await.expect(200);
    let mut statements = String::new();
    for minute in 0..99 {
        let id = watchtape::ids::session();
        statements += &format!(
            "INSERT INTO sessions (id, user_id, family_hash, token_hash, rotated_at, created_at, expires_at) VALUES \
             ('{id}', '{}', '{id}', '{id}', '2026-01-01 {:02}:{:02}:00', '2026-01-01 00:00:00', '2999-01-01 00:00:00');",
            me["id"].as_str().expect("an id"),
            minute / 60,
            minute % 60,
        );
    }
    server.connect().batch_execute(&statements).expect("devices");
    let before = devices(&here).await;
    assert_eq!(before.len(), 100);
    let newest = here.another_device().await;
    let after = devices(&newest).await;
    assert_eq!(after.len(), 100);
    assert_eq!((&after[0]["is_current"], &after[1]["id"]), (&json!(true), &before[0]["id"]));
    assert_eq!(after[99], before[98], "the one longest unused was signed out");
    assert_eq!(here.trail_of("session_revoked").await[0]["session"], before[99]["id"]);
}
