//! One order over everything: whatever becomes of Redis and of the node that runs the feed, nobody's prices stand still, are
//! lost, or go back without being told.

use super::{Nodes, leader, on, readiness};
use crate::support::proxy::Proxy;
use crate::support::redis::Redis;
use crate::support::socket::Socket;
use crate::support::{Backend, Client, Database, until};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use watchtape::catalog;
use watchtape::cluster::entry::Entry;
use watchtape::cluster::round::Publication;
use watchtape::cluster::{Cluster, Node, Redis as Store};
use watchtape::db::Db;
use watchtape::feed::price_publisher::PricePublisher;
use watchtape::feed::provider::Provider;
use watchtape::feed::simulation::Simulation;
use watchtape::search::TickerIndex;
use watchtape::telemetry::supervision::Tasks;
use watchtape_shared::quote::Mode;
use watchtape_shared::stream::GapReason;
use watchtape_shared::{Currency, Price, Quote, Symbol};

const SYMBOLS: [&str; 4] = ["AAPL", "MSFT", "NVDA", "IBM"];

/// What one client has seen: every message in the order of rounds, and of each symbol no price that is older than the last,
/// unless it was told why.
#[derive(Default)]
struct Witness {
    place: (u64, u64),
    epoch: String,
    as_of_ms: HashMap<String, i64>,
    reasons: Vec<String>,
}

impl Witness {
    fn see(&mut self, message: &Value) {
        let place = (message["term"].as_u64().expect("a term"), message["seq"].as_u64().unwrap_or_default());
        match message["type"].as_str() {
            Some("gap") => {
                let reason = message["reason"].as_str().expect("a reason").to_owned();
                assert!(place.0 >= self.place.0, "{message}");
                if matches!(&*reason, "clock_set" | "source_changed") {
                    self.as_of_ms.clear();
                }
                self.reasons.push(reason);
                self.epoch = message["epoch"].as_str().expect("an epoch").to_owned();
                self.place = (place.0, 0);
            }
            Some("snapshot") => {
                self.take_place(message, place);
                for quote in message["quotes"].as_array().expect("quotes") {
                    let as_of = quote["as_of"].as_str().map(|text| text.parse::<chrono::DateTime<chrono::Utc>>());
                    let as_of = as_of.map(|parsed| parsed.expect("a time").timestamp_millis());
                    self.price(quote["symbol"].as_str().expect("a symbol"), as_of);
                }
            }
            Some("ticks") => {
                self.take_place(message, place);
                for row in message["d"].as_array().expect("rows") {
                    self.price(row[0].as_str().expect("a symbol"), row[2].as_i64());
                }
            }
            _ => {}
        }
    }

    fn take_place(&mut self, message: &Value, place: (u64, u64)) {
        let epoch = message["epoch"].as_str().expect("an epoch");
        if !self.epoch.is_empty() {
            assert_eq!(epoch, self.epoch, "an epoch begins with a gap");
        }
        assert!(place >= self.place, "{place:?} after {:?}", self.place);
        (self.epoch, self.place) = (epoch.to_owned(), place);
    }

    fn price(&mut self, symbol: &str, as_of_ms: Option<i64>) {
        let before = self.as_of_ms.get(symbol).copied();
        let as_of_ms = as_of_ms.or_else(|| {
            assert_eq!(before, None, "the price of {symbol} was taken away");
            None
        });
        if let Some(as_of_ms) = as_of_ms {
            assert!(Some(as_of_ms) >= before, "{symbol} went back from {before:?} to {as_of_ms}");
            self.as_of_ms.insert(symbol.to_owned(), as_of_ms);
        }
    }
}

/// Hears a client until something holds of what it has seen.
async fn hear(socket: &mut Socket, witness: &mut Witness, until: impl Fn(&Witness) -> bool) {
    while !until(witness) {
        let message = socket.next().await;
        if ["gap", "snapshot", "ticks"].iter().any(|kind| message["type"] == *kind) {
            witness.see(&message);
        }
    }
}

async fn runs_feed(node: &super::Served) {
    until("it runs the feed", async || readiness(node).await["runs_feed"] == true).await;
}

#[actix_web::test]
async fn a_redis_that_comes_back_with_an_older_state_freezes_nobody() {
    let mut nodes = Nodes::new(Redis::started()).await;
    let first = nodes.start();
    runs_feed(&first).await;
    let follower = nodes.start();
    let account = Client::new(follower.address).register().await;
    let mut socket = Socket::open(&on(&follower, &account)).await;
    socket.subscribe(&SYMBOLS).await;
    let mut witness = Witness::default();
    hear(&mut socket, &mut witness, |witness| witness.place.1 > 0).await;
    nodes.redis.save();
    let saved = witness.place.1;
    hear(&mut socket, &mut witness, |witness| witness.place.1 > saved + 30).await;

    let mut first = first;
    first.kill();
    nodes.redis.kill();
    nodes.redis.start_as_saved();
    // So that one is elected which knows nothing but what Redis says.
    follower.signal("STOP");
    let fresh = nodes.start();
    runs_feed(&fresh).await;
    follower.signal("CONT");
    hear(&mut socket, &mut witness, |witness| !witness.reasons.is_empty() && witness.place.1 > 3).await;
    assert_eq!(witness.reasons, ["restarted"]);
}

