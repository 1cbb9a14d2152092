//! The price stream over a real socket.

use crate::support::socket::Socket;
use crate::support::{Account, Backend, TestServer, on_both_databases};
use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{self, Message};
use watchtape_shared::list_change::ListChange;
use watchtape_shared::watchlist::WatchlistItem;

on_both_databases!(
    a_watched_list_is_followed,
    a_list_is_followed_without_its_prices,
    a_list_is_followed_by_its_changes,
    the_set_of_lists_is_followed,
    a_session_that_ends_takes_its_sockets_along,
    a_stolen_refresh_token_takes_the_sockets_along,
);

async fn ticket(account: &Account) -> String {
    let request = account.client.request(Method::POST, "/api/v1/stream/tickets");
    let ticket = account.client.send(request).await.expect(201);
    assert_eq!(ticket["expires_in"], 30);
    ticket["ticket"].as_str().expect("a ticket").to_owned()
}

async fn server_and_account() -> (TestServer, Account) {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.client().register().await;
    (server, account)
}

#[actix_web::test]
async fn a_program_subscribes_with_its_token_and_sees_a_snapshot_then_ticks() {
    let (_server, account) = server_and_account().await;
    let bearer = format!("Bearer {}", account.client.token.as_ref().expect("a token"));
    let mut socket = Socket::connect(&account.client, &[("Authorization", &bearer)]).await.expect("a connection");
    let hello = socket.next().await;
    assert_eq!(hello["type"], "hello");
    assert_eq!(hello["feed"], json!({ "source": "sim", "mode": "simulated" }));
    assert_eq!(hello["limits"]["max_message_bytes"], 65_536);
    assert_eq!(hello["features"], json!(["deltas", "watchlists"]));
    assert!(["epoch", "session", "server_time"].iter().all(|field| hello[field].is_string()), "{hello}");
    let market = socket.next_of("market").await;
    assert_eq!(market["feed"]["source"], "sim");

    socket.subscribe(&["msft", "AAPL", "NOPE", "A B"]).await;
    let subscribed = socket.next_of("subscribed").await;
    assert_eq!(subscribed["symbols"], json!(["AAPL", "MSFT"]));
    let rejected = [("NOPE", "unknown_symbol"), ("A B", "invalid_symbol")];
    let rejected = rejected.map(|(symbol, code)| json!({ "symbol": symbol, "code": code }));
    assert_eq!(subscribed["rejected"], json!(rejected));
    let snapshot = socket.next().await;
    assert_eq!((snapshot["type"].as_str(), snapshot["quotes"].as_array().map(Vec::len)), (Some("snapshot"), Some(2)));
    let mut last = snapshot["seq"].as_u64().expect("a number");
    for _ in 0..5 {
        let ticks = socket.next().await;
        assert_eq!(ticks["type"], "ticks");
        let seq = ticks["seq"].as_u64().expect("a number");
        assert!(seq > last, "{seq} after {last}");
        assert!(ticks["ts"].as_i64().is_some_and(|ts| ts > 1_700_000_000_000_000), "{ticks}");
        let rows = ticks["d"].as_array().expect("rows");
        assert!(!rows.is_empty());
        for row in rows {
            assert!(matches!(row[0].as_str(), Some("AAPL" | "MSFT")), "{row}");
            assert!(row[1].as_str().is_some_and(|price| price.parse::<f64>().is_ok_and(|price| price > 0.0)));
            assert!(row[2].as_i64().is_some_and(|as_of| as_of > 1_700_000_000_000), "{row}");
        }
        last = seq;
    }
}

#[actix_web::test]
async fn the_newest_tick_is_what_the_api_answers_with() {
    let (_server, account) = server_and_account().await;
    let mut socket = Socket::open(&account.client).await;
    socket.subscribe(&["AAPL"]).await;
    let millis = |text: &str| text.parse::<DateTime<Utc>>().expect("RFC 3339").timestamp_millis();
    for _ in 0..20 {
        let told = socket.next_of("ticks").await["d"][0].clone();
        let quotes = account.client.get("/api/v1/quotes?symbols=AAPL").await.expect(200);
        // The market moves on while the question travels.
        let quote = &quotes["items"][0];
        let (asked, told_at) = (millis(quote["as_of"].as_str().expect("a time")), told[2].as_i64().expect("ms"));
        assert!(asked >= told_at, "{quote} after {told}");
        assert!(asked > told_at || quote["price"] == told[1], "{quote} with {told}");
    }
}

