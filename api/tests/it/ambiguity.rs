//! What could be understood in two ways is refused: by us and the proxy before us, by one parser and the next, by a person
//! and the database.

use crate::support::{Backend, TestServer, within};
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends these bytes on a connection of their own, and reads until the server closes it.
async fn exchange(server: &TestServer, bytes: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    stream.write_all(bytes.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    // A reset takes the place of the end where the server had more to read.
    let _end_or_reset = within(stream.read_to_end(&mut answer)).await;
    String::from_utf8(answer).expect("text")
}

#[actix_web::test]
async fn a_body_whose_length_is_not_clear_ends_the_connection() {
    let server = TestServer::start(Backend::Sqlite).await;
    let smuggled = "0\r\n\r\nGET /livez HTTP/1.1\r\nHost: a\r\n\r\n";
    for lengths in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 4",
        "Content-Length: 4\r\nContent-Length: 5",
        "Content-Length: +4",
        "Content-Length : 4",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: xchunked",
        "X-Folded: a\r\n b\r\nContent-Length: 4",
    ] {
        let head = format!("POST /api/v1/auth/refresh HTTP/1.1\r\nHost: a\r\n{lengths}\r\n\r\n");
        let answer = exchange(&server, &format!("{head}{smuggled}")).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{lengths}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{lengths}: {answer}");
    }
}

#[actix_web::test]
async fn what_is_said_twice_is_refused() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.client().register().await;
    let twice = account.client.get("/api/v1/tickers?q=a&q=b").await;
    twice.refused(400, "invalid_query");
    let twice = account.client.request(Method::POST, "/api/v1/watchlists").header("Content-Type", "application/json");
    account.client.send(twice.body(r#"{"name":"One","name":"Two"}"#)).await.refused(422, "invalid");
    let lists = account.client.get("/api/v1/watchlists").await.expect(200);
    assert_eq!(lists["items"].as_array().map(Vec::len), Some(1));
}

#[actix_web::test]
async fn a_coded_body_is_refused_and_none_is_decoded() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.client().register().await;
    // `{"name":"a"}` by gzip, stored.
    let coded: &[u8] =
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x01\x0c\x00\xf3\xff{\"name\":\"a\"}\x96\x2b\x76\x8d\x0c\x00\x00\x00";
    let import = format!("{}/import", account.first_list().await);
    let (json, csv): (&[u8], &[u8]) = (br#"{"name":"a"}"#, b"symbol\nAAPL\n");
    for (path, kind, coding, body) in [
        ("/api/v1/watchlists", "application/json", "gzip", coded),
        ("/api/v1/watchlists", "application/json", "GZIP", coded),
        ("/api/v1/watchlists", "application/json", "identity, deflate", json),
        (import.as_str(), "text/csv", "br", csv),
    ] {
        let request = account.client.request(Method::POST, path).header("Content-Type", kind);
        let answer = account.client.send(request.header("Content-Encoding", coding).body(body.to_vec())).await;
        answer.refused(415, "unsupported_media_type");
        assert_eq!(answer.header("accept-encoding"), "identity");
    }
    let request = account.client.request(Method::POST, &import).header("Content-Type", "text/csv");
    let plain = request.header("Content-Encoding", "identity").body("symbol\nAAPL\n");
    account.client.send(plain).await.expect(200);
}

#[actix_web::test]
async fn a_request_is_never_echoed() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.client();
    for (path, status, code) in [("/api/v1/me", 405, "method_not_allowed"), ("/", 404, "not_found")] {
        let request = client.request(Method::TRACE, path).header("X-Secret", "hush-hush-hush");
        let answer = client.send(request).await;
        answer.refused(status, code);
        assert!(!answer.text.contains("hush-hush-hush"));
    }
}

#[actix_web::test]
async fn a_password_is_taken_as_it_was_typed() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.client();
    let password = format!(" Pässword with blanks, {} ", "and a long tail of it ".repeat(4));
    let credentials = |password: &str| json!({ "email": "typed@example.org", "password": password });
    client.post("/api/v1/auth/register", &credentials(&password)).await.expect(201);
    let cut: String = password.chars().take(72).collect();
    for near in [password.trim(), &password.to_lowercase(), &cut] {
        client.post("/api/v1/auth/login", &credentials(near)).await.refused(401, "wrong_credentials");
    }
    client.post("/api/v1/auth/login", &credentials(&password)).await.expect(200);
}