#[actix_web::test]
async fn a_node_that_was_cut_off_leads_and_no_price_goes_back() {
    let mut nodes = Nodes::new(Redis::started()).await;
    let (way_of_first, way_of_second) = (Proxy::to(nodes.redis.port()), Proxy::to(nodes.redis.port()));
    let start = |way: &Proxy| nodes.start_at(&way.in_url(&nodes.redis.url()), &[]);
    let [first, second] = [&way_of_first, &way_of_second].map(start);
    let account = Client::new(first.address).register().await;
    let mut sockets = Vec::new();
    for node in [&first, &second] {
        let mut socket = Socket::open(&on(node, &account)).await;
        socket.subscribe(&SYMBOLS).await;
        let mut witness = Witness::default();
        hear(&mut socket, &mut witness, |witness| witness.as_of_ms.len() == SYMBOLS.len()).await;
        sockets.push((socket, witness));
    }
    way_of_second.refuse();
    let (socket, witness) = &mut sockets[0];
    let before = witness.place;
    hear(socket, witness, |witness| witness.place >= (before.0, before.1 + 20)).await;
    // Redis is empty, and who hears of it first is the one with the old memory.
    way_of_first.refuse();
    way_of_second.heal();
    nodes.redis.kill();
    nodes.redis.start();
    runs_feed(&second).await;
    way_of_first.heal();
    for (socket, witness) in &mut sockets {
        hear(socket, witness, |witness| !witness.reasons.is_empty() && witness.place.1 > 10).await;
        assert!(witness.reasons.iter().all(|reason| reason == "restarted"), "{:?}", witness.reasons);
    }
    // Both follow one feed, whichever node runs it by now.
    let term = sockets.iter().map(|(_, witness)| witness.place.0).max().unwrap_or_default();
    for (socket, witness) in &mut sockets {
        hear(socket, witness, |witness| witness.place.0 >= term).await;
    }
}

#[actix_web::test]
async fn the_feed_goes_on_in_its_epoch_when_the_node_changes() {
    let nodes = Nodes::new(Redis::started()).await;
    let mut served = vec![nodes.start(), nodes.start()];
    let account = Client::new(served[0].address).register().await;
    let leader = leader(&served).await;
    let mut socket = Socket::open(&on(&served[1 - leader], &account)).await;
    socket.subscribe(&SYMBOLS).await;
    let mut witness = Witness::default();
    hear(&mut socket, &mut witness, |witness| witness.place.1 > 0).await;
    let (epoch, term) = (witness.epoch.clone(), witness.place.0);
    served[leader].terminate();
    hear(&mut socket, &mut witness, |witness| witness.place.0 > term).await;
    assert_eq!((witness.epoch, witness.reasons), (epoch, Vec::<String>::new()));
}

fn entry(symbol: &str, price: &str) -> Entry {
    let as_of = chrono::Utc::now() - chrono::TimeDelta::seconds(30);
    let quote = Quote {
        symbol: Symbol::parse(symbol).expect("a symbol"),
        price: Some(Price::parse(price).expect("a price")),
        currency: Currency::USD,
        previous_close: None,
        open: None,
        high: None,
        low: None,
        volume: None,
        as_of: Some(as_of),
        source: "sim".to_owned(),
        mode: Mode::Simulated,
        stale: false,
        reason: None,
    };
    Entry { day: as_of.date_naive(), close: None, quote: Arc::new(quote) }
}

/// Redis is empty, and the node that runs the feed has just started: what another one remembers is lost to nobody.
#[actix_web::test]
async fn what_one_node_remembers_the_feed_takes_over() {
    let redis = Redis::started();
    let url = redis.url().parse().expect("a URL");
    let database = Database::ready(Backend::Postgres).await;
    let db = Db::open(database.url()).expect("a database");
    let tickers = catalog::embedded().expect("the catalogue").into_iter().map(Arc::new).collect();
    let tickers = Arc::new(TickerIndex::new(tickers));
    let silent = || Simulation::new([], 1, Duration::from_secs(1));
    let node = || {
        let cluster = Cluster::Redis(Box::new(Store::new(&url).expect("a store")));
        Arc::new(Node::new(cluster, silent().source(), Arc::default(), Arc::default()))
    };
    let (old, fresh, late) = (node(), node(), node());
    let entries = vec![entry("AAPL", "100"), entry("MSFT", "200")];
    let (epoch, reason) = ("before".into(), GapReason::Restarted);
    let published_at = chrono::Utc::now();
    old.last_values.restore(Publication { epoch, term: 7, seq: 40, reason, published_at, entries });
    let tasks = Tasks::default();
    old.join(&tasks);
    fresh.join(&tasks);
    let publisher = PricePublisher {
        node: fresh.clone(),
        db,
        tickers,
        on_tick: Box::new(|_| ()),
        open_provider: Box::new(move || Ok(Box::new(silent()))),
    };
    let first: Box<dyn Provider> = Box::new(Simulation::new([], 1, Duration::from_secs(1)));
    let feed = actix_web::rt::spawn(async move { publisher.run(Some(first)).await });
    let price = |node: &Node, symbol: &str| {
        let symbol = Symbol::parse(symbol).expect("a symbol");
        node.last_values.cache.read().updates.get(&symbol).and_then(|row| row.entry.quote.price)
    };
    until("the feed has taken it over", async || ["AAPL", "MSFT"].iter().all(|symbol| price(&fresh, symbol).is_some()))
        .await;
    // Its first term was not above the one that the old node knows.
    until("all are in one term", async || {
        let terms = [&old, &fresh].map(|node| node.last_values.cache.read().term);
        terms[0] == terms[1] && terms[0] > 7
    })
    .await;
    assert_eq!(price(&old, "AAPL"), Price::parse("100").ok(), "it was never taken away");
    late.join(&tasks);
    until("a node that joins later has it", async || price(&late, "MSFT").is_some()).await;
    feed.abort();
}