#[actix_web::test]
async fn a_browser_presents_a_ticket_once_and_in_time() {
    let (server, account) = server_and_account().await;
    let (client, ticket) = (server.client(), ticket(&account).await);
    let origin = format!("http://{}", server.address);
    let connect = || async { Socket::connect(&client, &[("Origin", &origin)]).await.expect("a connection") };
    let auth = json!({ "op": "auth", "ticket": ticket });

    // Says nothing, and waits for it beside everything else.
    let mut silent = connect().await;
    let mut socket = connect().await;
    socket.say(auth.clone()).await;
    assert_eq!(socket.next().await["type"], "hello");
    // Another ticket of the same account keeps the connection; one that is used up ends it.
    socket.say(json!({ "op": "auth", "ticket": self::ticket(&account).await })).await;
    socket.say(json!({ "op": "ping", "id": 7 })).await;
    assert_eq!(socket.next_of("pong").await["id"], 7);

    let mut again = connect().await;
    again.say(auth).await;
    assert_eq!(again.closed().await, 4401);
    let mut forged = connect().await;
    forged.say(json!({ "op": "auth", "ticket": "x" })).await;
    assert_eq!(forged.closed().await, 4401);
    let mut first = connect().await;
    first.say(json!({ "op": "ping", "id": 1 })).await;
    assert_eq!(first.closed().await, 4400);
    assert_eq!(silent.closed().await, 4408);
}

