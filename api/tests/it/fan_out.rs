//! One feed and many readers: what is shared, what is bounded, and what a client that does not read costs the others.

use crate::support::socket::Socket;
use crate::support::{Backend, Client, TestServer, until, within};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::fmt::Write;
use tokio_tungstenite::tungstenite;

/// Large securities of the catalogue, which the simulated market moves often.
const SYMBOLS: [&str; 20] = [
    "AAPL", "MSFT", "NVDA", "AMZN", "META", "TSLA", "JPM", "V", "WMT", "XOM", "MA", "KO", "PEP", "COST", "HD", "PG",
    "JNJ", "ABBV", "BAC", "ORCL",
];

/// One of the server's counters.
async fn counter(client: &Client, name: &str) -> u64 {
    counter_in(&client.get("/metrics").await.text, name)
}

fn counter_in(text: &str, name: &str) -> u64 {
    let line = text.lines().find(|line| line.split(' ').next() == Some(name));
    let value = line.and_then(|line| line.split(' ').nth(1)).unwrap_or_else(|| panic!("{name} in {text}"));
    value.parse().expect("a number")
}

async fn until_counter(client: &Client, name: &str, holds: impl Fn(u64) -> bool) {
    until(name, async || holds(counter(client, name).await)).await;
}

#[actix_web::test]
async fn a_row_is_encoded_once_however_many_read_it() {
    const SYMBOLS: [&str; 3] = ["AAPL", "MSFT", "IBM"];
    /// How many frames each of the readers reads.
    const FRAMES: u64 = 50;
    // Far more than is played while they read.
    let mut csv = "Ticker,Date,Open,High,Low,Close,Volume\n".to_owned();
    let first = chrono::NaiveDate::from_ymd_opt(2010, 1, 1).expect("a day");
    for (day, date) in first.iter_days().take(3_000).enumerate() {
        for symbol in SYMBOLS {
            writeln!(csv, "{symbol},{date},{0}.10,{0}.40,{0}.05,{0}.30,100", 100 + day).expect("a text");
        }
    }
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("days.csv");
    std::fs::write(&file, csv).expect("a file");
    let feed = format!("replay:{}", file.display());
    let server = TestServer::start_with(Backend::Sqlite, &["--feed", &feed, "--replay-speed", "40"]).await;
    let account = server.client().register().await;
    let read = |_| async {
        let mut socket = Socket::open(&account.client).await;
        socket.subscribe(&SYMBOLS).await;
        for _ in 0..FRAMES {
            socket.next_of("ticks").await;
        }
    };
    join_all((0..15).map(read)).await;
    let text = server.client().get("/metrics").await.text;
    let of = |name: &str| counter_in(&text, name);
    assert!(of("watchtape_frames_total") >= 15 * FRAMES);
    // A round is counted before its rows are.
    let encoded = of("watchtape_fragments_encoded_total");
    let rows = SYMBOLS.len() as u64 * of("watchtape_rounds_total");
    assert!((rows - SYMBOLS.len() as u64..=rows).contains(&encoded), "{encoded} were encoded of {rows}");
}

/// A connection whose client has next to no buffer and does not read.
async fn stalled(client: &Client) -> tokio_tungstenite::WebSocketStream<tokio::net::TcpStream> {
    use futures_util::SinkExt;
    use tungstenite::client::IntoClientRequest;
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(2048).expect("a small buffer");
    let stream = socket.connect(client.address).await.expect("a connection");
    let mut request = format!("ws://{}/api/v1/stream", client.address).into_client_request().expect("a request");
    let bearer = format!("Bearer {}", client.token.as_ref().expect("a token"));
    request.headers_mut().insert("Authorization", bearer.parse().expect("a header"));
    request.headers_mut().insert("Sec-WebSocket-Protocol", "watchtape.v1".parse().expect("a header"));
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.expect("a handshake");
    // Many symbols, so that its share of the kernel's memory is soon used up.
    let tickers = client.get("/api/v1/tickers?limit=50").await.expect(200);
    let symbols: Vec<&Value> = tickers["items"].as_array().expect("items").iter().map(|item| &item["symbol"]).collect();
    for symbols in symbols.chunks(50) {
        let message = json!({ "op": "subscribe", "symbols": symbols }).to_string();
        socket.send(tungstenite::Message::text(message)).await.expect("sent");
    }
    socket
}

