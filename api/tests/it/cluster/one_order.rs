//! One order over everything: whatever becomes of Redis and of the node that runs the feed, nobody's prices stand still, are
//! lost, or go back without being told.

use super::{Nodes, leader, on, readiness, silent_market};
use crate::support::listener::Listener;
use crate::support::proxy::Proxy;
use crate::support::redis::Redis;
use crate::support::socket::Socket;
use crate::support::witness::{Witness, place_of};
use crate::support::{Account, Backend, Client, Database, until, until_some};
use serde_json::Value;
use std::sync::Arc;
use watchtape::catalog;
use watchtape::cluster::entry::Entry;
use watchtape::cluster::round::Publication;
use watchtape::cluster::{Cluster, Node, Redis as Store};
use watchtape::db::Db;
use watchtape::feed::price_publisher::PricePublisher;
use watchtape::feed::provider::Provider;
use watchtape::search::{LiveIndex, TickerIndex};
use watchtape::telemetry::supervision::Tasks;
use watchtape::telemetry::traces::TraceContext;
use watchtape_shared::quote::Mode;
use watchtape_shared::stream::GapReason;
use watchtape_shared::{Currency, Price, Quote, Symbol};

const SYMBOLS: [&str; 4] = ["AAPL", "MSFT", "NVDA", "IBM"];

/// What one client has seen: every message in the order of rounds, and of each symbol no price that is older than the last,
/// unless it was told why.
#[derive(Clone, Default)]
struct Observer {
    place: (u64, u64),
    epoch: String,
    prices: Witness,
    reasons: Vec<String>,
}

impl Observer {
    fn see(&mut self, message: &Value) {
        let epoch = message["epoch"].as_str().expect("an epoch");
        if message["type"] == "gap" {
            let term = message["term"].as_u64().expect("a term");
            assert!(term >= self.place.0, "{message}");
            self.prices.hear_of_gap(message);
            self.reasons.push(message["reason"].as_str().expect("a reason").to_owned());
            (self.epoch, self.place) = (epoch.to_owned(), (term, 0));
            return;
        }
        let place = place_of(message);
        assert!(self.epoch.is_empty() || epoch == self.epoch, "an epoch begins with a gap: {message}");
        assert!(place >= self.place, "{place:?} after {:?}", self.place);
        (self.epoch, self.place) = (epoch.to_owned(), place);
        self.prices.see(message);
    }
}

/// Opens a client of this node that has seen a price of each symbol.
async fn observe(node: &super::Served, account: &Account) -> Listener<Observer> {
    let mut socket = Socket::open(&on(node, account)).await;
    socket.subscribe(&SYMBOLS).await;
    let mut client = Listener::start(socket, Observer::default(), |observer: &mut Observer, message| {
        if ["gap", "snapshot", "ticks"].iter().any(|kind| message["type"] == *kind) {
            observer.see(message);
        }
    });
    client.until(|observer| observer.prices.symbols() == SYMBOLS.len()).await;
    client
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
    let mut client = observe(&follower, &account).await;
    nodes.redis.save();
    let saved = client.seen().place.1;
    client.until(|observer| observer.place.1 > saved + 30).await;

    let mut first = first;
    first.kill();
    nodes.redis.kill();
    nodes.redis.start_as_saved();
    // So that one is elected which knows nothing but what Redis says.
    follower.signal("STOP");
    let fresh = nodes.start();
    runs_feed(&fresh).await;
    follower.signal("CONT");
    let observer = client.until(|observer| !observer.reasons.is_empty() && observer.place.1 > 3).await;
    assert_eq!(observer.reasons, ["restarted"]);
}

#[actix_web::test]
async fn a_node_that_was_cut_off_leads_and_no_price_goes_back() {
    let mut nodes = Nodes::new(Redis::started()).await;
    let (way_of_first, way_of_second) = (Proxy::to(nodes.redis.port()), Proxy::to(nodes.redis.port()));
    let start = |way: &Proxy| nodes.start_at(&way.in_url(&nodes.redis.url()), &[]);
    let [first, second] = [&way_of_first, &way_of_second].map(start);
    let account = Client::new(first.address).register().await;
    let mut clients = [observe(&first, &account).await, observe(&second, &account).await];
    way_of_second.refuse();
    let before = clients[0].seen().place;
    clients[0].until(|observer| observer.place >= (before.0, before.1 + 20)).await;
    // Redis is empty, and who hears of it first is the one with the old memory.
    way_of_first.refuse();
    way_of_second.heal();
    nodes.redis.kill();
    nodes.redis.start();
    runs_feed(&second).await;
    way_of_first.heal();
    for client in &mut clients {
        let observer = client.until(|observer| !observer.reasons.is_empty() && observer.place.1 > 10).await;
        assert!(observer.reasons.iter().all(|reason| reason == "restarted"), "{:?}", observer.reasons);
    }
    // Once both have heard the same term, they follow one feed.
    let [first, second] = until_some("both in one term", async || {
        Some([clients[0].seen(), clients[1].seen()]).filter(|[first, second]| first.place.0 == second.place.0)
    })
    .await;
    assert_eq!(first.epoch, second.epoch);
}

#[actix_web::test]
async fn the_feed_goes_on_in_its_epoch_when_the_node_changes() {
    let nodes = Nodes::new(Redis::started()).await;
    let mut served = vec![nodes.start(), nodes.start()];
    let account = Client::new(served[0].address).register().await;
    let leader = leader(&served).await;
    let mut client = observe(&served[1 - leader], &account).await;
    let Observer { epoch, place: (term, _), .. } = client.seen();
    served[leader].terminate();
    let observer = client.until(|observer| observer.place.0 > term).await;
    assert_eq!((observer.epoch, observer.reasons), (epoch, Vec::<String>::new()));
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
    let tickers = Arc::new(LiveIndex::new(TickerIndex::new(tickers)));
    let node = || {
        let cluster = Cluster::Redis(Box::new(Store::new(&url, None).expect("a store")));
        Arc::new(Node::new(cluster, silent_market().source(), Arc::default(), Arc::default()))
    };
    let (old, fresh, late) = (node(), node(), node());
    let entries = vec![entry("AAPL", "100"), entry("MSFT", "200")];
    let (epoch, reason) = ("before".into(), GapReason::Restarted);
    let (published_at, trace) = (chrono::Utc::now(), TraceContext::default());
    old.last_values.restore(Publication { epoch, term: 7, seq: 40, reason, published_at, trace, entries });
    let tasks = Tasks::default();
    old.join(&tasks);
    fresh.join(&tasks);
    let publisher = PricePublisher {
        node: fresh.clone(),
        db,
        tickers,
        on_event: Box::new(|_| ()),
        open_provider: Box::new(|| Ok(Box::new(silent_market()))),
    };
    let first: Box<dyn Provider> = Box::new(silent_market());
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