#[actix_web::test]
async fn a_handshake_that_is_not_allowed_is_a_problem() {
    let (server, account) = server_and_account().await;
    let refused = |outcome: Result<Socket, tungstenite::Error>| match outcome {
        Err(tungstenite::Error::Http(response)) => response.status().as_u16(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("was allowed"),
    };
    let client = server.client();
    assert_eq!(refused(Socket::connect(&client, &[("Origin", "http://evil.example.com")]).await), 403);
    assert_eq!(refused(Socket::connect(&client, &[("Authorization", "Bearer x")]).await), 401);
    account.client.get("/api/v1/stream").await.refused(400, "bad_request");
}

#[actix_web::test]
async fn a_client_sets_its_own_rate_and_gets_the_newest() {
    let (_server, account) = server_and_account().await;
    let mut socket = Socket::open(&account.client).await;
    let at_most_every = |interval_ms: u32| json!({ "op": "subscribe", "symbols": ["AAPL", "MSFT", "NVDA"], "interval_ms": interval_ms });
    socket.say(at_most_every(60_000)).await;
    let first = socket.next_of("ticks").await;
    // Another client is told of the rounds meanwhile.
    let mut other = Socket::open(&account.client).await;
    other.subscribe(&["AAPL", "MSFT", "NVDA"]).await;
    let mut seen = first["seq"].as_u64();
    for _ in 0..10 {
        seen = seen.max(other.next_of("ticks").await["seq"].as_u64());
    }
    socket.say(json!({ "op": "ping", "id": 1 })).await;
    assert_eq!(socket.next().await["type"], "pong", "of the rounds in between it was told nothing");
    socket.say(at_most_every(1)).await;
    let second = socket.next_of("ticks").await;
    assert!(second["seq"].as_u64() >= seen, "the newest, and not where it stopped");
    let rows = second["d"].as_array().expect("rows");
    let mut symbols: Vec<_> = rows.iter().map(|row| row[0].as_str()).collect();
    symbols.sort_unstable();
    symbols.dedup();
    assert_eq!(symbols.len(), rows.len(), "each symbol once, its newest value");
}

#[actix_web::test]
async fn what_is_unsubscribed_falls_silent() {
    let (_server, account) = server_and_account().await;
    let mut socket = Socket::open(&account.client).await;
    socket.subscribe(&["AAPL", "MSFT"]).await;
    socket.next_of("ticks").await;
    socket.say(json!({ "op": "unsubscribe", "symbols": ["AAPL"] })).await;
    assert_eq!(socket.next_of("subscribed").await["symbols"], json!(["MSFT"]));
    for _ in 0..5 {
        let ticks = socket.next_of("ticks").await;
        assert!(ticks["d"].as_array().expect("rows").iter().all(|row| row[0] == "MSFT"), "{ticks}");
    }
}

#[actix_web::test]
async fn a_client_that_comes_back_says_where_it_stopped() {
    // A market that stands still: nothing has changed in between.
    let server = TestServer::start_with(Backend::Sqlite, &["--sim-interval-ms", "60000"]).await;
    let account = server.client().register().await;
    let bearer = format!("Bearer {}", account.client.token.as_ref().expect("a token"));
    let headers = [("Authorization", bearer.as_str())];
    let mut socket = Socket::connect(&account.client, &headers).await.expect("a connection");
    let epoch = socket.next().await["epoch"].clone();
    socket.subscribe(&["AAPL"]).await;
    let snapshot = socket.next_of("snapshot").await;
    let seq =
        if snapshot["quotes"][0]["price"].is_null() { socket.next_of("ticks").await } else { snapshot }["seq"].clone();

    let mut back = Socket::open(&account.client).await;
    back.say(json!({ "op": "subscribe", "symbols": ["AAPL"], "resume": { "epoch": epoch, "seq": seq } })).await;
    assert_eq!(back.next().await["type"], "subscribed");
    back.say(json!({ "op": "ping", "id": 1 })).await;
    assert_eq!(back.next().await["type"], "pong", "nothing was missed, so nothing is repeated");

    for (resume, from, reason) in [
        (json!({ "epoch": epoch, "seq": 0 }), json!(0), "missed"),
        (json!({ "epoch": "another", "seq": 40 }), json!(40), "restarted"),
    ] {
        let mut back = Socket::open(&account.client).await;
        back.say(json!({ "op": "subscribe", "symbols": ["AAPL"], "resume": resume })).await;
        back.next_of("subscribed").await;
        let told = json!({ "type": "gap", "from": from, "to": seq, "epoch": epoch, "term": 1, "reason": reason });
        assert_eq!(back.next().await, told);
        assert_eq!(back.next().await["type"], "snapshot");
    }
}

async fn a_watched_list_is_followed(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    let id = list.rsplit('/').next().expect("an id");
    account.add(&list, &["AAPL"]).await;
    let mut socket = Socket::open(&account.client).await;
    socket.say(json!({ "op": "watch", "watchlist": id })).await;
    let first = socket.next_of("watchlist").await;
    assert_eq!((first["id"].as_str(), first["version"].as_u64()), (Some(id), Some(2)));
    assert_eq!(first["items"][0]["symbol"], "AAPL");
    assert_eq!(socket.next().await["symbols"], json!(["AAPL"]));
    assert_eq!(socket.next_of("snapshot").await["quotes"][0]["symbol"], "AAPL");

    // From another device.
    account.add(&list, &["MSFT"]).await;
    assert_eq!(socket.next_of("watchlist").await["version"], 3);
    assert_eq!(socket.next_of("subscribed").await["symbols"], json!(["AAPL", "MSFT"]));
    assert_eq!(socket.next_of("snapshot").await["quotes"][0]["symbol"], "MSFT");
    account.client.delete(&format!("{list}/items/AAPL"), None).await.expect(204);
    assert_eq!(socket.next_of("subscribed").await["symbols"], json!(["MSFT"]));

    // A symbol of its own stays when the list is let go.
    socket.subscribe(&["NVDA"]).await;
    socket.next_of("subscribed").await;
    socket.say(json!({ "op": "unwatch", "watchlist": id })).await;
    assert_eq!(socket.next_of("subscribed").await["symbols"], json!(["NVDA"]));

    socket.say(json!({ "op": "watch", "watchlist": id })).await;
    socket.next_of("watchlist").await;
    account.client.delete(&list, None).await.expect(204);
    let gone = socket.next_of("watchlist").await;
    assert_eq!((gone["name"].clone(), gone["version"].as_u64()), (Value::Null, Some(0)));

    let other = server.client().register().await.first_list().await;
    socket.say(json!({ "op": "watch", "watchlist": other.rsplit('/').next() })).await;
    assert_eq!(socket.next_of("error").await["code"], "not_found");
}

/// RFC 6455, sections 4.2.1 and 4.4.
#[actix_web::test]
async fn a_handshake_of_another_version_is_told_which_and_a_malformed_one_is_refused() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.client().register().await;
    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    let shake = |version: &'static str, key: &'static str, protocol: reqwest::Version| {
        let request = account.client.request(Method::GET, "/api/v1/stream").version(protocol);
        let request = request.header("Connection", "Upgrade").header("Upgrade", "websocket");
        account.client.send(request.header("Sec-WebSocket-Version", version).header("Sec-WebSocket-Key", key))
    };
    for version in ["12", "8", "7", "14", "x"] {
        let answer = shake(version, KEY, reqwest::Version::HTTP_11).await;
        answer.refused(426, "upgrade_required");
        assert_eq!(answer.header("sec-websocket-version"), "13", "{version}");
    }
    for key in ["x", "", "dGhlIHNhbXBsZQ==", "dGhlIHNhbXBsZSBub25jZQ"] {
        shake("13", key, reqwest::Version::HTTP_11).await.refused(400, "bad_request");
    }
    shake("13", KEY, reqwest::Version::HTTP_10).await.refused(400, "bad_request");
    assert_eq!(shake("13", KEY, reqwest::Version::HTTP_11).await.status.as_u16(), 101);
}

