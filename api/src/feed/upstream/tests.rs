//! The upstream provider with fake vendors: calls, ticks, streams and recovery from failures.

use super::*;
use crate::db::DatabaseUrl;
use crate::feed::vendors::error::VendorError;
use crate::feed::vendors::vendor::{Budget, Capabilities};
use crate::search::{LiveIndex, TickerIndex};
use std::convert::Infallible;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use watchtape_shared::Price;
use watchtape_shared::market::SourceStatus;
use watchtape_shared::ticker::Ticker;

/// Short spacing, so that tests are quick and calls countable.
const BUDGET: Budget = Budget { per_second: Some(50), per_minute: None, per_day: None };

struct Fake {
    capabilities: Capabilities,
    /// The error of the next calls; `None`: they succeed.
    error: Mutex<Option<VendorError>>,
    calls: Mutex<Vec<Vec<Symbol>>>,
    cents: AtomicU32,
    unpriced: Option<(Symbol, Reason)>,
    /// The symbols that a call must not have, and its error where it has.
    bad: Mutex<(HashSet<Symbol>, Option<VendorError>)>,
    /// The quotes of a connection, which then stays silent; without any it ends at once.
    streamed: Vec<VendorQuote>,
    subscribed: Mutex<Vec<Vec<Symbol>>>,
    connections: AtomicU32,
}

impl Fake {
    fn new(source: &'static str, batch: usize, budget: Budget) -> Self {
        Self {
            capabilities: Capabilities {
                source,
                mode: Mode::Live,
                batch,
                budget,
                streams: 0,
                stream_silence: Duration::from_secs(60),
                delay: Duration::ZERO,
            },
            error: Mutex::default(),
            calls: Mutex::default(),
            cents: AtomicU32::new(10_000),
            unpriced: None,
            bad: Mutex::default(),
            streamed: Vec::new(),
            subscribed: Mutex::default(),
            connections: AtomicU32::new(0),
        }
    }

    fn fail(&self, error: Option<VendorError>) {
        *self.error.lock().expect("no panic") = error;
    }

    fn calls(&self) -> Vec<Vec<Symbol>> {
        self.calls.lock().expect("no panic").clone()
    }
}

impl Vendor for Fake {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn covers(&self, _: &Ticker) -> bool {
        true
    }

    fn fetch<'a>(&'a self, tickers: &'a [Arc<Ticker>]) -> BoxFuture<'a, Result<Answer, VendorError>> {
        async move {
            let asked: Vec<Symbol> = tickers.iter().map(|ticker| ticker.symbol).collect();
            self.calls.lock().expect("no panic").push(asked.clone());
            if let Some(error) = self.error.lock().expect("no panic").clone() {
                return Err(error);
            }
            let (bad, refusal) = self.bad.lock().expect("no panic").clone();
            if let Some(error) = refusal.filter(|_| asked.iter().any(|symbol| bad.contains(symbol))) {
                return Err(error);
            }
            let unpriced: Vec<_> = self.unpriced.into_iter().filter(|(symbol, _)| asked.contains(symbol)).collect();
            let has_price = |symbol: &&Symbol| !unpriced.iter().any(|(without, _)| without == *symbol);
            let cents = i64::from(self.cents.fetch_add(1, Ordering::Relaxed));
            let quotes = asked.iter().filter(has_price).map(|symbol| quote(*symbol, cents)).collect();
            Ok(Answer { quotes, unpriced })
        }
        .boxed()
    }

    fn run_stream(
        &self,
        subscriptions: watch::Receiver<Arc<Vec<Arc<Ticker>>>>,
        received: mpsc::Sender<VendorQuote>,
    ) -> BoxFuture<'_, Result<Infallible, VendorError>> {
        async move {
            self.connections.fetch_add(1, Ordering::Relaxed);
            let symbols = subscriptions.borrow().iter().map(|ticker| ticker.symbol).collect();
            self.subscribed.lock().expect("no panic").push(symbols);
            for quote in &self.streamed {
                received.send(*quote).await.expect("a receiver");
            }
            if self.streamed.is_empty() {
                return Err(VendorError::Unavailable("closed".to_owned()));
            }
            std::future::pending().await
        }
        .boxed()
    }
}

