//! What a stranger or an account can exhaust: frames, messages that cost, connections, uploads, answers. Each is bounded, and
//! others notice nothing.

use crate::support::socket::Socket;
use crate::support::{Backend, Client, TestServer, until, within};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use watchtape_shared::list_change::ListChange;
use watchtape_shared::watchlist::WatchlistItem;

const TOO_MANY: u16 = 4429;

/// A frame with a mask of zeros, as an attacker would send it.
fn frame(first_byte: u8, body: &[u8]) -> Vec<u8> {
    let length = u8::try_from(body.len()).expect("a short body");
    assert!(length < 126);
    [&[first_byte, 0x80 | length, 0, 0, 0, 0], body].concat()
}

/// Opens a stream by hand and sends these bytes until the server has closed; returns the code that it closed with.
async fn flood(server: &TestServer, bytes: &[u8]) -> u16 {
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    let handshake = format!(
        "GET /api/v1/stream HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        server.address
    );
    stream.write_all(handshake.as_bytes()).await.expect("an open connection");
    let (mut reading, mut writing) = stream.into_split();
    let bytes = bytes.to_vec();
    let sender = actix_web::rt::spawn(async move { while writing.write_all(&bytes).await.is_ok() {} });
    let mut answer = Vec::new();
    // A reset is an end as well.
    let _ = within(reading.read_to_end(&mut answer)).await;
    sender.abort();
    let close = answer.windows(2).rposition(|pair| pair[0] == 0x88).expect("a close frame");
    u16::from_be_bytes([answer[close + 2], answer[close + 3]])
}

#[actix_web::test]
async fn a_flood_of_frames_closes_the_connection_that_sends_it() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.client().register().await;
    let mut healthy = Socket::open(&account.client).await;
    let (empty_pongs, pings) = (frame(0x8A, b"").repeat(10_000), frame(0x89, b"ping").repeat(10_000));
    let fragments = [frame(0x01, b"{"), frame(0x00, b"").repeat(10_000)].concat();
    for flooding in [empty_pongs, pings, fragments] {
        assert_eq!(flood(&server, &flooding).await, TOO_MANY);
    }
    // Others are none the wiser.
    healthy.subscribe(&["AAPL"]).await;
    assert_eq!(healthy.control().await["type"], "subscribed");
}

#[actix_web::test]
async fn the_work_of_messages_is_counted_for_the_account_over_all_its_connections() {
    let server = TestServer::with_whole_catalogue(Backend::Sqlite).await;
    let (greedy, other) = (server.client().register().await, server.client().register().await);
    let mut symbols = Vec::new();
    let mut path = "/api/v1/tickers?limit=50".to_owned();
    while symbols.len() < 2_000 {
        let page = greedy.client.get(&path).await.expect(200);
        symbols.extend(page["items"].as_array().expect("items").iter().map(|item| item["symbol"].clone()));
        path = format!("/api/v1/tickers?limit=50&cursor={}", page["next_cursor"].as_str().expect("more"));
    }
    let (subscribe, unsubscribe) =
        (json!({ "op": "subscribe", "symbols": symbols }), json!({ "op": "unsubscribe", "symbols": symbols }));
    // Few messages of each connection, and together more than an account may have done.
    let mut codes = Vec::new();
    for _ in 0..10 {
        let mut socket = Socket::open(&greedy.client).await;
        for _ in 0..4 {
            for message in [&subscribe, &unsubscribe] {
                socket.try_say(message).await;
            }
        }
        socket.try_say(&json!({ "op": "ping", "id": 1 })).await;
        codes.push(socket.closed_or_ponged().await);
    }
    assert_eq!(codes[0], None, "what an account needs is there");
    assert_eq!(codes[9], Some(TOO_MANY), "{codes:?}");
    let mut socket = Socket::open(&other.client).await;
    socket.say(subscribe).await;
    assert_eq!(socket.control().await["symbols"].as_array().map(Vec::len), Some(symbols.len()));
}

