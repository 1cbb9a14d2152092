//! Many nodes on one Redis and one PostgreSQL: real processes, a real redis-server, and both of them killed.

mod access;
mod one_order;
mod outages;
mod promotion;
mod redis_servers;
mod two_versions;
mod without_redis;

use crate::support::listener::Listener;
use crate::support::process::Served;
use crate::support::redis::Redis;
use crate::support::socket::Socket;
use crate::support::{Account, Backend, Client, Database, until, within};
use deadpool_redis::redis::Client as RedisClient;
use futures_util::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use watchtape::cluster::round::Publication;
use watchtape::cluster::{Cluster, ClusterError, Node, Redis as Store, RedisUrl};
use watchtape::feed::provider::Provider;
use watchtape::feed::simulation::Simulation;
use watchtape::search::{LiveIndex, TickerIndex};
use watchtape::telemetry::supervision::Tasks;
use watchtape::telemetry::traces::TraceContext;

use watchtape_shared::Symbol;
use watchtape_shared::stream::GapReason;

struct Nodes {
    database: Database,
    redis: Redis,
}

impl Nodes {
    async fn new(redis: Redis) -> Self {
        Self { database: Database::ready(Backend::Postgres).await, redis }
    }

    fn start(&self) -> Served {
        self.start_with(&[])
    }

    fn start_with(&self, flags: &[&str]) -> Served {
        self.start_at(&self.redis.url(), flags)
    }

    /// A node that is told this of where Redis is.
    fn start_at(&self, redis: &str, flags: &[&str]) -> Served {
        let (folder, database) = (self.database.folder(), self.database.setting());
        let usual = [
            ["--database-url", &database],
            ["--data-dir", folder.to_str().expect("a path")],
            ["--redis-url", redis],
            ["--sim-interval-ms", "100"],
            ["--workers", "1"],
        ];
        Served::start(&[usual.as_flattened(), flags].concat())
    }
}

fn on(node: &Served, account: &Account) -> Client {
    let mut client = Client::new(node.address);
    client.token.clone_from(&account.client.token);
    client
}

/// What a node says once it is ready.
async fn readiness(node: &Served) -> Value {
    let client = Client::new(node.address);
    until("it is ready", async || client.get("/readyz").await.status.as_u16() == 200).await;
    client.get("/readyz").await.expect(200)
}

async fn leader(nodes: &[Served]) -> usize {
    let mut found = None;
    until("one node runs the feed", async || {
        for (at, node) in nodes.iter().enumerate() {
            if readiness(node).await["runs_feed"] == true {
                found = Some(at);
            }
        }
        found.is_some()
    })
    .await;
    found.expect("set above")
}

#[actix_web::test]
async fn the_feeds_node_is_killed_and_another_goes_on_where_it_stopped() {
    let nodes = Nodes::new(Redis::started()).await;
    let mut served = vec![nodes.start(), nodes.start(), nodes.start()];
    let account = Client::new(served[0].address).register().await;
    // Every round that is ever published, as any node may hear it.
    let listener = RedisClient::open(nodes.redis.url()).expect("a URL");
    let mut listener = listener.get_async_pubsub().await.expect("a connection");
    listener.subscribe("{watchtape}:rounds").await.expect("a subscription");
    let mut rounds = listener.into_on_message();

    let mut clients = Vec::new();
    for node in &served {
        let mut socket = Socket::open(&on(node, &account)).await;
        socket.subscribe(&["AAPL", "MSFT", "NVDA"]).await;
        let mut client = Listener::start(socket, None, |last: &mut Option<u64>, message| {
            *last = message["seq"].as_u64().filter(|_| message["type"] == "ticks").or(*last);
        });
        client.until(Option::is_some).await;
        clients.push(client);
    }
    let leader = leader(&served).await;
    clients.remove(leader);
    served.remove(leader).kill();
    let killed = Instant::now();
    // What the old feed published has a number up to this one: the next one goes on where it stopped.
    let next = self::leader(&served).await;
    let market = on(&served[next], &account).get("/api/v1/market").await.expect(200);
    let before = market["feed"]["seq"].as_u64().expect("a number");
    for client in &mut clients {
        client.until(|last| *last > Some(before)).await;
    }
    println!("prices again on every client {:?} after the feed's node was killed", killed.elapsed());
    // One feed at a time: each number once, in order, in one epoch, before and after.
    let mut last: Option<(String, u64)> = None;
    let mut after = 0;
    while after < 5 {
        let message = within(rounds.next()).await.expect("a message");
        let round: Value = serde_json::from_str(&message.get_payload::<String>().expect("text")).expect("JSON");
        if round["kind"] != "round" {
            continue;
        }
        let (epoch, seq) = (round["epoch"].as_str().expect("an epoch"), round["seq"].as_u64().expect("a number"));
        if let Some((known, last)) = &last {
            assert_eq!((epoch, seq), (known.as_str(), last + 1));
        }
        last = Some((epoch.to_owned(), seq));
        after += u32::from(seq > before);
    }
    let running = served.iter().map(|node| async { readiness(node).await["runs_feed"] == true });
    let running = futures_util::future::join_all(running).await;
    assert_eq!(running.iter().filter(|runs| **runs).count(), 1);
}