fn symbol(text: &str) -> Symbol {
    Symbol::parse(text).expect("a symbol")
}

fn quote(symbol: Symbol, cents: i64) -> VendorQuote {
    let price = Price::from_micros(cents * 10_000).expect("a price");
    VendorQuote::of_price(symbol, price)
}

/// Demand with descending numbers of watchers. The catalogue has A to J.
fn watched(symbols: &[&str]) -> WatcherCounts {
    let watchers = (1..=symbols.len() as u32).rev();
    Arc::new(symbols.iter().map(|text| symbol(text)).zip(watchers).collect())
}

struct Fixture {
    upstream: Upstream,
    demand: watch::Sender<WatcherCounts>,
    db: Db,
    directory: tempfile::TempDir,
}

fn fixture(vendors: &[Arc<Fake>], symbols: &[&str]) -> Fixture {
    let directory = tempfile::tempdir().expect("a directory");
    let db = Db::open(&DatabaseUrl::Sqlite(directory.path().join("watchtape.db"))).expect("a database");
    let (demand, receiver) = watch::channel(watched(symbols));
    let upstream = upstream(vendors, receiver, db.clone());
    Fixture { upstream, demand, db, directory }
}

fn upstream(vendors: &[Arc<Fake>], demand: watch::Receiver<WatcherCounts>, db: Db) -> Upstream {
    upstream_in(always_open(), vendors, demand, db)
}

fn upstream_in(calendar: Calendar, vendors: &[Arc<Fake>], demand: watch::Receiver<WatcherCounts>, db: Db) -> Upstream {
    let ticker = |letter: char| {
        let text = letter.to_string();
        Ticker { mic: Some(trading_mic().into()), ..Ticker::new(symbol(&text), &text, 1) }
    };
    let tickers = LiveIndex::new(TickerIndex::new(('A'..='J').map(|letter| Arc::new(ticker(letter))).collect()));
    let vendors = vendors.iter().map(|vendor| vendor.clone() as Arc<dyn Vendor>).collect();
    let started = Instant::now();
    let clock = Box::new(move || noon() + started.elapsed());
    Upstream::with_clock(clock, vendors, demand, Arc::new(tickers), Arc::new(calendar), db, &VendorMetrics::default())
}

/// The start time of each upstream. Its clock follows tokio's paused one, which jumps to the next timer when all tasks
/// are idle.
fn noon() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().expect("a time")
}

fn trading_mic() -> String {
    "XTST".to_owned()
}

/// An exchange that never closes, so that the tests do not depend on the day of the week.
fn always_open() -> Calendar {
    let mut table =
        "mic,timezone,date,kind,open,close\nXNYS,UTC,,regular,00:00,23:59\nXTST,UTC,,regular,00:00,23:59\n".to_owned();
    let today = noon().date_naive();
    for day in today.iter_days().take(3).chain(today.pred_opt()) {
        table.push_str(&format!("XTST,UTC,{day},short,00:00,23:59\n"));
    }
    Calendar::parse(&table, "days.csv").expect("a table")
}

/// The batches within a duration.
async fn run(upstream: &mut Upstream, duration: Duration) -> Vec<Vec<Tick>> {
    let (until, mut batches) = (Instant::now() + duration, Vec::new());
    while let Ok(batch) = timeout(until.saturating_duration_since(Instant::now()), upstream.next()).await {
        batches.extend(batch);
        if Instant::now() >= until {
            break;
        }
    }
    batches
}

fn symbols(batches: &[Vec<Tick>]) -> HashSet<Symbol> {
    batches.iter().flatten().map(|tick| tick.symbol).collect()
}

#[actix_web::test]
async fn watched_symbols_are_requested_at_once_and_no_others() {
    tokio::time::pause();
    let fake = Arc::new(Fake::new("fake", 1, BUDGET));
    let mut fixture = fixture(std::slice::from_ref(&fake), &["A", "B"]);
    let batches = run(&mut fixture.upstream, Duration::from_millis(500)).await;
    assert_eq!(symbols(&batches), [symbol("A"), symbol("B")].into());
    assert_eq!(fake.calls(), [[symbol("A")], [symbol("B")]], "each once, the most watched first");
    fixture.demand.send_replace(watched(&["A", "B", "C", "ZZZ"]));
    let batches = run(&mut fixture.upstream, Duration::from_millis(300)).await;
    assert_eq!(symbols(&batches), [symbol("C")].into(), "what is new; and nothing that the catalogue has not");
    assert_eq!(fake.calls().len(), 3);
    let health = fixture.upstream.health();
    assert_eq!((health[0].status, health[0].calls_today, health[0].budget_left), (SourceStatus::Up, 3, None));
}

