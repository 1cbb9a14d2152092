//! Traces, as a collector receives them: a request with its SQL, what connections are told of its change on every node, rounds,
//! and calls to others.

use crate::support::collector::{Collector, Traced};
use crate::support::process::Served;
use crate::support::receiver::Receiver;
use crate::support::redis::Redis;
use crate::support::socket::Socket;
use crate::support::vendor::{FakeRest, Reply};
use crate::support::{Account, Backend, Client, Database, on_both_databases, until, within};
use reqwest::Method;
use serde_json::json;
use std::net::TcpListener;
use tempfile::TempDir;

on_both_databases!(a_request_is_traced_down_to_its_sql_and_to_whom_its_change_is_told);

/// The ids of a caller's span.
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";
const OTHER_TRACE: &str = "5bf92f3577b34da6a3ce929d0e0e4736";

/// Kinds of spans.
const SERVER: i32 = 2;
const CLIENT: i32 = 3;

fn flags_for(database: &Database) -> Vec<String> {
    let folder = database.folder();
    let folder = folder.to_str().expect("a path");
    ["--data-dir", folder, "--database-url", &database.setting()].map(ToOwned::to_owned).to_vec()
}

fn start(own: &[String], flags: &[&str]) -> Served {
    Served::start(&[own.iter().map(String::as_str).collect(), flags.to_vec()].concat())
}

/// Adds a symbol with a note to a list, within a caller's span.
async fn add_within(account: &Client, list: &str, trace: &str, flags: &str) {
    let item = json!({ "symbol": "MSFT", "note": "a note of mine" });
    let request = account.request(Method::POST, &format!("{list}/items")).json(&item);
    let request = request.header("traceparent", format!("00-{trace}-{CALLER}-{flags}"));
    account.send(request).await.expect(201);
}

/// The spans of a trace that a span is the parent of.
fn children<'a>(spans: &'a [Traced], parent: &Traced) -> Vec<&'a Traced> {
    spans.iter().filter(|span| (&span.trace, &span.parent) == (&parent.trace, &parent.id)).collect()
}

async fn a_request_is_traced_down_to_its_sql_and_to_whom_its_change_is_told(backend: Backend) {
    let (database, collector) = (Database::ready(backend).await, Collector::start().await);
    let flags = ["--otlp-endpoint", &collector.url(), "--otlp-headers", "api-key=of the collector"];
    let server = start(&flags_for(&database), &flags);
    let account = Client::new(server.address).register().await;
    let list = account.first_list().await;
    let mut socket = Socket::open(&account.client).await;
    let id = list.rsplit('/').next().expect("an id");
    socket.say(json!({ "op": "watch", "watchlist": id })).await;
    socket.next_of("watchlist").await;
    add_within(&account.client, &list, TRACE, "01").await;
    socket.next_of("watchlist").await;

    let told = collector.span("the change is told", |span| (&*span.trace, &*span.name) == (TRACE, "tell list")).await;
    let route = "POST /api/v1/watchlists/{id}/items";
    let request = collector.span("the request", |span| (&*span.trace, &*span.name) == (TRACE, route)).await;
    assert_eq!((request.parent.as_str(), request.kind), (CALLER, SERVER));
    assert_eq!(request.attributes["http.response.status_code"], "201");
    let me = account.client.get("/api/v1/me").await.expect(200);
    assert_eq!(me["id"], request.attributes["user.id"]);
    assert_eq!(request.attributes["url.path"], format!("{list}/items"));
    assert_eq!(told.parent, request.id);
    let spans = collector.spans();
    let statements = |parent: &Traced, operation: &str| {
        let of_request = children(&spans, parent).into_iter().filter(|span| span.kind == CLIENT);
        of_request.filter(|span| span.name == operation && span.attributes["db.query.text"].contains(operation)).count()
    };
    assert!(statements(&request, "INSERT") > 0 && statements(&request, "COMMIT") > 0, "{spans:?}");
    assert!(statements(&told, "SELECT") > 0, "{spans:?}");
    assert!(!format!("{spans:?}").contains("a note of mine"), "values of a statement are nobody's business");
    let (path, key) = ("/v1/traces".to_owned(), "of the collector".to_owned());
    assert!(collector.requests("api-key").iter().all(|request| *request == (path.clone(), key.clone())));
}