#[actix_web::test]
async fn redis_is_killed_and_comes_back_empty_and_no_socket_is_lost() {
    let mut nodes = Nodes::new(Redis::started()).await;
    let served = [nodes.start(), nodes.start()];
    let account = Client::new(served[0].address).register().await;
    let mut sockets = Vec::new();
    let mut epochs = HashSet::new();
    for node in &served {
        let client = on(node, &account);
        for _ in 0..5 {
            let mut socket = Socket::open(&client).await;
            socket.subscribe(&["AAPL", "MSFT"]).await;
            socket.next_of("ticks").await;
            // Read all the while, as a client does: one that does not is closed.
            sockets.push(actix_web::rt::spawn(async move {
                let gap = socket.next_of("gap").await;
                let snapshot = socket.next().await;
                socket.next_of("ticks").await;
                (gap["epoch"].as_str().expect("a new epoch").to_owned(), snapshot)
            }));
        }
    }
    nodes.redis.kill();
    for node in &served {
        until("a node cut off says so", async || readiness(node).await["status"] == "degraded").await;
        let client = on(node, &account);
        let market = client.get("/api/v1/market").await.expect(200);
        assert_eq!(market["feed"]["degraded"], true);
        let quotes = client.get("/api/v1/quotes?symbols=AAPL").await.expect(200);
        assert!(quotes["items"][0]["price"].is_string(), "it answers from memory: {quotes}");
        until("old values are marked", async || {
            client.get("/api/v1/quotes?symbols=AAPL").await.expect(200)["items"][0]["stale"] == true
        })
        .await;
    }
    nodes.redis.start();
    let back = Instant::now();
    for socket in sockets {
        let (epoch, snapshot) = socket.await.expect("no socket is lost");
        epochs.insert(epoch);
        assert_eq!(
            (snapshot["type"].as_str(), snapshot["quotes"].as_array().map(Vec::len)),
            (Some("snapshot"), Some(2))
        );
        assert!(snapshot["quotes"][0]["price"].is_string(), "what was remembered is not lost: {snapshot}");
    }
    println!("prices again on every client {:?} after Redis answered again", back.elapsed());
    assert_eq!(epochs.len(), 1, "all nodes agree");
    for node in &served {
        until("a node that is healed says so", async || readiness(node).await["status"] == "ok").await;
    }
}

#[actix_web::test]
async fn a_node_starts_without_its_redis_and_is_of_use_when_it_comes() {
    let mut nodes = Nodes::new(Redis::stopped()).await;
    let served = nodes.start();
    let account = Client::new(served.address).register().await;
    until("it is of use", async || readiness(&served).await["status"] == "degraded").await;
    let quotes = account.client.get("/api/v1/quotes?symbols=AAPL").await.expect(200);
    assert_eq!(quotes["items"][0]["reason"], "source_down");
    assert!(quotes["items"][0]["price"].is_null());
    let mut socket = Socket::open(&account.client).await;
    socket.subscribe(&["AAPL"]).await;
    nodes.redis.start();
    let ticks = socket.next_of("ticks").await;
    assert_eq!(ticks["d"][0][0], "AAPL");
    until("it is well", async || readiness(&served).await["status"] == "ok").await;
}