#[actix_web::test]
async fn many_changes_of_a_list_at_once_leave_its_followers_connected() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    let mut socket = Socket::open(&account.client).await;
    let id = list.rsplit('/').next();
    socket.say(json!({ "op": "watch", "watchlist": id, "prices": false })).await;
    assert_eq!(socket.control().await["version"], 1);
    let mut by_changes = Socket::open(&account.client).await;
    by_changes.say(json!({ "op": "watch", "watchlist": id, "prices": false, "deltas": true })).await;
    let first = by_changes.control().await;
    let page = account.client.get("/api/v1/tickers?limit=50").await.expect(200);
    let symbols = page["items"].as_array().expect("items").iter().map(|item| item["symbol"].clone());
    let adding = symbols.map(|symbol| {
        let (client, path) = (account.client.clone(), format!("{list}/items"));
        async move { client.post(&path, &json!({ "symbol": symbol })).await.expect(201) }
    });
    futures_util::future::join_all(adding).await;
    // However many of them were told as one, the last is told.
    let mut version = Value::Null;
    while version != 51 {
        version = socket.next_of("watchlist").await["version"].clone();
    }
    // And a client that takes changes has the same list from them.
    let (mut items, mut version) = (Vec::<WatchlistItem>::new(), first["version"].clone());
    let mut name = serde_json::from_value(first["name"].clone()).expect("a name");
    while version != 51 {
        let told = by_changes.control().await;
        if told["type"] == "watchlist" {
            items = serde_json::from_value(told["items"].clone()).expect("items");
        } else {
            assert_eq!(told["from_version"], version, "no version is passed over");
            let changes = serde_json::from_value(told["changes"].clone()).expect("changes");
            assert!(ListChange::apply_all(changes, &mut name, &mut items));
        }
        version = told["version"].clone();
    }
    let wanted = account.client.get(&list).await.expect(200);
    let symbols: Vec<String> = items.iter().map(|item| item.symbol.to_string()).collect();
    let wanted: Vec<&str> =
        wanted["items"].as_array().expect("items").iter().filter_map(|item| item["symbol"].as_str()).collect();
    assert_eq!(symbols, wanted);
}

#[actix_web::test]
async fn an_address_beyond_its_connections_may_still_ask_how_the_server_fares() {
    let server = TestServer::start_with(Backend::Sqlite, &["--connections-per-address", "3"]).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(server.address).await.expect("a connection");
        // It counts once a worker has taken it.
        stream.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("an open connection");
        stream.readable().await.expect("an answer");
        held.push(stream);
    }
    let asked = async |path: &str, header: &str| {
        let mut stream = TcpStream::connect(server.address).await.expect("a connection");
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{header}\r\n", server.address);
        stream.write_all(request.as_bytes()).await.expect("an open connection");
        let mut answer = String::new();
        let _ = within(stream.read_to_string(&mut answer)).await;
        answer
    };
    for (path, status) in [("/livez", "200"), ("/readyz", "200"), ("/metrics", "200"), ("/api/v1/market", "503")] {
        let answer = asked(path, "").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {answer}");
        assert!(answer.to_lowercase().contains("connection: close"), "{path}: {answer}");
    }
    drop(held);
    until("the connections are given back", async || {
        asked("/api/v1/market", "Connection: close\r\n").await.starts_with("HTTP/1.1 401 ")
    })
    .await;
}

/// Sends the head of a request and the first byte of a body that does not come, which the server waits for.
async fn begin_body(client: &Client, path: &str, media_type: &str, length: usize) -> TcpStream {
    let mut stream = TcpStream::connect(client.address).await.expect("a connection");
    let (address, token) = (client.address, client.token.as_ref().expect("signed in"));
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nContent-Type: {media_type}\r\n\
         Content-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("an open connection");
    let mut answer = [0; 12];
    within(stream.read_exact(&mut answer)).await.expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 100");
    stream.write_all(b"{").await.expect("an open connection");
    stream
}

#[actix_web::test]
async fn an_upload_that_does_not_come_keeps_nobody_from_importing() {
    let server = TestServer::start(Backend::Sqlite).await;
    let mut held = Vec::new();
    for _ in 0..8 {
        let account = server.client().register().await;
        let path = format!("{}/import", account.first_list().await);
        held.push((begin_body(&account.client, &path, "text/csv", 1_000_000).await, account));
    }
    let account = server.client().register().await;
    let path = format!("{}/import", account.first_list().await);
    let request = account.client.request(Method::POST, &path).header("Content-Type", "text/csv");
    account.client.send(request.body("symbol\nAAPL\n")).await.expect(200);
    // Whoever uploads already waits for nobody else but oneself.
    let (_, busy) = &held[0];
    let path = format!("{}/import", busy.first_list().await);
    until("the first upload has begun", async || {
        let request = busy.client.request(Method::POST, &path).header("Content-Type", "text/csv");
        busy.client.send(request.body("symbol\nAAPL\n")).await.status.as_u16() == 503
    })
    .await;
}