#[actix_web::test]
async fn heartbeats_continue_while_a_vendor_works_and_stop_when_none_does() {
    tokio::time::pause();
    let fake = Arc::new(Fake::new("fake", 100, BUDGET));
    let mut idle = fixture(std::slice::from_ref(&fake), &[]);
    let batches = run(&mut idle.upstream, Duration::from_millis(2300)).await;
    assert!((2..=4).contains(&batches.len()) && batches.iter().all(Vec::is_empty), "{batches:?}");
    assert!(fake.calls().is_empty(), "nothing is watched");
    fake.fail(Some(VendorError::Refused("key".to_owned())));
    let mut fixture = fixture(std::slice::from_ref(&fake), &["A"]);
    run(&mut fixture.upstream, Duration::from_millis(300)).await;
    let batches = run(&mut fixture.upstream, Duration::from_millis(1500)).await;
    assert!(batches.is_empty(), "{batches:?}");
    assert_eq!(fixture.upstream.health()[0].status, SourceStatus::Refused);
    assert_eq!(fake.calls().len(), 1, "a refused key is not tried again at once");
}

#[actix_web::test]
async fn the_next_vendor_takes_over_and_the_first_returns() {
    tokio::time::pause();
    let (first, second) = (Arc::new(Fake::new("first", 100, BUDGET)), Arc::new(Fake::new("second", 100, BUDGET)));
    first.fail(Some(VendorError::Limited(Some(Duration::from_secs(1)))));
    let mut fixture = fixture(&[first.clone(), second.clone()], &["A", "B"]);
    let batches = run(&mut fixture.upstream, Duration::from_millis(700)).await;
    assert!(batches.iter().flatten().all(|tick| tick.source == "second"));
    assert_eq!(symbols(&batches).len(), 2);
    assert_eq!(first.calls().len(), 1, "Retry-After is honoured");
    first.fail(None);
    run(&mut fixture.upstream, Duration::from_millis(700)).await;
    fixture.demand.send_replace(watched(&["A", "B", "C"]));
    run(&mut fixture.upstream, Duration::from_millis(400)).await;
    assert_eq!(first.calls().len(), 3, "one probe succeeds, and a call for the others");
    let asked = second.calls().len();
    fixture.demand.send_replace(watched(&["A", "B", "C", "D"]));
    let batches = run(&mut fixture.upstream, Duration::from_millis(400)).await;
    assert!(batches.iter().flatten().all(|tick| tick.source == "first"), "{batches:?}");
    assert!(symbols(&batches).contains(&symbol("D")));
    assert_eq!(second.calls().len(), asked);
    let health = fixture.upstream.health();
    assert_eq!(health.iter().map(|source| source.status).collect::<Vec<_>>(), [SourceStatus::Up; 2]);
}

#[actix_web::test]
async fn the_days_budget_holds_over_restarts() {
    tokio::time::pause();
    let budget = Budget { per_day: Some(4), ..BUDGET };
    let fake = Arc::new(Fake::new("fake", 1, budget));
    let mut fixture = fixture(std::slice::from_ref(&fake), &["A"]);
    // Calls of an earlier run.
    let reserved = |connection: &mut crate::db::DbConnection| {
        crate::db::upstream_calls::reserve(connection, "fake", noon().date_naive(), 2, Some(4))
    };
    fixture.db.write(reserved).await.expect("a reservation");
    for letter in ["A", "B", "C", "D"] {
        let demand = watch::channel(watched(&[letter])).1;
        fixture.upstream = upstream(std::slice::from_ref(&fake), demand, fixture.db.clone());
        run(&mut fixture.upstream, Duration::from_millis(300)).await;
    }
    assert_eq!(fake.calls().len(), 2, "two of four were made before");
    let health = fixture.upstream.health();
    assert_eq!((health[0].status, health[0].calls_today, health[0].budget_left), (SourceStatus::Limited, 4, Some(0)));
    assert!(run(&mut fixture.upstream, Duration::from_millis(1300)).await.is_empty(), "no sign of life");
    fixture.directory.close().expect("removed");
}

