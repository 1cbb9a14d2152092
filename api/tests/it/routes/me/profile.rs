//! `PATCH /me`.

use crate::support::{Backend, TestServer, on_both_databases};
use serde_json::json;

on_both_databases!(a_name_is_changed_at_will, a_new_address_needs_the_password);

async fn a_name_is_changed_at_will(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let before = account.client.get("/api/v1/me").await.expect(200);
    account.client.patch("/api/v1/me", &json!({}), None).await.refused(422, "invalid");
    assert!(account.trail_of("profile_changed").await.is_empty(), "nothing was changed");

    let changed = account.client.patch("/api/v1/me", &json!({ "display_name": " Ada " }), None).await.expect(200);
    assert_eq!((changed["display_name"].as_str(), &changed["email"]), (Some("Ada"), &before["email"]));
    assert_eq!(account.client.get("/api/v1/me").await.expect(200), changed);
    let noted = account.trail_of("profile_changed").await;
    assert_eq!((noted.len(), noted[0]["detail"].as_str()), (1, Some("display_name")));
}

async fn a_new_address_needs_the_password(backend: Backend) {
    let server = TestServer::start(backend).await;
    let (account, other) = (server.client().register().await, server.client().register().await);
    let email = format!("new.{}", account.email);
    let patch = |email: &str, password: &str| json!({ "email": email, "current_password": password });

    let bare = account.client.patch("/api/v1/me", &json!({ "email": email }), None).await;
    assert_eq!(bare.refused(422, "invalid")["errors"][0]["pointer"], "/current_password");
    let wrong = account.client.patch("/api/v1/me", &patch(&email, "not the password"), None).await;
    assert_eq!(wrong.refused(403, "wrong_password")["errors"][0]["pointer"], "/current_password");
    account.client.patch("/api/v1/me", &patch(&other.email, &account.password), None).await.refused(409, "email_taken");
    assert_eq!(account.client.get("/api/v1/me").await.expect(200)["email"], account.email);

    let changed = account.client.patch("/api/v1/me", &patch(&email, &account.password), None).await.expect(200);
    assert_eq!(changed["email"], email);
    let login = |email: &str| json!({ "email": email, "password": account.password });
    server.client().post("/api/v1/auth/login", &login(&email)).await.expect(200);
    server.client().post("/api/v1/auth/login", &login(&account.email)).await.refused(401, "wrong_credentials");
    assert_eq!(account.trail_of("profile_changed").await[0]["detail"], "email");
}
