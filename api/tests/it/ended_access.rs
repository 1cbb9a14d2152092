//! What has ended does nothing any more, however the requests of before it are timed.

use crate::support::{Account, Backend, Client, TestServer, on_both_databases};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

on_both_databases!(
    a_request_that_is_held_back_does_not_outlive_its_session,
    a_sign_in_that_is_under_way_does_not_outlive_its_password,
    an_old_refresh_token_ends_what_it_was_copied_from_alone,
);

/// A POST of the account's that lacks its last byte.
async fn all_but_a_byte(account: &Account, path: &str, body: &str) -> TcpStream {
    let token = account.client.token.as_ref().expect("a token");
    let (start, _) = body.split_at(body.len() - 1);
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{start}",
        body.len()
    );
    let mut socket = TcpStream::connect(account.client.address).await.expect("a connection");
    socket.write_all(head.as_bytes()).await.expect("sent");
    socket
}

async fn a_request_that_is_held_back_does_not_outlive_its_session(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    let requests = [
        ("/api/v1/me/api-keys".to_owned(), r#"{"name":"Kept","scopes":["write"]}"#),
        ("/api/v1/watchlists".to_owned(), r#"{"name":"Kept"}"#),
        (format!("{list}/items"), r#"{"symbol":"AAPL"}"#),
    ];
    let sent = join_all(requests.iter().map(|(path, body)| all_but_a_byte(&account, path, body))).await;
    // So that the server has looked at who calls: it answers requests of one account in any order, but these came first.
    account.client.get("/api/v1/me").await.expect(200);
    let refresh = json!({ "refresh_token": account.refresh_token });
    server.client().post("/api/v1/auth/logout", &refresh).await.expect(204);
    for mut socket in sent {
        socket.write_all(b"}").await.expect("sent");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    }
    let login = json!({ "email": account.email, "password": account.password });
    let token = server.client().post("/api/v1/auth/login", &login).await.expect(200)["access_token"].clone();
    let again = Client { token: token.as_str().map(str::to_owned), ..server.client() };
    assert_eq!(again.get("/api/v1/me/api-keys").await.expect(200)["items"], json!([]));
    assert_eq!(again.get(&list).await.expect(200)["item_count"], 0);
}

async fn a_sign_in_that_is_under_way_does_not_outlive_its_password(backend: Backend) {
    let server = TestServer::start_with(backend, &["--login-per-minute", "0"]).await;
    let account = server.client().register().await;
    let login = json!({ "email": account.email, "password": account.password, "transport": "body" });
    let change = json!({ "current_password": account.password, "new_password": "tangerine sleeps on tuesdays" });
    let client = server.client();
    let sign_ins = join_all((0..6).map(|_| client.post("/api/v1/auth/login", &login)));
    let (sign_ins, changed) = tokio::join!(sign_ins, account.client.put("/api/v1/me/password", &change, None));
    changed.expect(204);
    for answer in sign_ins {
        if answer.status == 200 {
            let token = answer.json()["access_token"].as_str().map(str::to_owned);
            let signed_in = Client { token, ..server.client() };
            signed_in.get("/api/v1/me").await.refused(401, "unauthenticated");
        } else {
            answer.refused(401, "wrong_credentials");
        }
    }
    account.client.get("/api/v1/me").await.expect(200);
}

async fn an_old_refresh_token_ends_what_it_was_copied_from_alone(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let login = json!({ "email": account.email, "password": account.password, "transport": "body" });
    let other = server.client().post("/api/v1/auth/login", &login).await.expect(200);
    let other = Client { token: other["access_token"].as_str().map(str::to_owned), ..server.client() };
    let mut token = json!(account.refresh_token);
    for _ in 0..2 {
        let refreshed =
            server.client().post("/api/v1/auth/refresh", &json!({ "refresh_token": token })).await.expect(200);
        token = refreshed["refresh_token"].clone();
    }
    let copy = json!({ "refresh_token": account.refresh_token });
    let request = server.client().request(Method::POST, "/api/v1/auth/logout-all").json(&copy);
    server.client().send(request).await.refused(401, "invalid_refresh_token");
    account.client.get("/api/v1/me").await.refused(401, "unauthenticated");
    other.get("/api/v1/me").await.expect(200);
}