/// A node that joins is not ready before it has heard of the others' prices.
#[actix_web::test]
async fn a_node_that_says_it_is_ready_has_prices() {
    let nodes = Nodes::new(Redis::started()).await;
    let first = nodes.start();
    let account = Client::new(first.address).register().await;
    until("there are prices", async || {
        let quotes = account.client.get("/api/v1/quotes?symbols=AAPL").await.expect(200);
        !quotes["items"][0]["price"].is_null()
    })
    .await;
    for _ in 0..3 {
        let joining = nodes.start();
        let client = Client::new(joining.address);
        until("it is ready", async || client.get("/readyz").await.status.as_u16() == 200).await;
        let quotes = on(&joining, &account).get("/api/v1/quotes?symbols=AAPL").await.expect(200);
        assert!(!quotes["items"][0]["price"].is_null(), "{quotes}");
    }
}

#[actix_web::test]
async fn what_happens_on_one_node_is_heard_on_the_other() {
    let mut nodes = Nodes::new(Redis::started()).await;
    let served = [nodes.start(), nodes.start()];
    let account = Client::new(served[0].address).register().await;
    let lists = account.client.get("/api/v1/watchlists").await.expect(200);
    let list = lists["items"][0]["id"].as_str().expect("a list").to_owned();
    let mut socket = Socket::open(&on(&served[1], &account)).await;
    socket.say(json!({ "op": "watch", "watchlist": list })).await;
    assert_eq!(socket.next_of("watchlist").await["items"], json!([]));
    let add = account.client.request(Method::POST, &format!("/api/v1/watchlists/{list}/items"));
    account.client.send(add.json(&json!({ "symbol": "AAPL" }))).await.expect(201);
    assert_eq!(socket.next_of("watchlist").await["items"][0]["symbol"], "AAPL");

    // What is told while nobody can hear it is found out afterwards.
    nodes.redis.kill();
    let add = account.client.request(Method::POST, &format!("/api/v1/watchlists/{list}/items"));
    account.client.send(add.json(&json!({ "symbol": "MSFT" }))).await.expect(201);
    nodes.redis.start();
    let mut items = socket.next_of("watchlist").await["items"].clone();
    while items.as_array().map(Vec::len) < Some(2) {
        items = socket.next_of("watchlist").await["items"].clone();
    }
    assert_eq!(items[1]["symbol"], "MSFT");
}

#[actix_web::test]
async fn a_ticket_is_good_once_on_all_nodes_together() {
    let nodes = Nodes::new(Redis::started()).await;
    let served = [nodes.start(), nodes.start()];
    let account = Client::new(served[0].address).register().await;
    let request = account.client.request(Method::POST, "/api/v1/stream/tickets");
    let ticket = account.client.send(request).await.expect(201)["ticket"].clone();
    let mut outcomes = Vec::new();
    for node in &served {
        let mut socket = Socket::connect(&Client::new(node.address), &[]).await.expect("a connection");
        socket.say(json!({ "op": "auth", "ticket": ticket })).await;
        outcomes.push(if outcomes.is_empty() {
            socket.next().await["type"].clone()
        } else {
            socket.closed().await.into()
        });
    }
    assert_eq!(outcomes, [json!("hello"), json!(4401)]);
}

/// A writer that was elected and slept is refused by the store, and changes nothing.
/// Whoever is refused by one node is refused by all, and what a node granted while Redis answered counts while it does not:
/// together they never grant more than the limit.
#[actix_web::test]
async fn a_limit_is_one_for_all_nodes_with_and_without_redis() {
    let mut nodes = Nodes::new(Redis::started()).await;
    // A token comes back after half a minute, and to a node by itself after a minute.
    let flags = ["--api-per-minute", "2"];
    let both = [nodes.start_with(&flags), nodes.start_with(&flags)];
    for node in &both {
        until("each knows of the other", async || readiness(node).await["nodes"] == 2).await;
    }
    let client = Client::new(both[0].address);
    let [shared, of_one, late] = [client.register().await, client.register().await, client.register().await];
    let ask = async |node: usize, account: &Account| on(&both[node], account).get("/api/v1/me").await;
    let refuses = async |node: usize, account: &Account| {
        ask(node, account).await.refused(429, "too_many_requests");
    };
    for (node, account) in [(0, &shared), (1, &shared), (0, &of_one)] {
        ask(node, account).await.expect(200);
    }
    refuses(0, &shared).await;
    refuses(1, &shared).await;
    nodes.redis.kill();
    refuses(0, &shared).await;
    refuses(1, &shared).await;
    refuses(0, &of_one).await;
    ask(1, &of_one).await.expect(200);
    for node in [0, 1] {
        ask(node, &late).await.expect(200);
        refuses(node, &late).await;
    }
}