/// An account with three symbols on its list, and its open socket.
async fn begin_with_a_list(backend: Backend) -> (TestServer, Account, String, Socket) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    account.add(&list, &["AAPL", "MSFT", "NVDA"]).await;
    let socket = Socket::open(&account.client).await;
    (server, account, list, socket)
}

async fn a_list_is_followed_without_its_prices(backend: Backend) {
    let (_server, account, list, mut socket) = begin_with_a_list(backend).await;
    let id = list.rsplit('/').next().expect("an id");
    let watch = |prices: bool| json!({ "op": "watch", "watchlist": id, "prices": prices });
    socket.say(watch(false)).await;
    let first = socket.control().await;
    assert_eq!((first["type"].as_str(), first["items"].as_array().map(Vec::len)), (Some("watchlist"), Some(3)));
    // What the client shows is subscribed by name, a part at a time; the next message is the answer to it.
    socket.subscribe(&["AAPL", "MSFT"]).await;
    assert_eq!(socket.control().await, json!({ "type": "subscribed", "symbols": ["AAPL", "MSFT"], "rejected": [] }));
    assert_eq!(socket.control().await["quotes"].as_array().map(Vec::len), Some(2));
    socket.say(json!({ "op": "unsubscribe", "symbols": ["AAPL"] })).await;
    assert_eq!(socket.control().await["symbols"], json!(["MSFT"]));
    socket.subscribe(&["NVDA"]).await;
    assert_eq!(socket.control().await["symbols"], json!(["MSFT", "NVDA"]));
    let snapshot = socket.control().await;
    assert_eq!(snapshot["quotes"].as_array().map(Vec::len), Some(1), "what was there already is not told again");

    // From another device: the list is told, and nothing is said of the set but what was asked.
    account.add(&list, &["IBM"]).await;
    assert_eq!(socket.control().await["items"][3]["symbol"], "IBM");
    let name = json!({ "name": "Renamed" });
    account.client.patch(&list, &name, None).await.expect(200);
    assert_eq!(socket.control().await["name"], "Renamed");
    account.client.delete(&format!("{list}/items/NVDA"), None).await.expect(204);
    assert_eq!(socket.control().await["items"].as_array().map(Vec::len), Some(3));
    // What was subscribed by name stays; and where nothing changes, nothing is answered.
    socket.subscribe(&[]).await;
    socket.subscribe(&["NVDA"]).await;
    socket.say(json!({ "op": "unsubscribe", "symbols": ["IBM"] })).await;
    socket.say(watch(false)).await;
    socket.say(json!({ "op": "ping", "id": 0 })).await;
    assert_eq!(socket.control().await, json!({ "type": "pong", "id": 0 }));

    // With its prices, and without them again.
    socket.say(watch(true)).await;
    assert_eq!(socket.control().await["type"], "watchlist");
    assert_eq!(socket.control().await["symbols"], json!(["AAPL", "IBM", "MSFT", "NVDA"]));
    assert_eq!(socket.control().await["quotes"].as_array().map(Vec::len), Some(2));
    socket.say(watch(false)).await;
    assert_eq!(socket.control().await["type"], "watchlist");
    assert_eq!(socket.control().await["symbols"], json!(["MSFT", "NVDA"]));

    account.client.delete(&list, None).await.expect(204);
    assert_eq!(socket.control().await["name"], Value::Null);
    socket.say(json!({ "op": "ping", "id": 1 })).await;
    assert_eq!(socket.control().await["type"], "pong", "of the set there was nothing to say");
}

