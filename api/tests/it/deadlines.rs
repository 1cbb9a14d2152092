//! Clients that are slow or send too much, over bare sockets: each is cut, and told why where it can be.

use crate::support::{Backend, TestServer, within};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a slow client pauses before each byte.
const PACE: Duration = Duration::from_secs(1);

/// Sends the first part at once and the rest a byte a second, until the server has answered and closed.
async fn trickle(server: &TestServer, first: &str, rest: &str) -> String {
    let stream = TcpStream::connect(server.address).await.expect("a connection");
    let (mut reading, mut writing) = stream.into_split();
    writing.write_all(first.as_bytes()).await.expect("an open connection");
    let rest = rest.as_bytes().to_vec();
    let sender = actix_web::rt::spawn(async move {
        for byte in rest {
            tokio::time::sleep(PACE).await;
            if writing.write_all(&[byte]).await.is_err() {
                break;
            }
        }
        writing
    });
    let mut answer = Vec::new();
    // A reset is an end as well.
    let _ = within(reading.read_to_end(&mut answer)).await;
    sender.abort();
    String::from_utf8(answer).expect("text")
}

/// Sends it all, and reads until the server has answered and closed.
async fn send(server: &TestServer, request: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    // The server may close before it has read everything.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = within(stream.read_to_end(&mut answer)).await;
    String::from_utf8(answer).expect("text")
}

#[actix_web::test]
async fn a_slow_head_and_a_slow_body_are_cut() {
    let server = TestServer::start(Backend::Sqlite).await;
    let slow_body = format!(
        "POST /api/v1/auth/login HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\
         Connection: close\r\n\r\n{{",
        server.address
    );
    let letters = "a".repeat(60);
    let (head, nothing, body) = tokio::join!(
        trickle(&server, "GET /livez HTTP/1.1\r\nX-Slow: ", &letters),
        trickle(&server, "", ""),
        trickle(&server, &slow_body, &letters),
    );
    assert!(head.starts_with("HTTP/1.1 408"), "{head}");
    assert!(nothing.is_empty() || nothing.starts_with("HTTP/1.1 408"), "{nothing}");
    assert!(body.starts_with("HTTP/1.1 408") && body.contains("\"code\":\"request_timeout\""), "{body}");
    // Whoever is quick is served as ever.
    server.client().get("/livez").await.expect(200);
}

#[actix_web::test]
async fn a_head_that_is_too_large_is_refused() {
    let server = TestServer::start(Backend::Sqlite).await;
    let with = |size: usize| {
        let filling = "a".repeat(size);
        format!("GET /livez HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nX-Large: {filling}\r\n\r\n", server.address)
    };
    assert!(send(&server, &with(15 * 1024)).await.starts_with("HTTP/1.1 200"));
    let answer = send(&server, &with(17 * 1024)).await;
    assert!(answer.starts_with("HTTP/1.1 431") && answer.contains("\"code\":\"head_too_large\""), "{answer}");
    let address = "a".repeat(17 * 1024);
    let long = format!("GET /livez?{address} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", server.address);
    let answer = send(&server, &long).await;
    assert!(answer.contains("\"code\":\"head_too_large\""), "{answer}");
    // So large that the framework itself stops reading.
    let answer = send(&server, &with(300 * 1024)).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[actix_web::test]
async fn a_body_without_end_is_cut() {
    let server = TestServer::start(Backend::Sqlite).await;
    let head = format!(
        "POST /api/v1/auth/login HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Transfer-Encoding: chunked\r\n\r\n",
        server.address
    );
    let chunk = format!("10000\r\n{}\r\n", "a".repeat(0x10000));
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    stream.write_all(head.as_bytes()).await.expect("an open connection");
    let (mut reading, mut writing) = stream.into_split();
    let sender = actix_web::rt::spawn(async move { while writing.write_all(chunk.as_bytes()).await.is_ok() {} });
    let mut answer = Vec::new();
    let _ = within(reading.read_to_end(&mut answer)).await;
    sender.abort();
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer}");
}