/// What is announced and does not come takes nobody's room.
#[actix_web::test]
async fn announced_bytes_are_not_held() {
    let server = TestServer::start_with(Backend::Sqlite, &["--guests-per-hour", "0"]).await;
    let mut held = Vec::new();
    for _ in 0..40 {
        let guest = server.client().begin_as_guest().await;
        let path = format!("{}/import", guest.first_list().await);
        held.push(begin_body(&guest.client, &path, "text/csv", 16 << 20).await);
    }
    let account = server.client().register().await;
    let import = account.client.request(Method::POST, &format!("{}/import", account.first_list().await));
    let import = import.header("Content-Type", "text/csv").body("symbol\nAAPL\n");
    assert_eq!(account.client.send(import).await.expect(200)["added"], 1);
}

/// An answer is no larger than what it answers: of a long name, or a long text, it repeats the ends.
#[actix_web::test]
async fn an_error_does_not_repeat_all_that_it_is_about() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.client().register().await;
    let (long, list) = ("k".repeat(1_000_000), account.first_list().await);
    for body in [json!({ &*long: 1 }), json!({ "items": long })] {
        let import = account.client.request(Method::POST, &format!("{list}/import")).json(&body);
        let answer = account.client.send(import).await;
        answer.refused(422, "invalid");
        assert!(answer.text.len() < 2_000, "{} bytes", answer.text.len());
    }
    let key = &long[..60_000];
    let login = server.client().post("/api/v1/auth/login", &json!({ key: 1 })).await;
    login.refused(422, "invalid");
    assert!(login.text.len() < 2_000, "{} bytes", login.text.len());
}

/// A token of an ended session takes no place among its account's requests.
#[actix_web::test]
async fn a_token_of_an_ended_session_keeps_its_account_from_nothing() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.client().register().await;
    let owner = account.another_device().await;
    account.client.send(account.client.request(Method::POST, "/api/v1/auth/logout")).await.expect(204);
    let mut held = Vec::new();
    for path in ["/api/v1/auth/logout", "/api/v1/auth/logout-all"].repeat(8) {
        held.push(begin_body(&account.client, path, "application/json", 30).await);
    }
    // Refused, one of its requests would have waited for those.
    for _ in 0..3 {
        owner.client.get("/api/v1/me").await.expect(200);
    }
}

#[actix_web::test]
async fn the_columns_of_a_file_are_bounded_wherever_they_are() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.client().register().await;
    let path = format!("{}/import", account.first_list().await);
    let many = ",".repeat(1_000_000);
    for file in [format!("symbol{many}"), format!("symbol,note\nAAPL{many}\n"), format!("symbol\n\"A\n\"{many}\n")] {
        let request = account.client.request(Method::POST, &path).header("Content-Type", "text/csv");
        account.client.send(request.body(file)).await.refused(422, "invalid");
    }
    assert!(account.symbols(&account.first_list().await).await.is_empty());
}