async fn a_list_is_followed_by_its_changes(backend: Backend) {
    let (_server, account, list, mut socket) = begin_with_a_list(backend).await;
    let id = list.rsplit('/').next().expect("an id");
    socket.say(json!({ "op": "watch", "watchlist": id, "prices": false, "deltas": true })).await;
    let first = socket.control().await;
    assert_eq!((first["type"].as_str(), first["items"].as_array().map(Vec::len)), (Some("watchlist"), Some(3)));
    let mut version = first["version"].as_u64().expect("a version");
    let mut name = serde_json::from_value(first["name"].clone()).expect("a name");
    let mut items: Vec<WatchlistItem> = serde_json::from_value(first["items"].clone()).expect("items");

    // What a change of each kind is told as, and that it leads to what the API answers with.
    let to_the_top = json!({ "symbols": ["NVDA"], "after": null });
    let note = json!({ "note": "watch this" });
    for (method, path, body, expected) in [
        (Method::POST, "/items", Some(json!({ "symbol": "IBM" })), json!(["put", "IBM", "NVDA"])),
        (Method::POST, "/items/move", Some(to_the_top), json!(["move", "NVDA", null])),
        (Method::PATCH, "/items/MSFT", Some(note), json!(["put", "MSFT", "AAPL"])),
        (Method::DELETE, "/items/AAPL", None, json!(["remove", "AAPL", null])),
        (Method::PATCH, "", Some(json!({ "name": "Renamed" })), json!(["rename", null, null])),
    ] {
        let path = format!("{list}{path}");
        let status = match (method, body) {
            (Method::PATCH, Some(body)) => account.client.patch(&path, &body, None).await.status,
            (method, Some(body)) => account.client.send(account.client.request(method, &path).json(&body)).await.status,
            (method, None) => account.client.send(account.client.request(method, &path)).await.status,
        };
        assert!(status.is_success(), "{path}: {status}");
        let told = socket.control().await;
        assert_eq!((told["type"].as_str(), told["id"].as_str()), (Some("watchlist_changed"), Some(id)));
        assert_eq!(told["from_version"].as_u64(), Some(version));
        version = told["version"].as_u64().expect("a version");
        let change = &told["changes"][0];
        let symbol = if change["change"] == "put" { &change["item"]["symbol"] } else { &change["symbol"] };
        assert_eq!(json!([change["change"], symbol, change["after"]]), expected);
        let changes: Vec<ListChange> = serde_json::from_value(told["changes"].clone()).expect("changes");
        assert_eq!(changes.len(), 1);
        assert!(ListChange::apply_all(changes, &mut name, &mut items));
        let held = account.client.get(&list).await.expect(200);
        let wanted: Vec<WatchlistItem> = serde_json::from_value(held["items"].clone()).expect("items");
        let wanted: Vec<WatchlistItem> = wanted.into_iter().map(|item| WatchlistItem { quote: None, ..item }).collect();
        assert_eq!(items, wanted);
        assert_eq!(held["name"], name.as_str());
    }

    // Several changes at once are told together, and the whole list where it is asked for.
    let bulk: Vec<Value> = ["GOOG", "META", "TSLA", "ORCL"].map(|symbol| json!({ "symbol": symbol })).to_vec();
    account.client.post(&format!("{list}/items/bulk"), &json!({ "items": bulk })).await.expect(200);
    assert_eq!(socket.control().await["changes"].as_array().map(Vec::len), Some(4));
    let whole = json!({ "op": "watch", "watchlist": id, "prices": false });
    socket.say(whole).await;
    assert_eq!(socket.control().await["items"].as_array().map(Vec::len), Some(7));
    account.client.delete(&list, None).await.expect(204);
    assert_eq!(socket.control().await["name"], Value::Null);
}