#[actix_web::test]
async fn an_unpriced_symbol_has_its_reason() {
    tokio::time::pause();
    let mut fake = Fake::new("fake", 100, BUDGET);
    fake.unpriced = Some((symbol("B"), Reason::NotCovered));
    let mut fixture = fixture(&[Arc::new(fake)], &["A", "B"]);
    run(&mut fixture.upstream, Duration::from_millis(300)).await;
    assert_eq!(*fixture.upstream.unpriced(), [(symbol("B"), Reason::NotCovered)].into());
}

#[actix_web::test]
async fn the_most_watched_are_streamed_and_requested_only_once() {
    tokio::time::pause();
    let mut fake = Fake::new("fake", 1, BUDGET);
    fake.capabilities.streams = 2;
    // Newer than the prices of the calls.
    let as_of = Some(noon() + TimeDelta::seconds(4));
    let streamed = [("A", 10_100), ("A", 10_200), ("B", 10_300)];
    fake.streamed = streamed.map(|(text, cents)| VendorQuote { as_of, ..quote(symbol(text), cents) }).into();
    let fake = Arc::new(fake);
    let mut fixture = fixture(std::slice::from_ref(&fake), &["A", "B", "C"]);
    let batches = run(&mut fixture.upstream, Duration::from_millis(6500)).await;
    assert_eq!(*fake.subscribed.lock().expect("no panic"), [[symbol("A"), symbol("B")]]);
    assert!(batches.iter().flatten().any(|tick| tick.symbol == symbol("B") && tick.price.micros() == 103_000_000));
    let of = |text| fake.calls().iter().filter(|asked| asked.contains(&symbol(text))).count();
    assert_eq!([of("A"), of("B"), of("C")], [1, 1, 2]);
    assert!(fixture.upstream.health()[0].streaming);
}

#[actix_web::test]
async fn a_stream_that_ends_is_reopened_with_backoff_while_calls_go_on() {
    tokio::time::pause();
    let mut fake = Fake::new("fake", 1, BUDGET);
    fake.capabilities.streams = 2;
    let fake = Arc::new(fake);
    let mut fixture = fixture(std::slice::from_ref(&fake), &["A"]);
    let batches = run(&mut fixture.upstream, Duration::from_millis(3000)).await;
    assert!((2..=8).contains(&fake.connections.load(Ordering::Relaxed)), "{:?}", fake.connections);
    assert_eq!(symbols(&batches), [symbol("A")].into());
    assert!(!fixture.upstream.health()[0].streaming);
}

/// Whatever is wrong with a symbol, it is wrong with that one alone: on a vendor of one symbol a call and on one of batches.
#[actix_web::test]
async fn a_symbol_that_fails_takes_no_price_from_another_and_says_why_it_has_none() {
    tokio::time::pause();
    let errors = [
        (VendorError::Refused("status 403".to_owned()), Reason::NotCovered),
        (VendorError::Unavailable("no answer within 5000 ms".to_owned()), Reason::SourceDown),
        (VendorError::Malformed("not the documented JSON".to_owned()), Reason::SourceDown),
    ];
    for (batch, (error, reason)) in [1, 100].into_iter().flat_map(|batch| errors.clone().map(|case| (batch, case))) {
        let fake = Arc::new(Fake::new("fake", batch, BUDGET));
        let mut fixture = fixture(std::slice::from_ref(&fake), &["A", "B", "C"]);
        *fake.bad.lock().expect("no panic") = (["E", "F"].map(symbol).into(), Some(error));
        run(&mut fixture.upstream, Duration::from_secs(3)).await;
        fixture.demand.send_replace(watched(&["A", "B", "C", "D", "E", "F", "G"]));
        let batches = run(&mut fixture.upstream, Duration::from_secs(20)).await;
        assert_eq!(symbols(&batches), ["A", "B", "C", "D", "G"].map(symbol).into(), "batches of {batch}");
        assert_eq!(*fixture.upstream.unpriced(), ["E", "F"].map(|text| (symbol(text), reason)).into());
        assert_eq!(fixture.upstream.health()[0].status, SourceStatus::Up);
        let before = fake.calls().len();
        run(&mut fixture.upstream, Duration::from_secs(600)).await;
        let of = |text: &str| fake.calls()[before..].iter().filter(|asked| asked.contains(&symbol(text))).count();
        assert!(of("E") <= 8 && of("F") <= 8, "with backoff: {} and {}", of("E"), of("F"));
        assert!(of("A") >= 100, "{}", of("A"));
        // Once it is well it is found so.
        fake.bad.lock().expect("no panic").1 = None;
        let batches = run(&mut fixture.upstream, Duration::from_secs(6000)).await;
        assert!(symbols(&batches).contains(&symbol("E")), "batches of {batch}");
        assert!(fixture.upstream.unpriced().is_empty());
    }
}

