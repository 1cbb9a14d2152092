//! One symbol of fifty that a vendor has something against, in ten ways: the others have their prices, and the one says why it
//! has none.

use super::{settings, symbol};
use crate::support::vendor::{Asked, FakeRest, Reply};
use crate::support::within;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use watchtape::db::{DatabaseUrl, Db};
use watchtape::feed::provider::Provider;
use watchtape::feed::upstream::Upstream;
use watchtape::feed::vendors::albert::Albert;
use watchtape::feed::vendors::alpaca::Alpaca;
use watchtape::feed::vendors::finnhub::Finnhub;
use watchtape::feed::vendors::http::Deadlines;
use watchtape::feed::vendors::vendor::Vendor;
use watchtape::market::calendar::Calendar;
use watchtape::search::{LiveIndex, TickerIndex};
use watchtape::telemetry::metrics::VendorMetrics;
use watchtape_shared::Symbol;
use watchtape_shared::quote::Reason;

const SYMBOLS: usize = 50;
/// Short, so that the way which hangs is soon told from one that answers; the others do not wait.
const DEADLINES: Deadlines =
    Deadlines { connect: Duration::from_secs(10), total: Duration::from_secs(2), silence: Duration::from_secs(60) };

/// What is wrong with the one symbol.
#[derive(Clone, Copy, Debug)]
enum Way {
    Status(u16),
    ErrorWith200,
    Missing,
    Null,
    Zeros,
    Html,
    Hang,
}

const WAYS: [(Way, Reason); 10] = [
    (Way::Status(401), Reason::NotCovered),
    (Way::Status(403), Reason::NotCovered),
    (Way::Status(404), Reason::NotCovered),
    (Way::Status(400), Reason::NotCovered),
    (Way::ErrorWith200, Reason::NotCovered),
    (Way::Missing, Reason::NoData),
    (Way::Null, Reason::NoData),
    (Way::Zeros, Reason::NoData),
    (Way::Html, Reason::SourceDown),
    (Way::Hang, Reason::SourceDown),
];

/// A vendor by its name, its answer for one symbol with a price, for one that is null and for one of zeros, and whether it
/// answers for several.
struct Shape {
    name: &'static str,
    good: fn() -> Value,
    zeros: fn() -> Value,
    is_batched: bool,
}

const SHAPES: [Shape; 3] = [
    Shape {
        name: "albert",
        good: || json!({ "price": 100.5, "last_close": 100 }),
        zeros: || json!({ "price": 0, "last_close": 0 }),
        is_batched: true,
    },
    Shape {
        name: "finnhub",
        good: || json!({ "c": 100.5, "pc": 100, "t": 1_714_573_800 }),
        zeros: || json!({ "c": 0, "pc": 0, "t": 0 }),
        is_batched: false,
    },
    Shape {
        name: "alpaca",
        good: || json!({ "latestTrade": { "p": 100.5, "t": "2024-05-01T14:30:00Z" }, "prevDailyBar": { "c": 100 } }),
        zeros: || json!({ "latestTrade": { "p": 0, "t": "2024-05-01T14:30:00Z" } }),
        is_batched: true,
    },
];

impl Shape {
    fn open(&self, fake: &FakeRest) -> Arc<dyn Vendor> {
        let url = fake.url();
        // Faster than any vendor allows: the number of calls is what counts here.
        let limits = ["--vendor-per-second", "1000", "--vendor-per-minute", "60000"];
        let flags = ["--albert-url", &url, "--finnhub-url", &url, "--alpaca-url", &url];
        let settings = settings(&[flags.as_slice(), limits.as_slice()].concat());
        match self.name {
            "albert" => Arc::new(Albert::open(&settings, DEADLINES).expect("a vendor")),
            "finnhub" => Arc::new(Finnhub::open(&settings, DEADLINES).expect("a vendor")),
            _ => Arc::new(Alpaca::open(&settings, DEADLINES).expect("a vendor")),
        }
    }