async fn the_set_of_lists_is_followed(backend: Backend) {
    let (server, account, list, mut socket) = begin_with_a_list(backend).await;
    let client = &account.client;
    let id = list.rsplit('/').next().expect("an id");
    socket.say(json!({ "op": "watch", "watchlists": true })).await;
    let first = socket.control().await;
    let entry = |set: &Value, at: usize| json!([set["items"][at]["name"], set["items"][at]["count"]]);
    assert_eq!((first["type"].as_str(), entry(&first, 0)), (Some("watchlists"), json!(["Watchlist", 3])));
    assert_eq!(first["items"][0]["id"], id);

    // Whatever changes a list tells the set, at a version that rises, and it is what the API answers with.
    let made = client.post("/api/v1/watchlists", &json!({ "name": "Chips" })).await.expect(201);
    let chips = format!("/api/v1/watchlists/{}", made["id"].as_str().expect("an id"));
    let mut version = first["version"].as_u64().expect("a version");
    let mut told = socket.control().await;
    for change in 0..8 {
        let now = told["version"].as_u64().expect("a version");
        assert!(now > version, "{now} after {version}");
        version = now;
        let held = client.get("/api/v1/watchlists").await.expect(200);
        let wanted: Vec<Value> = held["items"].as_array().expect("lists").iter().map(entry_of).collect();
        assert_eq!(told["items"], json!(wanted), "after change {change}");
        match change {
            0 => assert_eq!(entry(&told, 1), json!(["Chips", 0])),
            4 => assert_eq!((entry(&told, 0), entry(&told, 1)), (json!(["Fabs", 1]), json!(["Watchlist", 2]))),
            _ => {}
        }
        let patch = async |path: &str, body: Value| client.patch(path, &body, None).await;
        let answer = match change {
            0 => client.post(&format!("{chips}/items"), &json!({ "symbol": "NVDA" })).await,
            1 => client.delete(&format!("{list}/items/MSFT"), None).await,
            2 => patch(&chips, json!({ "name": "Fabs" })).await,
            3 => patch(&chips, json!({ "position": 0 })).await,
            4 => patch(&format!("{chips}/items/NVDA"), json!({ "flag": "red" })).await,
            5 => client.delete(&list, None).await,
            6 => client.delete(&chips, None).await,
            _ => break,
        };
        assert!(answer.status.is_success(), "change {change}: {}", answer.status);
        told = socket.control().await;
    }
    assert_eq!(told["items"], json!([]));

    // What is followed already is not told again, nor is what changes nothing, and what is followed no longer is not told.
    socket.say(json!({ "op": "watch", "watchlists": true })).await;
    socket.say(json!({ "op": "ping", "id": 0 })).await;
    assert_eq!(socket.control().await["type"], "pong");
    socket.say(json!({ "op": "unwatch", "watchlists": true })).await;
    client.post("/api/v1/watchlists", &json!({ "name": "Unseen" })).await.expect(201);
    socket.say(json!({ "op": "ping", "id": 1 })).await;
    assert_eq!(socket.control().await["type"], "pong");

    // Nobody hears of another account's.
    let mut other = Socket::open(&server.client().register().await.client).await;
    other.say(json!({ "op": "watch", "watchlists": true })).await;
    assert_eq!(other.control().await["items"].as_array().map(Vec::len), Some(1));
    client.post("/api/v1/watchlists", &json!({ "name": "Mine" })).await.expect(201);
    other.say(json!({ "op": "ping", "id": 0 })).await;
    assert_eq!(other.control().await["type"], "pong");
}