/// When the exchanges are closed nobody else is asked for: a symbol that is refused then is no reason to doubt the vendor.
#[actix_web::test]
async fn a_refusal_on_a_holiday_makes_no_price_stale() {
    tokio::time::pause();
    let holiday = "mic,timezone,date,kind,open,close\nXNYS,UTC,,regular,00:00,23:59\nXTST,UTC,,regular,00:00,23:59\n\
                   XTST,UTC,2026-11-20,holiday,,\nXTST,UTC,2026-11-21,holiday,,\n";
    let fake = Arc::new(Fake::new("fake", 1, BUDGET));
    let mut fixture = fixture(std::slice::from_ref(&fake), &["A", "B"]);
    let calendar = Calendar::parse(holiday, "days.csv").expect("a table");
    let demand = fixture.demand.subscribe();
    fixture.upstream = upstream_in(calendar, std::slice::from_ref(&fake), demand, fixture.db.clone());
    run(&mut fixture.upstream, Duration::from_secs(30)).await;
    *fake.bad.lock().expect("no panic") =
        (["E", "F"].map(symbol).into(), Some(VendorError::Refused("status 403".to_owned())));
    fixture.demand.send_replace(watched(&["A", "B", "E", "F"]));
    let batches = run(&mut fixture.upstream, Duration::from_secs(600)).await;
    assert_eq!(fixture.upstream.health()[0].status, SourceStatus::Up);
    assert!(batches.len() >= 590, "a heartbeat a second: {}", batches.len());
    let refused = ["E", "F"].map(|text| (symbol(text), Reason::NotCovered)).into();
    assert_eq!(*fixture.upstream.unpriced(), refused);
}

/// A vendor that fails altogether is found to by the symbol that it priced before, at the second failing call.
#[actix_web::test]
async fn a_vendor_that_fails_is_known_by_its_control() {
    tokio::time::pause();
    let fake = Arc::new(Fake::new("fake", 100, BUDGET));
    let mut fixture = fixture(std::slice::from_ref(&fake), &["A", "B", "C"]);
    run(&mut fixture.upstream, Duration::from_secs(3)).await;
    fake.fail(Some(VendorError::Unavailable("status 502".to_owned())));
    let before = fake.calls().len();
    run(&mut fixture.upstream, Duration::from_secs(8)).await;
    assert_eq!(fixture.upstream.health()[0].status, SourceStatus::Down);
    assert_eq!(fake.calls()[before + 1].len(), 1, "all of them, then one: {:?}", fake.calls());
    assert!(fixture.upstream.unpriced().is_empty(), "it is nobody's own failure");
    fake.fail(None);
    let batches = run(&mut fixture.upstream, Duration::from_secs(30)).await;
    assert_eq!(symbols(&batches).len(), 3);
    assert_eq!(fixture.upstream.health()[0].status, SourceStatus::Up);
}