#[actix_web::test]
async fn the_text_of_a_list_is_bounded() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    let page = async |path: &str| account.client.get(path).await.expect(200);
    let mut symbols = Vec::new();
    let mut path = "/api/v1/tickers?limit=50".to_owned();
    while symbols.len() < 100 {
        let found = page(&path).await;
        symbols.extend(found["items"].as_array().expect("items").iter().map(|item| item["symbol"].clone()));
        path = format!("/api/v1/tickers?limit=50&cursor={}", found["next_cursor"].as_str().expect("more"));
    }
    // 8,000 bytes each: 65 of them are within 512 KiB.
    let note = "\u{1F600}".repeat(2_000);
    let mut results = Vec::new();
    for part in symbols.chunks(7) {
        let items: Vec<Value> = part.iter().map(|symbol| json!({ "symbol": symbol, "note": note })).collect();
        let added = account.client.post(&format!("{list}/items/bulk"), &json!({ "items": items })).await.expect(200);
        results.extend(added["results"].as_array().expect("results").clone());
    }
    let codes: Vec<&Value> = results.iter().filter_map(|result| result.get("code")).collect();
    assert_eq!(codes.len(), 35);
    assert!(codes.iter().all(|code| **code == "too_much_text"));
    let items = format!("{list}/items");
    let one_more = json!({ "symbol": symbols[99], "note": note });
    account.client.post(&items, &one_more).await.refused(409, "too_much_text");
    // Without a note there is room, and a note that goes makes some.
    account.client.post(&items, &json!({ "symbol": symbols[98] })).await.expect(201);
    let first = format!("{items}/{}", symbols[0].as_str().expect("a symbol"));
    let last = format!("{items}/{}", symbols[98].as_str().expect("a symbol"));
    account.client.patch(&last, &json!({ "note": note }), None).await.refused(409, "too_much_text");
    // A shorter note is taken on a full list, and the longer one again: what it replaces does not count.
    account.client.patch(&first, &json!({ "note": "\u{1F600}".repeat(1_999) }), None).await.expect(200);
    account.client.patch(&first, &json!({ "note": note }), None).await.expect(200);
    account.client.patch(&first, &json!({ "note": null }), None).await.expect(200);
    account.client.patch(&last, &json!({ "note": note }), None).await.expect(200);
}

#[actix_web::test]
async fn answers_that_nobody_reads_keep_their_own_account_waiting_alone() {
    let server = TestServer::start(Backend::Sqlite).await;
    let (slow, other) = (server.client().register().await, server.client().register().await);
    let list = slow.first_list().await;
    let page = slow.client.get("/api/v1/tickers?limit=50").await.expect(200);
    let symbols = page["items"].as_array().expect("items").iter().map(|item| item["symbol"].clone());
    let note = "\u{1F600}".repeat(2_000);
    for symbol in symbols {
        let item = json!({ "symbol": symbol, "note": note });
        slow.client.post(&format!("{list}/items"), &item).await.expect(201);
    }
    // Ten large answers are on their way, and nobody reads them.
    let mut held = Vec::new();
    for _ in 0..10 {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4096).expect("a small buffer");
        let mut stream = socket.connect(server.address).await.expect("a connection");
        let token = slow.client.token.as_ref().expect("a token");
        let request =
            format!("GET {list} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n\r\n", server.address);
        stream.write_all(request.as_bytes()).await.expect("an open connection");
        // It is on its way once something of it has come.
        stream.readable().await.expect("an answer");
        held.push(stream);
    }
    slow.client.get("/api/v1/me").await.refused(429, "too_many_requests");
    other.client.get("/api/v1/me").await.expect(200);
    drop(held);
    until("the account is served again", async || slow.client.get("/api/v1/me").await.status.as_u16() == 200).await;
}

#[actix_web::test]
async fn registrations_are_counted_by_address_and_keys_with_their_account() {
    let flags = ["--registrations-per-hour", "2", "--api-per-minute", "5", "--trusted-proxies", "127.0.0.0/8"];
    let server = TestServer::start_with(Backend::Sqlite, &flags).await;
    let register = async |number: u32, address: &str| {
        let body = json!({ "email": format!("{number}@example.com"), "password": "tangerine sleeps on tuesdays" });
        let request = server.client().request(Method::POST, "/api/v1/auth/register").header("X-Forwarded-For", address);
        server.client().send(request.json(&body)).await
    };
    for number in 0..2 {
        register(number, "192.0.2.1").await.expect(201);
    }
    let refused = register(2, "192.0.2.1").await;
    refused.refused(429, "too_many_requests");
    assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 60));
    register(3, "192.0.2.2").await.expect(201);

    let account = server.client().register().await;
    let (_, key) = account.make_key(&["read"]).await;
    let mut codes = Vec::new();
    for client in [&key, &account.client, &key, &account.client, &key, &account.client] {
        codes.push(client.get("/api/v1/me").await.status.as_u16());
    }
    assert_eq!(codes[..3], [200; 3]);
    assert_eq!(codes[4..], [429; 2], "{codes:?}");
}