/// Whoever calls decides whether it is traced.
#[actix_web::test]
async fn a_call_that_is_not_to_be_traced_is_not_and_probes_never_are() {
    let (database, collector) = (Database::ready(Backend::Sqlite).await, Collector::start().await);
    let server = start(&flags_for(&database), &["--otlp-endpoint", &collector.url(), "--otlp-sample", "1000000"]);
    let account = Client::new(server.address).register().await;
    let (list, client) = (account.first_list().await, &account.client);
    let probe = client.request(Method::GET, "/readyz").header("traceparent", format!("00-{TRACE}-{CALLER}-01"));
    client.send(probe).await.expect(200);
    add_within(client, &list, OTHER_TRACE, "00").await;
    client.delete(&format!("{list}/items/MSFT"), None).await.expect(204);
    add_within(client, &list, TRACE, "01").await;
    let is_request = |span: &Traced| span.trace == TRACE && span.name.ends_with("/items");
    collector.span("what is to be traced", is_request).await;
    assert!(collector.spans().iter().all(|span| !span.name.contains("readyz")));
    let others: Vec<_> = collector.spans().into_iter().filter(|span| span.trace != TRACE).collect();
    assert!(others.iter().all(|span| span.trace != OTHER_TRACE), "{others:?}");
    // Of a million traces one would be.
    assert!(others.len() < 10, "{others:?}");
}

