//! A server on real sources, which are fakes on this machine: from a watched symbol to a call, and from its answer to
//! every client.

use crate::support::process::Served;
use crate::support::socket::Socket;
use crate::support::vendor::{Asked, FakeRest, Reply};
use crate::support::{Backend, Client, TestServer, exchange_days, on_both_databases, process, until, until_some};
use futures_util::future::join_all;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use watchtape::db::bar::{self, NewBar, Provenance};
use watchtape::market::calendar::Calendar;
use watchtape_shared::bar::{Bar, Interval};

const STREAM: &str = "ws://127.0.0.1:1";

/// More answers than a test asks for.
async fn answering(reply: impl Fn() -> Reply) -> FakeRest {
    FakeRest::start((0..50).map(|_| reply())).await
}

fn finnhub_quote() -> Reply {
    let seconds = chrono::Utc::now().timestamp() - 1;
    Reply::json(&format!(r#"{{"c":189.23,"d":1.1,"dp":0.6,"h":190.5,"l":187.1,"o":188,"pc":188.13,"t":{seconds}}}"#))
}

/// The price of a snapshot or of the ticks after it.
async fn first_price(socket: &mut Socket) -> Value {
    loop {
        let message = socket.next().await;
        let price = match message["type"].as_str() {
            Some("snapshot") => &message["quotes"][0]["price"],
            Some("ticks") => &message["d"][0][1],
            _ => continue,
        };
        if !price.is_null() {
            return price.clone();
        }
    }
}

#[actix_web::test]
async fn a_symbol_that_many_wait_for_is_asked_for_once_and_nobodys_never() {
    let fake = answering(finnhub_quote).await;
    let url = fake.url();
    let flags = ["--feed", "finnhub", "--finnhub-key", "k", "--finnhub-url", &url, "--finnhub-stream-url", STREAM];
    let server = TestServer::start_with(Backend::Sqlite, &flags).await;
    let account = server.client().register().await;
    assert!(fake.asked().is_empty(), "nobody watches, so nobody is asked");
    let wait = |_| async {
        let mut socket = Socket::open(&account.client).await;
        socket.subscribe(&["AAPL"]).await;
        first_price(&mut socket).await
    };
    let prices = join_all((0..10).map(wait)).await;
    assert!(prices.iter().all(|price| price == "189.23"), "{prices:?}");
    let asked: Vec<String> = fake.asked().into_iter().map(|asked| asked.target).collect();
    assert_eq!(asked, ["/quote?symbol=AAPL"], "one call for all of them");

    // A question over REST is a wish as well.
    account.client.get("/api/v1/quotes?symbols=MSFT").await.expect(200);
    until("a second call", async || fake.asked().len() == 2).await;
    assert_eq!(fake.asked()[1].target, "/quote?symbol=MSFT");
    let quote = account.client.get("/api/v1/quotes?symbols=AAPL").await.expect(200)["items"][0].clone();
    assert_eq!((&quote["source"], &quote["mode"]), (&"finnhub".into(), &"live".into()));
    assert_eq!(quote["previous_close"], "188.13");
    let market = account.client.get("/api/v1/market").await.expect(200);
    let source = &market["feed"]["sources"][0];
    assert_eq!((&source["source"], &source["status"]), (&"finnhub".into(), &"up".into()));
    assert!(source["last_success"].is_string() && source["budget_left"].is_null(), "{source}");
}

/// A symbol that the source has no price of any more: said to who looks, to who listens and to who comes later.
#[actix_web::test]
async fn a_price_that_is_not_kept_up_any_more_is_stale_and_says_why() {
    let has_price = Arc::new(AtomicBool::new(true));
    let shown = has_price.clone();
    let zeros = || Reply::json(r#"{"c":0,"d":null,"dp":null,"h":0,"l":0,"o":0,"pc":0,"t":0}"#);
    let is_good = move |asked: &Asked| !asked.target.ends_with("AAPL") || shown.load(Ordering::Relaxed);
    let fake = FakeRest::answering(move |asked| if is_good(asked) { finnhub_quote() } else { zeros() }).await;
    let url = fake.url();
    let flags = ["--feed", "finnhub", "--finnhub-key", "k", "--finnhub-url", &url, "--finnhub-stream-url", STREAM];
    // Exchanges that do not close, so that symbols are asked for again whenever this runs.
    let folder = tempfile::TempDir::new().expect("a folder");
    exchange_days::write_with_noon_now(folder.path(), "00:00,23:59");
    let data_dir = folder.path().to_str().expect("a path");
    let server = Served::start(&[&flags[..], &["--data-dir", data_dir]].concat());
    let account = Client::new(server.address).register().await;
    let mut socket = Socket::open(&account.client).await;
    socket.subscribe(&["AAPL", "MSFT"]).await;
    for symbol in ["AAPL", "MSFT"] {
        let path = format!("/api/v1/quotes?symbols={symbol}");
        let is_priced = async || account.client.get(&path).await.expect(200)["items"][0]["price"] == "189.23";
        until("a price", is_priced).await;
    }
    has_price.store(false, Ordering::Relaxed);
    // The row of AAPL says it, and that of no other.
    let row = loop {
        let message = socket.next().await;
        let rows = message["d"].as_array().cloned().unwrap_or_default();
        if let Some(row) = rows.into_iter().find(|row| row.get(8).is_some()) {
            break row;
        }
    };
    assert_eq!((&row[0], &row[1], &row[8]), (&"AAPL".into(), &"189.23".into(), &"no_data".into()));
    let quotes = account.client.get("/api/v1/quotes?symbols=AAPL,MSFT").await.expect(200);
    let [apple, microsoft] = [&quotes["items"][0], &quotes["items"][1]];
    assert_eq!((&apple["stale"], &apple["reason"]), (&true.into(), &"no_data".into()), "{apple}");
    assert_eq!((&microsoft["stale"], &microsoft["reason"]), (&false.into(), &Value::Null), "{microsoft}");
    let mut later = Socket::open(&account.client).await;
    later.subscribe(&["AAPL"]).await;
    let snapshot = later.next_of("snapshot").await;
    assert_eq!(snapshot["quotes"][0]["reason"], "no_data");
}

on_both_databases!(bars_from_before_a_split_are_in_the_shares_of_today);

/// A source whose previous close is a tenth of the close that was recorded.
async fn bars_from_before_a_split_are_in_the_shares_of_today(backend: Backend) {
    let quoted_at = chrono::Utc::now() - chrono::TimeDelta::seconds(1);
    let calendar = Calendar::embedded().expect("the embedded table");
    let day = calendar.trading_day(Some("XNAS"), quoted_at);
    let [before, long_before] = [calendar.day_before(Some("XNAS"), day), day - chrono::TimeDelta::days(20)];
    let seconds = quoted_at.timestamp();
    let quote = format!(r#"{{"c":121.5,"d":0.6,"dp":0.5,"h":122,"l":120.1,"o":120.5,"pc":120.9,"t":{seconds}}}"#);
    let fake = answering(move || Reply::json(&quote)).await;
    let url = fake.url();
    let flags = ["--feed", "finnhub", "--finnhub-key", "k", "--finnhub-url", &url, "--finnhub-stream-url", STREAM];
    let server = TestServer::start_with(backend, &flags).await;
    let price = |text: &str| watchtape_shared::Price::parse(text).expect("a price");
    let symbol = watchtape_shared::Symbol::parse("AAPL").expect("a symbol");
    let day_bar = |day: chrono::NaiveDate, close: &str| {
        let start = day.and_time(chrono::NaiveTime::MIN).and_utc();
        let bar = Bar { volume: Some(1_000), ..Bar::of(start, price(close)) };
        NewBar { symbol, interval: Interval::OneDay, bar }
    };
    // What was recorded in the last minute of that session is its close; what was earlier is not.
    let (_, close) = calendar.trading_session(Some("XNAS"), before).expect("a session");
    let minute_bar = |at: chrono::DateTime<chrono::Utc>, close: &str| NewBar {
        symbol,
        interval: Interval::OneMinute,
        bar: Bar::of(at, price(close)),
    };
    let minutes = [
        minute_bar(close - chrono::TimeDelta::hours(1), "604.5"),
        minute_bar(close - chrono::TimeDelta::minutes(1), "1208.88"),
    ];
    let bars = [day_bar(long_before, "1100"), day_bar(before, "1208.88"), minutes[0], minutes[1]];
    bar::merge(&mut server.connect(), Provenance::Real, &bars).expect("stored");
    let account = server.client().register().await;
    let mut socket = Socket::open(&account.client).await;
    socket.subscribe(&["AAPL"]).await;
    assert_eq!(first_price(&mut socket).await, "121.50");
    let path = "/api/v1/quotes/AAPL/bars?interval=1d";
    let adjusted = async || Some(account.client.get(path).await.expect(200)).filter(|page| page["adjusted"].is_array());
    let page = until_some("an adjustment", adjusted).await;
    assert_eq!(page["adjusted"], serde_json::json!([{ "day": day.to_string(), "ratio": "10:1" }]));
    let seen: Vec<_> =
        page["items"].as_array().expect("bars").iter().map(|bar| (&bar["close"], &bar["volume"])).collect();
    assert_eq!(seen[0], (&"110.00".into(), &10_000.into()));
    assert_eq!(seen[1], (&"120.888".into(), &10_000.into()));
    let quote = account.client.get("/api/v1/quotes?symbols=AAPL").await.expect(200)["items"][0].clone();
    assert_eq!((&quote["price"], &quote["previous_close"]), (&"121.50".into(), &"120.90".into()));
}

#[actix_web::test]
async fn where_the_first_source_fails_the_next_is_asked() {
    let failing = answering(|| Reply::with(500, &[], "")).await;
    let fake = answering(finnhub_quote).await;
    let (broken, url) = (failing.url(), fake.url());
    let mut flags = vec!["--feed", "alpaca,finnhub", "--alpaca-key-id", "i", "--alpaca-secret", "s"];
    flags.extend(["--alpaca-url", &broken, "--alpaca-stream-url", STREAM, "--finnhub-key", "k"]);
    flags.extend(["--finnhub-url", &url, "--finnhub-stream-url", STREAM]);
    let server = TestServer::start_with(Backend::Sqlite, &flags).await;
    let account = server.client().register().await;
    let mut socket = Socket::open(&account.client).await;
    socket.subscribe(&["AAPL"]).await;
    assert_eq!(first_price(&mut socket).await, "189.23");
    assert!(failing.asked().iter().all(|asked| asked.target.starts_with("/stocks/snapshots?")));
    assert!(!failing.asked().is_empty(), "it comes first");
    let market = account.client.get("/api/v1/market").await.expect(200);
    let sources = market["feed"]["sources"].as_array().expect("sources");
    let sources: Vec<_> = sources.iter().map(|source| source["source"].as_str()).collect();
    assert_eq!(sources, [Some("alpaca"), Some("finnhub")]);
}

#[actix_web::test]
async fn doctor_says_what_is_well_and_what_is_to_be_mended() {
    let fake = FakeRest::start([finnhub_quote(), Reply::with(401, &[], "")]).await;
    let folder = tempfile::TempDir::new().expect("a folder");
    let (data_dir, url) = (folder.path().to_str().expect("a path").to_owned(), fake.url());
    let run = async |more: Vec<String>| {
        let mut all = vec!["doctor".to_owned(), "--data-dir".to_owned(), data_dir.clone()];
        all.extend(more);
        let ran =
            tokio::task::spawn_blocking(move || process::run(&all.iter().map(String::as_str).collect::<Vec<_>>()));
        let output = ran.await.expect("a run");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        (output.status.success(), text(output.stdout), text(output.stderr))
    };
    let (well, said, _) = run(Vec::new()).await;
    assert!(well, "{said}");
    for line in ["ok    database: ", "ok    catalogue: ", "ok    cluster: this node is alone", "ok    feed: sim"] {
        assert!(said.contains(line), "{line} in {said}");
    }
    // The catalogue is needed to know what a vendor covers.
    assert!(process::run(&["catalog", "import", "--data-dir", &data_dir, catalogue()]).status.success());
    let live =
        || ["--feed", "finnhub", "--finnhub-key", "secret-key", "--finnhub-url", &url].map(str::to_owned).to_vec();
    let (well, said, _) = run(live()).await;
    assert!(well && said.contains("at 189.23; 1 calls today"), "{said}");
    let mut broken = live();
    broken.extend(["--redis-url", "redis://127.0.0.1:1", "--smtp-url", "smtp://127.0.0.1:1"].map(str::to_owned));
    broken.extend(["--mail-from", "watchtape@example.com", "--listen", "0.0.0.0:8080"].map(str::to_owned));
    let (well, said, wrong) = run(broken).await;
    assert!(!well);
    assert!(said.contains("wrong cluster: ") && said.contains("wrong feed finnhub: refused"), "{said}");
    assert!(said.contains("wrong mail: ") && said.contains("wrong address: WATCHTAPE_LISTEN 0.0.0.0:8080"), "{said}");
    assert_eq!(wrong.trim(), "watchtape: to be mended: address, mail, cluster, feed finnhub");
    assert!(!said.contains("secret-key"));
}

fn catalogue() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/data/securities.csv")
}