#[actix_web::test]
async fn a_late_writer_is_refused_by_the_store() {
    let redis = Redis::started();
    let url = redis.url().parse().expect("a URL");
    let [first, second] = [(); 2].map(|()| node(&url));
    let round = |seq| Publication {
        epoch: "e".into(),
        term: 1,
        seq,
        reason: GapReason::Restarted,
        published_at: chrono::Utc::now(),
        trace: TraceContext::default(),
        entries: Vec::new(),
    };
    let early = first.cluster.acquire_lease().await;
    first.publish(&early, round(1)).await.expect("the holder writes");
    assert!(matches!(first.publish(&early, round(1)).await, Err(ClusterError::LeaseLost)), "a number is used once");

    // Its lease runs out while it sleeps: nobody renews it.
    let late = second.cluster.acquire_lease().await;
    assert!(late.fence > early.fence);
    assert!(matches!(first.publish(&early, round(2)).await, Err(ClusterError::LeaseLost)));
    let stored = second.load(&late).await.expect("the store").expect("a round");
    assert_eq!((stored.last.seq, stored.is_continuous), (1, true));
    let of_older_term = Publication { term: 0, ..round(3) };
    assert!(matches!(second.publish(&late, of_older_term).await, Err(ClusterError::LeaseLost)), "terms only rise");
    second.publish(&late, round(2)).await.expect("the holder writes");
    within(first.cluster.renew_until_lost(&early)).await;
}

/// A market without securities, which never has a price.
fn silent_market() -> Simulation {
    let tickers = Arc::new(LiveIndex::new(TickerIndex::new(Vec::new())));
    Simulation::new(tickers, watch::channel(Arc::default()).1, 1, Duration::from_secs(1))
}

/// A node of this Redis, which has not joined yet.
fn node(url: &RedisUrl) -> Node {
    let cluster = Cluster::Redis(Box::new(Store::new(url, None).expect("a store")));
    let source = silent_market().source();
    Node::new(cluster, source, Arc::default(), Arc::default())
}

/// A node that reports that this is watched, for as long as it is there.
fn join(url: &str, watchers: &[(&str, u32)]) -> Arc<Node> {
    let node = Arc::new(node(&url.parse().expect("a URL")));
    node.join(&Tasks::default());
    node.demand.set_worker_demand(0, watchers.iter().map(|(text, count)| (symbol(text), *count)).collect());
    node
}

fn symbol(text: &str) -> Symbol {
    Symbol::parse(text).expect("a symbol")
}

async fn watches(node: &Node, expected: &[(&str, u32)]) {
    let expected: HashMap<Symbol, u32> = expected.iter().map(|(text, count)| (symbol(text), *count)).collect();
    let mut watched = node.demand.watched();
    let found = watched.wait_for(|all| **all == expected);
    let _all = within(found).await.expect("the demand lives");
}

/// What each node watches is added up, and expires with the node.
#[actix_web::test]
async fn demand_is_merged_and_expires_with_its_node() {
    let redis = Redis::started();
    let one = join(&redis.url(), &[("AAPL", 3)]);
    let url = redis.url();
    let other = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async {
            let two = join(&url, &[("AAPL", 2), ("MSFT", 1)]);
            watches(&two, &[("AAPL", 5), ("MSFT", 1)]).await;
        });
    });
    watches(&one, &[("AAPL", 5), ("MSFT", 1)]).await;
    other.join().expect("the other node");
    watches(&one, &[("AAPL", 3)]).await;
}
