//! Two versions side by side, as while nodes are upgraded one after the other: the newer one has migrated the database, and the
//! older one serves on. `make test-upgrade` builds the older one from an earlier commit; otherwise it is this one too.

use super::{leader, on};
use crate::support::collector::Collector;
use crate::support::listener::Listener;
use crate::support::process::Served;
use crate::support::redis::Redis;
use crate::support::socket::Socket;
use crate::support::{Account, Backend, Client, Database};
use reqwest::Method;
use serde_json::{Value, json};

/// The program of the older version.
fn older_program() -> String {
    std::env::var("WATCHTAPE_TEST_OLDER_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_watchtape").to_owned())
}

/// What a socket that follows a list has been told.
#[derive(Clone, Default)]
struct Told {
    /// The version of the list, and how many items it has.
    list: Option<(u64, usize)>,
    /// The last round: its term and number.
    round: Option<(u64, u64)>,
    rounds: usize,
    /// What a socket of a node that stays is never told.
    complaint: Option<String>,
}

impl Told {
    fn take(&mut self, message: &Value) {
        let number = |field: &str| message[field].as_u64();
        match message["type"].as_str() {
            Some("watchlist") => self.list = number("version").zip(message["items"].as_array().map(Vec::len)),
            Some("ticks") => {
                let round = number("term").zip(number("seq"));
                if self.round >= round {
                    self.complaint = Some(format!("{:?} before {message}", self.round));
                }
                (self.round, self.rounds) = (round, self.rounds + 1);
            }
            Some("bye") => self.complaint = Some(message.to_string()),
            _ => {}
        }
    }
}

/// A socket that follows a list, told of its present version.
async fn follow(client: &Client, list: &str) -> Listener<Told> {
    let mut socket = Socket::open(client).await;
    socket.say(json!({ "op": "watch", "watchlist": list.rsplit('/').next() })).await;
    let mut listener = Listener::start(socket, Told::default(), Told::take);
    listener.until(|told| told.list.is_some()).await;
    listener
}

/// Whatever one node does is seen on all, and all have prices.
async fn serve_together(nodes: &[&Served], account: &Account, list: &str) {
    let mut sockets = Vec::new();
    for node in nodes {
        sockets.push(follow(&on(node, account), list).await);
    }
    for node in nodes {
        let client = on(node, account);
        let symbols = account.symbols(list).await;
        let change = if symbols.contains(&"MSFT".to_owned()) {
            client.request(Method::DELETE, &format!("{list}/items/MSFT"))
        } else {
            client.request(Method::POST, &format!("{list}/items")).json(&json!({ "symbol": "MSFT" }))
        };
        // What goes with an event between nodes is there, too.
        let traced = change.header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        let changed = client.send(traced).await;
        assert!(changed.status.is_success(), "{}", changed.text);
        let held = client.get(list).await.expect(200);
        let held = held["version"].as_u64().zip(held["items"].as_array().map(Vec::len));
        for socket in &mut sockets {
            socket.until(|told| told.list == held).await;
        }
        // What an account needs is written by either version.
        let stranger = Client::new(node.address).register().await;
        let made = stranger.client.post("/api/v1/watchlists", &json!({ "name": "Another" })).await.expect(201);
        let path = format!("/api/v1/watchlists/{}", made["id"].as_str().expect("an id"));
        for other in nodes {
            assert_eq!(on(other, &stranger).get(&path).await.expect(200)["name"], "Another");
        }
    }
    for socket in &mut sockets {
        let before = socket.seen().rounds;
        socket.until(|told| told.rounds > before).await;
    }
}

#[actix_web::test]
async fn one_version_replaces_the_other_node_by_node() {
    let (database, redis, older) = (Database::empty(Backend::Postgres), Redis::started(), older_program());
    let (folder, setting, store) = (database.folder(), database.setting(), redis.url());
    let folder = folder.to_str().expect("a path");
    let flags = [
        ["--database-url", &setting],
        ["--data-dir", folder],
        ["--redis-url", &store],
        ["--sim-interval-ms", "200"],
        ["--workers", "1"],
    ];
    let flags = flags.as_flattened();
    let mut old = [Served::of(&older, flags), Served::of(&older, flags)];
    let account = Client::new(old[0].address).register().await;
    let list = account.first_list().await;
    account.add(&list, &["AAPL", "NVDA"]).await;
    // One of the old nodes runs the feed while the first new one comes.
    if leader(&old).await == 1 {
        old.swap(0, 1);
    }
    let account = Account { client: on(&old[1], &account), ..account };

    let collector = Collector::start().await;
    let traces = ["--otlp-endpoint", &collector.url()];
    let newer = [flags, &traces].concat();
    let first = Served::start(&newer);
    let mut faithful = follow(&on(&first, &account), &list).await;
    serve_together(&[&old[0], &old[1], &first], &account, &list).await;
    old[0].terminate();
    serve_together(&[&old[1], &first], &account, &list).await;
    let account = Account { client: on(&first, &account), ..account };
    let second = Served::start(&newer);
    serve_together(&[&old[1], &first, &second], &account, &list).await;
    old[1].terminate();
    serve_together(&[&first, &second], &account, &list).await;
    assert_eq!(account.symbols(&list).await, ["AAPL", "NVDA"]);

    // Whoever was there all the while has seen rounds in their order, from whichever version they came.
    let newest = on(&second, &account).get("/api/v1/market").await.expect(200)["feed"]["seq"].as_u64();
    let told = faithful.until(|told| told.round.map(|(_, seq)| seq) >= newest).await;
    assert_eq!(told.complaint, None);
}
