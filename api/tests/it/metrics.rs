//! What a scraper reads: requests by their route, what no client can make grow, and who may read it.

use crate::support::postgres::free_port;
use crate::support::socket::Socket;
use crate::support::{Backend, Client, TestServer, until};
use reqwest::Method;
use std::collections::BTreeSet;
use std::path::Path;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The lines of a metric.
fn lines_of<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    text.lines()
        .filter(|line| line.starts_with(&format!("{name}{{")) || line.starts_with(&format!("{name} ")))
        .collect()
}

/// The value of the line that has all of these labels.
fn value(text: &str, name: &str, labels: &[&str]) -> Option<f64> {
    let line = lines_of(text, name).into_iter().find(|line| labels.iter().all(|label| line.contains(label)))?;
    line.rsplit(' ').next()?.parse().ok()
}

async fn metrics_of(client: &Client) -> String {
    let answer = client.get("/metrics").await;
    assert_eq!(answer.status.as_u16(), 200, "{answer:?}");
    answer.text
}

#[actix_web::test]
async fn requests_are_counted_by_route_and_class() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.client().register().await;
    let (list, ada) = (account.first_list().await, account.client);
    for _ in 0..3 {
        ada.get(&list).await.expect(200);
    }
    ada.get("/api/v1/watchlists/wl_00000000000000000000000000").await;
    server.client().get("/api/v1/me").await.expect(401);
    let name = "watchtape_http_request_duration_seconds_count";
    let list_route = r#"route="/api/v1/watchlists/{id}""#;
    // An answer is counted once all of it was sent, which its client sees a moment before.
    until("the requests are counted", async || {
        let text = metrics_of(&server.client()).await;
        value(&text, name, &[list_route, r#"method="GET""#, r#"status="2xx""#]) == Some(3.0)
            && value(&text, name, &[list_route, r#"status="4xx""#]) == Some(1.0)
            && value(&text, name, &[r#"route="/api/v1/me""#, r#"status="4xx""#]) == Some(1.0)
    })
    .await;
    let text = metrics_of(&server.client()).await;
    assert!(value(&text, "watchtape_http_response_bytes_total", &[list_route]) > Some(300.0), "{text}");
    assert_eq!(value(&text, "watchtape_http_requests_in_flight", &[]), Some(1.0), "the one that reads this");
}

/// A request that nothing is there for: a path of its own, and now and then a method of its own.
fn unknown_request(at: usize) -> String {
    let path = if at.is_multiple_of(2) { format!("/nothing/{at}") } else { format!("/api/v1/nothing/{at}?{at}") };
    let method = if at.is_multiple_of(5) { format!("M{at}") } else { "GET".to_owned() };
    format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

#[actix_web::test]
async fn no_client_makes_the_metrics_grow() {
    const PATHS: usize = 10_000;
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.client();
    client.get("/nothing").await;
    let method = Method::from_bytes(b"BREW").expect("a method");
    client.send(client.request(method, "/api/v1/coffee")).await;
    let before = metrics_of(&client).await.lines().count();
    let mut socket = TcpStream::connect(server.address).await.expect("a connection");
    let numbers: Vec<usize> = (0..PATHS).collect();
    for portion in numbers.chunks(100) {
        let heads: String = portion.iter().map(|at| unknown_request(*at)).collect();
        socket.write_all(heads.as_bytes()).await.expect("sent");
        let (mut answers, mut part) = (Vec::new(), [0; 64 * 1024]);
        while answers.windows(9).filter(|window| window == b"HTTP/1.1 ").count() < portion.len() {
            let length = socket.read(&mut part).await.expect("an answer");
            assert_ne!(length, 0, "{}", String::from_utf8_lossy(&answers));
            answers.extend_from_slice(&part[..length]);
        }
        let text = String::from_utf8(answers).expect("text");
        assert_eq!(text.matches("HTTP/1.1 4").count(), portion.len(), "{text}");
    }
    let after = metrics_of(&client).await.lines().count();
    // Those of the requests for the metrics themselves are the only new ones.
    let of_one_route = 17;
    assert!(after <= before + of_one_route, "{before} lines became {after}");
}

#[actix_web::test]
async fn streams_are_counted_by_state_and_by_why_they_end() {
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.client().register().await.client;
    let mut socket = Socket::open(&ada).await;
    socket.subscribe(&["AAPL", "MSFT"]).await;
    socket.next_of("ticks").await;
    until("two symbols are subscribed", async || {
        let text = metrics_of(&server.client()).await;
        value(&text, "watchtape_stream_subscriptions", &[]) == Some(2.0)
            && value(&text, "watchtape_stream_connections", &[r#"state="open""#]) == Some(1.0)
            && value(&text, "watchtape_stream_sent_bytes_total", &[]) > Some(100.0)
    })
    .await;
    socket.send(tokio_tungstenite::tungstenite::Message::Binary(vec![1].into())).await;
    assert_eq!(socket.closed().await, 4400);
    drop(socket);
    until("it has ended", async || {
        let text = metrics_of(&server.client()).await;
        value(&text, "watchtape_stream_closed_total", &[r#"code="4400""#]) == Some(1.0)
            && value(&text, "watchtape_stream_connections", &[r#"state="open""#]) == Some(0.0)
            && value(&text, "watchtape_stream_subscriptions", &[]) == Some(0.0)
    })
    .await;
}

#[actix_web::test]
async fn what_a_proxy_passes_on_reads_no_metrics() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.client();
    for header in ["X-Forwarded-For", "Forwarded", "Via", "X-Forwarded-Proto"] {
        let passed_on = client.request(Method::GET, "/metrics").header(header, "192.0.2.7");
        client.send(passed_on).await.refused(403, "local_only");
    }
    metrics_of(&client).await;
}

#[actix_web::test]
async fn a_listener_of_their_own_serves_metrics_and_probes_alone() {
    let port = free_port();
    let flag = format!("127.0.0.1:{port}");
    let server = TestServer::start_with(Backend::Sqlite, &["--metrics-listen", &flag]).await;
    server.client().get("/metrics").await.refused(403, "local_only");
    let operator = Client::new(flag.parse().expect("an address"));
    let passed_on = operator.request(Method::GET, "/metrics").header("X-Forwarded-For", "192.0.2.7");
    assert_eq!(operator.send(passed_on).await.status.as_u16(), 200);
    operator.get("/readyz").await.expect(200);
    operator.get("/livez").await.expect(200);
    assert_eq!(value(&metrics_of(&operator).await, "watchtape_ready", &[]), Some(1.0));
    assert_eq!(operator.get("/api/v1/me").await.status.as_u16(), 404);
    server.stop().await;
    assert!(reqwest::get(format!("http://{flag}/livez")).await.is_err(), "it ends with the server");
}

/// docs/metrics.md lists what there is, and nothing else.
#[actix_web::test]
async fn the_document_lists_every_metric() {
    let server = TestServer::start(Backend::Sqlite).await;
    until("a request is counted", async || metrics_of(&server.client()).await.contains("route=\"/metrics\"")).await;
    let text = metrics_of(&server.client()).await;
    let served: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/metrics.md");
    let document = std::fs::read_to_string(path).expect("the document");
    let rows = document.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let listed: BTreeSet<&str> = rows.map(|row| row.split('{').next().unwrap_or(row)).collect();
    // A simulated market has no vendors.
    let of_vendors = ["watchtape_vendor_calls", "watchtape_vendor_budget_left", "watchtape_vendor_breaker_open"];
    assert_eq!(listed, &served | &BTreeSet::from(of_vendors));
}