#[actix_web::test]
async fn the_next_vendor_is_asked_for_a_symbol_that_the_first_has_no_price_of() {
    tokio::time::pause();
    let mut first = Fake::new("first", 100, BUDGET);
    first.unpriced = Some((symbol("B"), Reason::NoData));
    let second = Arc::new(Fake::new("second", 100, BUDGET));
    let mut fixture = fixture(&[Arc::new(first), second], &["A", "B"]);
    let batches = run(&mut fixture.upstream, Duration::from_secs(30)).await;
    let source = |text| batches.iter().flatten().find(|tick| tick.symbol == symbol(text)).map(|tick| tick.source);
    assert_eq!((source("A"), source("B")), (Some("first"), Some("second")));
    assert!(fixture.upstream.unpriced().is_empty());
}

#[actix_web::test]
async fn a_key_that_is_refused_is_the_vendors_failure_and_its_probes_are_of_different_symbols() {
    tokio::time::pause();
    let fake = Arc::new(Fake::new("fake", 1, BUDGET));
    fake.fail(Some(VendorError::Refused("status 401".to_owned())));
    let mut fixture = fixture(std::slice::from_ref(&fake), &["A", "B", "C", "D"]);
    run(&mut fixture.upstream, Duration::from_secs(60)).await;
    assert_eq!(fixture.upstream.health()[0].status, SourceStatus::Refused);
    let asked: Vec<Symbol> = fake.calls().concat();
    assert_eq!(asked.iter().collect::<HashSet<_>>().len(), 4, "each: {asked:?}");
    assert_eq!(asked.len(), 4, "each once, then it is left alone");
    run(&mut fixture.upstream, Duration::from_secs(540)).await;
    assert_eq!(fake.calls().len(), 4);
    fake.fail(None);
    let batches = run(&mut fixture.upstream, Duration::from_secs(120)).await;
    assert_eq!(symbols(&batches).len(), 4, "one probe, and all are served");
    assert_eq!(fixture.upstream.health()[0].status, SourceStatus::Up);
}

#[actix_web::test]
async fn the_next_vendor_is_asked_for_a_symbol_that_the_first_refuses() {
    tokio::time::pause();
    let (first, second) = (Arc::new(Fake::new("first", 100, BUDGET)), Arc::new(Fake::new("second", 100, BUDGET)));
    *first.bad.lock().expect("no panic") = ([symbol("B")].into(), Some(VendorError::Refused("status 400".to_owned())));
    let mut fixture = fixture(&[first, second], &["A", "B"]);
    let batches = run(&mut fixture.upstream, Duration::from_secs(30)).await;
    let sources = |text| -> HashSet<&str> {
        batches.iter().flatten().filter(|tick| tick.symbol == symbol(text)).map(|tick| tick.source).collect()
    };
    assert_eq!((sources("A"), sources("B")), (["first"].into(), ["second"].into()));
    assert!(fixture.upstream.unpriced().is_empty());
}

#[actix_web::test]
async fn a_stream_that_gives_no_prices_in_regular_hours_is_opened_anew() {
    tokio::time::pause();
    let mut fake = Fake::new("fake", 1, BUDGET);
    fake.capabilities.streams = 2;
    fake.streamed = vec![quote(symbol("A"), 10_000)];
    let fake = Arc::new(fake);
    let mut fixture = fixture(std::slice::from_ref(&fake), &["A"]);
    run(&mut fixture.upstream, Duration::from_secs(50)).await;
    assert_eq!(fake.connections.load(Ordering::Relaxed), 1);
    run(&mut fixture.upstream, Duration::from_secs(30)).await;
    assert_eq!(fake.connections.load(Ordering::Relaxed), 2, "after 60 s");
}

/// When `next` is dropped at any await, no tick is lost and no call is made twice.
#[actix_web::test]
async fn next_is_cancel_safe() {
    tokio::time::pause();
    let fake = Arc::new(Fake::new("fake", 1, BUDGET));
    let mut fixture = fixture(std::slice::from_ref(&fake), &["A", "B", "C", "D", "E"]);
    let (until, mut seen) = (Instant::now() + Duration::from_secs(1), HashSet::new());
    while Instant::now() < until {
        if let Ok(Some(batch)) = timeout(Duration::from_millis(3), fixture.upstream.next()).await {
            seen.extend(batch.into_iter().map(|tick| tick.symbol));
        }
    }
    assert_eq!(seen.len(), 5);
    assert_eq!(fake.calls().len(), 5);
}