/// A list of the API's as the set of lists has it.
fn entry_of(list: &Value) -> Value {
    let [id, name, position, count, version] =
        ["id", "name", "position", "item_count", "version"].map(|field| list[field].clone());
    json!({ "id": id, "name": name, "position": position, "count": count, "version": version })
}

async fn a_stolen_refresh_token_takes_the_sockets_along(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let mut socket = Socket::open(&account.client).await;
    let mut token = json!(account.refresh_token);
    for _ in 0..2 {
        let refresh = json!({ "refresh_token": token });
        token = server.client().post("/api/v1/auth/refresh", &refresh).await.expect(200)["refresh_token"].clone();
    }
    let copy = json!({ "refresh_token": account.refresh_token });
    server.client().post("/api/v1/auth/refresh", &copy).await.refused(401, "invalid_refresh_token");
    assert_eq!(socket.closed().await, 4409);
}

async fn a_session_that_ends_takes_its_sockets_along(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let login = json!({ "email": account.email, "password": account.password, "transport": "body" });
    let elsewhere = server.client().post("/api/v1/auth/login", &login).await.expect(200);
    let elsewhere =
        crate::support::Client { token: elsewhere["access_token"].as_str().map(str::to_owned), ..server.client() };
    let mut here = Socket::open(&account.client).await;
    let mut there = Socket::open(&elsewhere).await;
    let left = json!({ "refresh_token": account.refresh_token });
    server.client().post("/api/v1/auth/logout", &left).await.expect(204);
    assert_eq!(here.closed().await, 4409);
    there.say(json!({ "op": "ping", "id": 1 })).await;
    assert_eq!(there.next_of("pong").await["id"], 1);
}

#[actix_web::test]
async fn what_is_not_a_message_ends_the_connection() {
    let (_server, account) = server_and_account().await;
    for (frame, code) in [
        (Message::text("not json"), 4400),
        (Message::text(r#"["ping",1]"#), 4400),
        (Message::text(r#"{"op":"dance"}"#), 4400),
        (Message::text(r#"{"op":"ping","id":1,"more":2}"#), 4400),
        (Message::text(r#"{"op":"subscribe","symbols":[1]}"#), 4400),
        (Message::text(r#"{"op":"watch"}"#), 4400),
        (Message::text(r#"{"op":"watch","watchlists":false}"#), 4400),
        (Message::text(r#"{"op":"unwatch"}"#), 4400),
        (Message::binary(vec![1, 2, 3]), 4400),
        (Message::text(format!(r#"{{"op":"ping","id":1,"x":"{}"}}"#, "x".repeat(70_000))), 4413),
    ] {
        let mut socket = Socket::open(&account.client).await;
        socket.send(frame.clone()).await;
        assert_eq!(socket.closed().await, code, "{:.60}", frame.to_string());
    }
    let mut flood = Socket::open(&account.client).await;
    for id in 0..60 {
        flood.say(json!({ "op": "ping", "id": id })).await;
    }
    assert_eq!(flood.closed().await, 4429);
}

#[actix_web::test]
async fn a_stopping_server_says_goodbye() {
    let (server, account) = server_and_account().await;
    let mut socket = Socket::open(&account.client).await;
    let stop = async { server.stop().await };
    let hear = async {
        let bye = socket.next_of("bye").await;
        assert_eq!(bye["reason"], "restart");
        assert!(bye["retry_after_ms"].as_u64().is_some_and(|ms| (500..5_000).contains(&ms)));
        assert_eq!(socket.closed().await, 1012);
    };
    futures_util::future::join(stop, hear).await;
}
