//! What an API key may do, on every operation: taken from the API's own description, so that a new route cannot be
//! forgotten. A key may only read, change lists, or neither, and that is what the description has to say.

use crate::ownership::operations;
use crate::support::{Account, Backend, Client, TestServer, on_both_databases};
use diesel::connection::SimpleConnection;
use reqwest::Method;
use serde_json::{Value, json};
use watchtape::auth::api_keys;
use watchtape::ids;

on_both_databases!(a_key_may_do_what_each_operation_says_and_no_more);

/// Whom an operation says that it serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Served {
    /// Whoever has signed in or has a key.
    KeysToo,
    /// Whoever has signed in.
    SessionsAlone,
    /// Everybody.
    Everybody,
}

/// What changes nothing, although its question is a body.
const READ_BY_POST: [&str; 1] = ["/api/v1/alerts/preview"];

fn served(name: &str, operation: &Value) -> Served {
    let security = operation["security"].as_array().unwrap_or_else(|| panic!("{name} declares no security"));
    let ways: Vec<&str> =
        security.iter().flat_map(|way| way.as_object().expect("a way").keys()).map(String::as_str).collect();
    let open = security.contains(&json!({}));
    match ways[..] {
        ["bearer", "api_key"] => Served::KeysToo,
        ["bearer"] if !open => Served::SessionsAlone,
        [] if open => Served::Everybody,
        // By a refresh token in its body, or by an access token.
        ["bearer"] => Served::Everybody,
        _ => panic!("{name}: nobody can call it as its security says: {security:?}"),
    }
}

async fn a_key_may_do_what_each_operation_says_and_no_more(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    account.add(&list, &["AAPL"]).await;
    let before = account.client.get(&list).await;
    let (reads, writes) = (key(&server, &account, "read").await, key(&server, &account, "read write").await);
    let (mut read, mut refused, mut for_sessions) = (0, 0, 0);
    for (path, method, operation) in operations() {
        let name = format!("{method} {path}");
        let served = served(&name, &operation);
        let path = path.replace("{id}", list.rsplit('/').next().expect("an id")).replace("{symbol}", "AAPL");
        // A body that would be taken: what is refused is the key.
        let content = operation["requestBody"]["content"].as_object().and_then(|content| content.iter().next());
        let send = async |client: &Client| {
            let mut request = client.request(method.clone(), &path).header("If-Match", "\"2\"");
            if let Some((media_type, content)) = content {
                request = request.header("Content-Type", media_type).body(content["example"].to_string());
            }
            client.send(request).await
        };
        match served {
            Served::KeysToo if method == Method::GET || READ_BY_POST.contains(&path.as_str()) => {
                let status = send(&reads).await.status.as_u16();
                assert!(![401, 403].contains(&status), "{name}: {status}");
                read += 1;
            }
            Served::KeysToo => {
                send(&reads).await.refused(403, "insufficient_scope");
                refused += 1;
            }
            Served::SessionsAlone => {
                for client in [&reads, &writes] {
                    send(client).await.refused(403, "session_required");
                }
                for_sessions += 1;
            }
            Served::Everybody => {}
        }
    }
    assert!(
        read >= 8 && refused >= 7 && for_sessions >= 1,
        "{read} read, {refused} change, {for_sessions} for sessions"
    );
    let after = account.client.get(&list).await;
    assert_eq!((after.text, after.headers.get("etag")), (before.text, before.headers.get("etag")));
    writes.post(&format!("{list}/items"), &json!({ "symbol": "MSFT" })).await.expect(201);
    assert_eq!(account.symbols(&list).await.len(), 2);
}

/// A client that calls by a key of these scopes.
async fn key(server: &TestServer, account: &Account, scopes: &str) -> Client {
    let owner = account.client.get("/api/v1/me").await.expect(200)["id"].clone();
    let key = api_keys::from_random_bytes(&rand::random());
    let row = format!(
        "INSERT INTO api_keys (id, user_id, name, key_hash, hint, scopes, created_at) \
         VALUES ('{}', '{}', 'A program', '{}', '{}', '{scopes}', '2026-01-01 00:00:00')",
        ids::key(),
        owner.as_str().expect("an id"),
        api_keys::hash_of(&key).expect("a key"),
        api_keys::hint_of(&key),
    );
    server.connect().batch_execute(&row).expect("a key's row");
    Client { token: Some(key), ..account.client.clone() }
}