#[actix_web::test]
async fn a_round_and_a_change_are_traced_through_every_node() {
    let (database, redis) = (Database::ready(Backend::Postgres).await, Redis::started());
    let collector = Collector::start().await;
    let (url, store) = (collector.url(), redis.url());
    let flags = ["--otlp-endpoint", &url, "--redis-url", &store, "--sim-interval-ms", "500", "--workers", "1"];
    let own = flags_for(&database);
    let nodes = [start(&own, &flags), start(&own, &flags)];
    for node in &nodes {
        // What is published before a node hears the others, it finds in the database, and of which request is not there.
        let client = Client::new(node.address);
        until("it hears the others", async || client.get("/readyz").await.text.contains(r#""status":"ok""#)).await;
    }
    let account = Client::new(nodes[0].address).register().await;
    let on_other = Client { token: account.client.token.clone(), ..Client::new(nodes[1].address) };
    let list = account.first_list().await;
    let mut socket = Socket::open(&on_other).await;
    socket.say(json!({ "op": "watch", "watchlist": list.rsplit('/').next() })).await;
    socket.next_of("watchlist").await;
    add_within(&account.client, &list, TRACE, "01").await;
    socket.next_of("watchlist").await;
    let is_of = |span: &Traced, node: &Served| span.instance.ends_with(&format!(":{}", node.id()));
    let is_told = |span: &Traced| span.trace == TRACE && span.name == "tell list" && is_of(span, &nodes[1]);
    let told = collector.span("the other node tells the change", is_told).await;
    let request = collector.span("the request", |span| span.trace == TRACE && span.kind == SERVER).await;
    assert!(told.parent == request.id && is_of(&request, &nodes[0]), "{request:?} {told:?}");

    until("both nodes give a round to their sockets", async || {
        let spans = collector.spans();
        let mut rounds = spans.iter().filter(|span| span.name == "publish round");
        rounds.any(|round| {
            let told = children(&spans, round).into_iter().filter(|span| span.name == "fan out round");
            told.map(|span| &span.instance).collect::<std::collections::BTreeSet<_>>().len() == 2
        })
    })
    .await;
}

#[actix_web::test]
async fn calls_to_others_carry_the_trace() {
    let (folder, collector, receiver) =
        (TempDir::new().expect("a folder"), Collector::start().await, Receiver::start().await);
    let data_dir = folder.path().to_str().expect("a path");
    let flags = ["--data-dir", data_dir, "--otlp-endpoint", &collector.url(), "--notify-allow", "127.0.0.1"];
    let server = Served::start(&flags);
    let account: Account = Client::new(server.address).register().await;
    let webhook = json!({ "type": "webhook", "url": receiver.url("/secret-path") });
    let webhook = account.client.post("/api/v1/me/destinations", &webhook).await.expect(201);
    let path = format!("/api/v1/me/destinations/{}/test", webhook["id"].as_str().expect("an id"));
    account.client.post(&path, &json!(null)).await.expect(200);
    let sent = receiver.until(1).await.remove(0);
    let span = collector.span("the call", |span| (&*span.name, span.kind) == ("POST", CLIENT)).await;
    assert_eq!(sent.header("traceparent"), format!("00-{}-{}-01", span.trace, span.id));
    assert_eq!(span.attributes["server.address"], "127.0.0.1");
    assert!(!span.has_failed && !format!("{:?}", collector.spans()).contains("secret-path"));

    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let webhook = json!({ "type": "webhook", "url": format!("http://{nobody}/") });
    let webhook = account.client.post("/api/v1/me/destinations", &webhook).await.expect(201);
    let path = format!("/api/v1/me/destinations/{}/test", webhook["id"].as_str().expect("an id"));
    account.client.post(&path, &json!(null)).await.expect(200);
    collector.span("the call that failed", |span| (&*span.name, span.has_failed) == ("POST", true)).await;
}

/// What people watch is in the query, and what the key is in a header.
#[actix_web::test]
async fn calls_to_a_vendor_carry_the_trace_and_say_neither_symbols_nor_keys() {
    let (folder, collector) = (TempDir::new().expect("a folder"), Collector::start().await);
    let vendor = FakeRest::answering(|asked| match asked.target.contains("AAPL") {
        true => Reply::json(r#"{"c":189.23,"d":1.1,"dp":0.6,"h":190.5,"l":187.1,"o":188,"pc":188.13,"t":1700000000}"#),
        false => Reply::with(503, &[], ""),
    })
    .await;
    let (data_dir, otlp, url) = (folder.path().to_str().expect("a path"), collector.url(), vendor.url());
    let flags = ["--feed", "finnhub", "--finnhub-key", "of-the-vendor", "--finnhub-url", &url];
    let flags = [&flags[..], &["--finnhub-stream-url", "ws://127.0.0.1:1", "--data-dir", data_dir]].concat();
    let server = Served::start(&[&flags[..], &["--otlp-endpoint", &otlp]].concat());
    let account = Client::new(server.address).register().await;
    let mut socket = Socket::open(&account.client).await;
    socket.subscribe(&["AAPL", "MSFT"]).await;
    let is_call = |span: &Traced| (&*span.name, span.kind) == ("GET", CLIENT);
    let has = |span: &Traced, status| is_call(span) && span.attributes["http.response.status_code"] == status;
    let call = collector.span("a call", |span| has(span, "200")).await;
    let failed = collector.span("a call that fails", |span| has(span, "503")).await;
    assert_eq!((call.has_failed, failed.has_failed), (false, true));
    assert_eq!(call.attributes["url.full"], format!("{url}/quote"));
    let traceparent = format!("00-{}-{}-01", call.trace, call.id);
    assert!(vendor.asked().iter().any(|asked| asked.header("traceparent") == traceparent));
    let calls: Vec<_> = collector.spans().into_iter().filter(is_call).collect();
    let said = format!("{calls:?}");
    assert!(!said.contains("AAPL") && !said.contains("of-the-vendor"), "{said}");
}

#[actix_web::test]
async fn a_collector_that_is_gone_costs_nobody_anything() {
    let folder = TempDir::new().expect("a folder");
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let data_dir = folder.path().to_str().expect("a path");
    let mut server = Served::start(&["--data-dir", data_dir, "--otlp-endpoint", &format!("http://{nobody}")]);
    let account = Client::new(server.address).register().await;
    account.client.get("/api/v1/me").await.expect(200);
    until("the loss is counted", async || {
        let text = account.client.get("/metrics").await.text;
        text.lines().any(|line| line.starts_with("watchtape_trace_spans_lost_total ") && !line.ends_with(" 0"))
    })
    .await;
    until("the log says so", async || !server.logged("the collector has not taken spans").is_empty()).await;
    server.terminate();
}

#[actix_web::test]
async fn a_collector_that_does_not_answer_holds_up_neither_requests_nor_the_end() {
    let (folder, collector) =
        (TempDir::new().expect("a folder"), Receiver::answering(|_| Reply::Stall(Vec::new())).await);
    let data_dir = folder.path().to_str().expect("a path");
    let mut server = Served::start(&["--data-dir", data_dir, "--otlp-endpoint", &collector.url("")]);
    let account = Client::new(server.address).register().await;
    collector.until(1).await;
    for _ in 0..50 {
        account.client.get("/api/v1/me").await.expect(200);
    }
    within(actix_web::web::block(move || server.terminate())).await.expect("its end");
}

/// A stream's request ends once it is open, and its log has the request's id as without traces.
#[actix_web::test]
async fn a_streams_request_is_sent_while_it_is_open_and_lines_have_their_request() {
    let (folder, collector) = (TempDir::new().expect("a folder"), Collector::start().await);
    let data_dir = folder.path().to_str().expect("a path");
    let server = Served::start(&["--data-dir", data_dir, "--otlp-endpoint", &collector.url()]);
    let account = Client::new(server.address).register().await;
    let _socket = Socket::open(&account.client).await;
    let stream = collector.span("the stream's request", |span| span.name == "GET /api/v1/stream").await;
    assert_eq!(stream.attributes["http.response.status_code"], "101");
    let answered = server.logged("\"answered\"");
    assert!(!answered.is_empty() && answered.iter().all(|line| line.contains("\"request_id\"")), "{answered:?}");
    assert_eq!(server.logged("db.query.text"), Vec::<String>::new());
}