/// The code that a connection was closed with; none where it just ended.
async fn ending(mut socket: tokio_tungstenite::WebSocketStream<tokio::net::TcpStream>) -> Option<u16> {
    use futures_util::StreamExt;
    loop {
        match within(socket.next()).await {
            Some(Ok(tungstenite::Message::Close(reason))) => return reason.map(|reason| reason.code.into()),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return None,
        }
    }
}

#[actix_web::test]
async fn a_client_that_does_not_read_is_closed_and_costs_the_others_nothing() {
    let server = TestServer::start_with(Backend::Sqlite, &["--sim-interval-ms", "10"]).await;
    let account = server.client().register().await;
    let client = &account.client;
    let mut reader = Socket::open(client).await;
    reader.subscribe(&SYMBOLS).await;
    let watch = async {
        // The first begins to read as soon as it has been given up, and is told why. Alone, for the kernel ends the
        // connection three seconds later, which is what the second would have to be given up in.
        let late = stalled(client).await;
        until_counter(client, "watchtape_too_slow_total", |count| count == 1).await;
        assert_eq!(ending(late).await, Some(4008));
        // The second never reads: its connection ends all the same, and there is no reason left in the way to read.
        let never = stalled(client).await;
        until_counter(client, "watchtape_too_slow_total", |count| count == 2).await;
        until_counter(client, "watchtape_connections", |open| open == 1).await;
        assert_eq!(ending(never).await, None);
    };
    let read = async {
        let mut seq = 0;
        loop {
            let next = reader.next_of("ticks").await["seq"].as_u64().expect("a number");
            assert!(next > seq);
            seq = next;
        }
    };
    tokio::select! {
        () = watch => {}
        () = read => {}
    }
}

#[actix_web::test]
async fn an_account_and_an_address_have_so_many_connections() {
    let flags = ["--sim-interval-ms", "50", "--stream-per-account", "2", "--stream-per-address", "4"];
    let server = TestServer::start_with(Backend::Sqlite, &flags).await;
    let (one, other) = (server.client().register().await, server.client().register().await);
    let refused = async |client: &Client| {
        let bearer = format!("Bearer {}", client.token.as_ref().expect("a token"));
        match Socket::connect(client, &[("Authorization", &bearer)]).await {
            Err(tungstenite::Error::Http(response)) => {
                assert_eq!(response.headers()["retry-after"], "1");
                response.status().as_u16()
            }
            Err(error) => panic!("{error}"),
            Ok(_) => panic!("was allowed"),
        }
    };
    let first = Socket::open(&one.client).await;
    let _second = Socket::open(&one.client).await;
    assert_eq!(refused(&one.client).await, 429);
    // With a ticket the account is known only when the connection is open.
    let request = one.client.request(reqwest::Method::POST, "/api/v1/stream/tickets");
    let ticket = one.client.send(request).await.expect(201)["ticket"].clone();
    let mut third = Socket::connect(&server.client(), &[]).await.expect("a connection");
    third.say(json!({ "op": "auth", "ticket": ticket })).await;
    assert_eq!(third.next().await["code"], "too_many_connections");
    assert_eq!(third.closed().await, 4429);
    drop(third);
    until_counter(&one.client, "watchtape_connections", |open| open == 2).await;

    let _others = [Socket::open(&other.client).await, Socket::open(&other.client).await];
    let third_account = server.client().register().await;
    assert_eq!(refused(&third_account.client).await, 429, "the address has four");
    drop(first);
    until_counter(&one.client, "watchtape_connections", |open| open == 3).await;
    Socket::open(&one.client).await;
}

#[actix_web::test]
async fn everybody_who_comes_back_at_once_has_a_snapshot() {
    let flags = ["--sim-interval-ms", "50", "--stream-per-account", "0", "--stream-per-address", "0"];
    let server = TestServer::start_with(Backend::Sqlite, &flags).await;
    let account = server.client().register().await;
    let come_back = |_| async {
        let mut socket = Socket::open(&account.client).await;
        socket.subscribe(&SYMBOLS).await;
        let snapshot = socket.next_of("snapshot").await;
        let quotes = snapshot["quotes"].as_array().expect("quotes");
        assert_eq!(quotes.len(), SYMBOLS.len());
        assert!(quotes.iter().all(|quote| quote["price"].is_string()), "{snapshot}");
        let seq = snapshot["seq"].as_u64().expect("a number");
        assert!(socket.next_of("ticks").await["seq"].as_u64() > Some(seq));
    };
    Socket::open(&account.client).await.subscribe(&SYMBOLS).await;
    join_all((0..100).map(come_back)).await;
}