    fn answer(&self, asked: &Asked, bad: &str, way: Way) -> Reply {
        let (_, list) = asked
            .target
            .split_once("symbol=")
            .or_else(|| asked.target.split_once("symbols="))
            .or_else(|| asked.target.split_once("tickers="))
            .expect("symbols");
        let symbols: Vec<&str> = list.split('&').next().expect("symbols").split(',').collect();
        if symbols.contains(&bad) {
            match way {
                Way::Status(status) => return Reply::with(status, &[("Content-Type", "application/json")], "{}"),
                Way::ErrorWith200 if !self.is_batched => {
                    return Reply::json(r#"{"error":"You don't have access to this resource."}"#);
                }
                // Where several are asked for, an error in place of the answer has none of them.
                Way::ErrorWith200 => return Reply::with(422, &[], "{}"),
                Way::Html => return Reply::with(200, &[("Content-Type", "text/html")], "<html>"),
                Way::Hang => return Reply::Stall(Vec::new()),
                Way::Missing | Way::Null | Way::Zeros => {}
            }
        }
        let of = |text: &str| match way {
            Way::Null if text == bad => Value::Null,
            Way::Zeros if text == bad => (self.zeros)(),
            Way::Missing if text == bad => json!({}),
            _ => (self.good)(),
        };
        if self.is_batched {
            let is_told = |text: &&&str| !(matches!(way, Way::Missing) && **text == bad);
            let all: HashMap<&str, Value> = symbols.iter().filter(is_told).map(|text| (*text, of(text))).collect();
            Reply::json(&json!(all).to_string())
        } else {
            Reply::json(&of(symbols[0]).to_string())
        }
    }
}

/// Runs a vendor until each symbol has its price or its reason. Also says in how many calls the others were priced.
async fn settle(shape: &'static Shape, way: Way) -> (HashSet<Symbol>, HashMap<Symbol, Reason>, usize) {
    let names: Vec<String> = (0..SYMBOLS).map(|number| format!("S{number}")).collect();
    let bad = "S17";
    let fake = FakeRest::answering(move |asked| shape.answer(asked, bad, way)).await;
    let folder = tempfile::TempDir::new().expect("a folder");
    let db = Db::open(&DatabaseUrl::Sqlite(folder.path().join("watchtape.db"))).expect("a database");
    let tickers = names.iter().map(|name| super::ticker(name, Some("XNAS"))).collect();
    let watched: HashMap<Symbol, u32> = names.iter().map(|name| (symbol(name), 1)).collect();
    let (_demand, receiver) = watch::channel(Arc::new(watched));
    let calendar = Calendar::embedded().expect("the embedded table");
    let vendors = vec![shape.open(&fake)];
    let mut upstream = Upstream::new(
        vendors,
        receiver,
        Arc::new(LiveIndex::new(TickerIndex::new(tickers))),
        Arc::new(calendar),
        db,
        &VendorMetrics::default(),
    );
    let (mut priced, mut calls) = (HashSet::new(), 0);
    while priced.len() + upstream.unpriced().len() < SYMBOLS {
        let ticks = within(upstream.next()).await.expect("a source that goes on");
        let before = priced.len();
        priced.extend(ticks.into_iter().map(|tick| tick.symbol));
        if priced.len() > before {
            calls = fake.asked().len();
        }
    }
    (priced, upstream.unpriced().as_ref().clone(), calls)
}

/// Whatever a vendor has against one symbol, the others have their prices.
async fn tell_one_from_the_others(shape: &'static Shape) {
    for (way, reason) in WAYS {
        let (priced, unpriced, calls) = settle(shape, way).await;
        assert_eq!(priced.len(), SYMBOLS - 1, "{} {way:?}", shape.name);
        assert_eq!(unpriced, [(symbol("S17"), reason)].into(), "{} {way:?}", shape.name);
        // Fifty by one, or a search by halves.
        let most = if shape.is_batched { 20 } else { SYMBOLS + 5 };
        assert!(calls <= most, "{} {way:?}: {calls} calls", shape.name);
    }
}

#[actix_web::test]
async fn albert_tells_one_symbol_from_the_others() {
    tell_one_from_the_others(&SHAPES[0]).await;
}

#[actix_web::test]
async fn finnhub_tells_one_symbol_from_the_others() {
    tell_one_from_the_others(&SHAPES[1]).await;
}

#[actix_web::test]
async fn alpaca_tells_one_symbol_from_the_others() {
    tell_one_from_the_others(&SHAPES[2]).await;
}
