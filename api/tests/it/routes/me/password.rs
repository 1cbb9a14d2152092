//! `PUT /me/password`.

use crate::support::{Backend, TestServer, on_both_databases};
use diesel::connection::SimpleConnection;
use reqwest::Method;
use serde_json::json;

on_both_databases!(a_new_password_signs_every_other_device_out, a_wrong_current_password_changes_nothing);

const NEW: &str = "an altogether different horse";

async fn a_new_password_signs_every_other_device_out(backend: Backend) {
    let server = TestServer::start(backend).await;
    let here = server.client().register().await;
    let there = here.another_device().await;
    let (_, program) = here.make_key(&["read"]).await;
    let change = json!({ "current_password": here.password, "new_password": NEW });
    here.client.put("/api/v1/me/password", &change, None).await.expect(204);

    there.client.get("/api/v1/me").await.refused(401, "unauthenticated");
    let refresh = |token: &str| json!({ "refresh_token": token });
    let there = server.client().post("/api/v1/auth/refresh", &refresh(&there.refresh_token)).await;
    there.refused(401, "invalid_refresh_token");
    here.client.get("/api/v1/me").await.expect(200);
    server.client().post("/api/v1/auth/refresh", &refresh(&here.refresh_token)).await.expect(200);
    program.get("/api/v1/me").await.expect(200);

    let login = |password: &str| json!({ "email": here.email, "password": password });
    server.client().post("/api/v1/auth/login", &login(&here.password)).await.refused(401, "wrong_credentials");
    server.client().post("/api/v1/auth/login", &login(NEW)).await.expect(200);
    assert_eq!(here.trail_of("password_changed").await.len(), 1);
}

async fn a_wrong_current_password_changes_nothing(backend: Backend) {
    let server = TestServer::start(backend).await;
    let here = server.client().register().await;
    let there = here.another_device().await;
    let me = here.client.get("/api/v1/me").await.expect(200);
    let link = format!(
        "INSERT INTO password_resets (token_hash, user_id, created_at, expires_at) \
         VALUES ('x', {}, '2026-01-01 00:00:00', '2999-01-01 00:00:00')",
        me["id"].to_string().replace('"', "'")
    );
    server.connect().batch_execute(&link).expect("a link");
    // Of whatever length: the answer tells nothing of what passwords are like.
    for guess in ["not the password", "short", "", &"x".repeat(1_000)] {
        let change = json!({ "current_password": guess, "new_password": NEW });
        let refused = here.client.put("/api/v1/me/password", &change, None).await;
        assert_eq!(refused.refused(403, "wrong_password")["errors"][0]["pointer"], "/current_password");
        let change = json!({ "email": "new@example.com", "current_password": guess });
        here.client.patch("/api/v1/me", &change, None).await.refused(403, "wrong_password");
        let deletion = here.client.request(Method::DELETE, "/api/v1/me").json(&json!({ "password": guess }));
        here.client.send(deletion).await.refused(403, "wrong_password");
    }
    there.client.get("/api/v1/me").await.expect(200);
    here.another_device().await;
}
