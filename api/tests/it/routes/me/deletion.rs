//! `DELETE /me`.

use crate::support::socket::Socket;
use crate::support::tables::tables_with;
use crate::support::{Account, Answer, Backend, TestServer, on_both_databases};
use diesel::connection::SimpleConnection;
use reqwest::Method;
use serde_json::json;

on_both_databases!(an_account_is_deleted_with_all_that_is_its_own, a_password_that_a_guest_sends_is_not_passed_over);

/// Every table with a row of an account's own.
const OWNED: [&str; 8] = [
    "api_keys",
    "audit_events",
    "idempotency_keys",
    "password_resets",
    "sessions",
    "users",
    "watchlist_items",
    "watchlists",
];

async fn delete(account: &Account, password: &str) -> Answer {
    let request = account.client.request(Method::DELETE, "/api/v1/me").json(&json!({ "password": password }));
    account.client.send(request).await
}

async fn a_password_that_a_guest_sends_is_not_passed_over(backend: Backend) {
    let server = TestServer::start(backend).await;
    let guest = server.client().begin_as_guest().await;
    delete(&guest, "nobody has this one").await.refused(403, "guest");
    guest.client.get("/api/v1/me").await.expect(200);
    let request = guest.client.request(Method::DELETE, "/api/v1/me").json(&json!({}));
    guest.client.send(request).await.expect(204);
}

async fn an_account_is_deleted_with_all_that_is_its_own(backend: Backend) {
    let server = TestServer::start(backend).await;
    let (account, other) = (server.client().register().await, server.client().register().await);
    let there = account.another_device().await;
    let list = account.first_list().await;
    account.add(&list, &["AAPL"]).await;
    other.add(&other.first_list().await, &["AAPL"]).await;
    let (_, program) = account.make_key(&["read"]).await;
    account.client.patch("/api/v1/me", &json!({ "display_name": "Ada" }), None).await.expect(200);
    let me = account.client.get("/api/v1/me").await.expect(200);
    let id = me["id"].as_str().expect("an id");
    let rest = format!(
        "INSERT INTO password_resets (token_hash, user_id, created_at, expires_at) \
         VALUES ('x', '{id}', '2026-01-01 00:00:00', '2999-01-01 00:00:00'); \
         INSERT INTO idempotency_keys (user_id, idempotency_key, request_hash, status, body, created_at) \
         VALUES ('{id}', 'x', 'x', 201, '', '2999-01-01 00:00:00');"
    );
    let mut connection = server.connect();
    connection.batch_execute(&rest).expect("rows");
    let its_own = [id, &account.email, list.rsplit('/').next().expect("an id")];
    assert_eq!(tables_with(&mut connection, &its_own), OWNED);

    let wrong = delete(&account, "not the password").await;
    assert_eq!(wrong.refused(403, "wrong_password")["errors"][0]["pointer"], "/password");
    let mut sockets = [Socket::open(&account.client).await, Socket::open(&program).await];
    let gone = delete(&account, &account.password).await;
    gone.expect(204);
    assert!(gone.header("set-cookie").contains("Max-Age=0"), "{gone:?}");
    assert!(tables_with(&mut connection, &its_own).is_empty());
    for client in [&account.client, &there.client, &program] {
        client.get("/api/v1/me").await.refused(401, "unauthenticated");
    }
    for socket in &mut sockets {
        assert_eq!(socket.closed().await, 4409);
    }
    assert_eq!(other.symbols(&other.first_list().await).await, ["AAPL"]);
    let again = json!({ "email": account.email, "password": account.password });
    server.client().post("/api/v1/auth/register", &again).await.expect(201);
}
