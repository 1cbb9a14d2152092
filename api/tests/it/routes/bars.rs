//! Bars over HTTP: from ticks to an answer.

use crate::support::process::Served;
use crate::support::{Backend, Client, TestServer, on_both_databases, until, until_some};
use chrono::{DurationRound, TimeDelta};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use watchtape::db::Db;
use watchtape::db::bar::{self, Provenance};
use watchtape_shared::Symbol;
use watchtape_shared::bar::Interval;

on_both_databases!(bars_appear_from_live_ticks);

async fn items(client: &Client, path: &str) -> Vec<Value> {
    client.get(path).await.expect(200)["items"].as_array().expect("items").clone()
}

/// Asks until the bars are such.
async fn wait_until(client: &Client, path: &str, are_such: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    until_some(path, async || Some(items(client, path).await).filter(|bars| are_such(bars))).await
}

fn micros(value: &Value) -> i64 {
    value.as_str().and_then(|text| text.parse::<watchtape_shared::Price>().ok()).expect("a price").micros()
}

async fn bars_appear_from_live_ticks(backend: Backend) {
    let server = TestServer::start(backend).await;
    let client = server.client().register().await.client;
    let is_stored = |bars: &[Value]| bars.iter().any(|bar| bar["volume"].is_u64());
    let has_moved = |bar: &Value| micros(&bar["low"]) < micros(&bar["high"]) && bar["volume"].is_u64();
    let quote = wait_until(&client, "/api/v1/quotes?symbols=AAPL", |quotes| quotes[0]["price"].is_string()).await;
    let seen: chrono::DateTime<chrono::Utc> = quote[0]["as_of"].as_str().expect("a time").parse().expect("RFC 3339");
    // What begins with the minute of a price that was seen, or after it, is made of prices.
    let from = seen.format("%Y-%m-%dT%H:%M:00Z");
    let path = &format!("/api/v1/quotes/aapl/bars?interval=1m&from={from}");
    let minutes = wait_until(&client, path, |bars| bars.iter().any(has_moved)).await;
    let start: chrono::DateTime<chrono::Utc> = minutes[0]["start"].as_str().expect("a time").parse().expect("RFC 3339");
    assert_eq!(Ok(start), seen.duration_trunc(TimeDelta::minutes(1)));
    let minute = minutes.iter().find(|bar| has_moved(bar)).expect("just found");
    let [open, high, low, close] = ["open", "high", "low", "close"].map(|field| micros(&minute[field]));
    assert!((low..=high).contains(&open) && (low..=high).contains(&close));
    let day = seen.date_naive();
    let path = format!("/api/v1/quotes/AAPL/bars?interval=1d&from={day}");
    let days = wait_until(&client, &path, is_stored).await;
    let starts: Vec<_> = days.iter().map(|bar| bar["start"].as_str().expect("a time").to_owned()).collect();
    let expected: Vec<_> = day.iter_days().take(days.len()).map(|day| format!("{day}T00:00:00Z")).collect();
    assert_eq!(starts, expected, "one for each day that had a price");
}

/// A server whose market stands still, and what it says of a symbol.
async fn still_market(seed: &str) -> (TestServer, Client, Value) {
    let flags = ["--sim-interval-ms", "60000", "--sim-seed", seed];
    let server = TestServer::start_with(Backend::Sqlite, &flags).await;
    let client = server.client().register().await.client;
    let quotes = wait_until(&client, "/api/v1/quotes?symbols=AAPL", |quotes| quotes[0]["price"].is_string()).await;
    (server, client, quotes[0].clone())
}

fn day_of(quote: &Value) -> chrono::NaiveDate {
    let as_of: chrono::DateTime<chrono::Utc> = quote["as_of"].as_str().expect("a time").parse().expect("RFC 3339");
    as_of.date_naive()
}

#[actix_web::test]
async fn a_simulated_market_has_a_past_that_meets_its_prices() {
    let (_server, client, quote) = still_market("7").await;
    let day = day_of(&quote);
    let five_years_ago = day - chrono::Months::new(60);
    let path = format!("/api/v1/quotes/AAPL/bars?interval=1d&from={five_years_ago}&to={day}&limit=5000");
    let days = items(&client, &path).await;
    assert!((1_200..1_310).contains(&days.len()), "{}", days.len());
    assert_eq!(days.last().expect("days")["close"], quote["previous_close"]);
    let older = format!("/api/v1/quotes/AAPL/bars?interval=1d&from=2000-01-01&to={five_years_ago}");
    assert_eq!(items(&client, &older).await, [] as [Value; 0], "five years are all there is");
    let newest = items(&client, &path.replace("limit=5000", "limit=3")).await;
    assert_eq!(newest, days[days.len() - 3..]);

    let today = format!("/api/v1/quotes/AAPL/bars?interval=1m&from={day}&limit=5000");
    let minutes = wait_until(&client, &today, |bars| !bars.is_empty()).await;
    assert_eq!(minutes[0]["open"], quote["open"]);
    assert_eq!(minutes.last().expect("minutes")["close"], quote["price"]);
    let range = micros(&quote["low"])..=micros(&quote["high"]);
    assert!(minutes.iter().all(|bar| range.contains(&micros(&bar["low"])) && range.contains(&micros(&bar["high"]))));
    let week = format!("/api/v1/quotes/AAPL/bars?interval=1m&from={}&to={day}&limit=5000", day - chrono::Days::new(14));
    // Five sessions, of which one may be short.
    let week = items(&client, &week).await.len();
    assert!((4 * 390 + 210..=5 * 390).contains(&week), "{week}");

    let lines = items(&client, "/api/v1/quotes/sparklines?symbols=AAPL").await;
    let points = lines[0]["points"].as_array().expect("points");
    assert_eq!(points.last(), Some(&quote["price"]));
    assert!(points.len() >= minutes.len().min(30), "a line from the day's beginning on: {}", points.len());
}

#[actix_web::test]
async fn a_market_of_the_same_seed_has_the_same_past_and_another_another() {
    // The past ends where the market's first day begins: only markets of one day are to be compared.
    let [one, same, other] = loop {
        let markets = [still_market("7").await, still_market("7").await, still_market("8").await];
        let [first, .., last] = markets.each_ref().map(|(_, _, quote)| day_of(quote));
        if first == last {
            break markets;
        }
    };
    let day = day_of(&one.2);
    let path =
        format!("/api/v1/quotes/AAPL/bars?interval=1d&from={}&to={day}&limit=5000", day - chrono::Months::new(60));
    let days = items(&one.1, &path).await;
    assert_eq!(items(&same.1, &path).await, days);
    assert_ne!(items(&other.1, &path).await, days);
}

fn recording(folder: &TempDir) -> String {
    let file = folder.path().join("two.csv");
    let text = "Ticker,Date,Open,High,Low,Close,Volume\nAAPL,2013-02-28,444.05,447.87,441.4,441.4,11518400\n\
                AAPL,2013-03-01,438,438.18,429.98,430.47,19730300\n";
    std::fs::write(&file, text).expect("a file");
    format!("replay:{}", file.display())
}

#[actix_web::test]
async fn days_of_a_recording_are_those_of_the_file() {
    let folder = TempDir::new().expect("a folder");
    let feed = recording(&folder);
    let flags = ["--feed", &feed, "--replay-speed", "100", "--bars-retention-days", "0"];
    let server = TestServer::start_with(Backend::Sqlite, &flags).await;
    let client = server.client().register().await.client;
    let path = "/api/v1/quotes/AAPL/bars?interval=1d&from=2013-01-01&to=2013-03-02";
    let days = wait_until(&client, path, |bars| bars.len() == 2).await;
    let first = json!({ "start": "2013-02-28T00:00:00Z", "open": "444.05", "high": "447.87", "low": "441.40",
                        "close": "441.40", "volume": 11_518_400 });
    let second = json!({ "start": "2013-03-01T00:00:00Z", "open": "438.00", "high": "438.18", "low": "429.98",
                         "close": "430.47", "volume": 19_730_300 });
    assert_eq!(days, [first.clone(), second.clone()]);

    // Half-open, and the newest where there are too many.
    let narrow = "/api/v1/quotes/AAPL/bars?interval=1d&from=2013-02-28&to=2013-03-01T00:00:00Z";
    assert_eq!(items(&client, narrow).await, [first]);
    assert_eq!(items(&client, &format!("{path}&limit=1")).await, [second]);
    let minutes = "/api/v1/quotes/AAPL/bars?interval=1m&to=2013-03-01T14:31:00Z";
    let minutes = items(&client, minutes).await;
    // A day before `to`: of the first day the times after 14:31, then the second's open.
    assert_eq!(
        minutes.iter().map(|bar| bar["close"].as_str().expect("a price")).collect::<Vec<_>>(),
        ["441.40", "447.87", "441.40", "438.00"]
    );
    assert_eq!(
        items(&client, "/api/v1/quotes/AAPL/bars?interval=1d").await,
        [] as [Value; 0],
        "the last year has none"
    );

    let answer = client.get(path).await;
    assert_eq!(answer.json()["next_cursor"], Value::Null);
    let tag = answer.header("etag").to_owned();
    let again = client.request(Method::GET, path).header("If-None-Match", &tag);
    let again = client.send(again).await;
    assert_eq!((again.status.as_u16(), again.text.as_str(), again.header("etag")), (304, "", tag.as_str()));
    let other = client.request(Method::GET, path).header("If-None-Match", "\"other\"");
    client.send(other).await.expect(200);
}

#[actix_web::test]
async fn a_server_that_is_stopped_has_stored_its_last_bars() {
    let folder = TempDir::new().expect("a folder");
    let feed = recording(&folder);
    let data_dir = folder.path().join("data");
    let data_dir = data_dir.to_str().expect("a path");
    let flags = ["--feed", &feed, "--replay-speed", "1000", "--bars-retention-days", "0", "--data-dir", data_dir];
    let mut server = Served::start(&flags);
    let client = Client::new(server.address).register().await.client;
    until("the end", async || client.get("/api/v1/market").await.expect(200)["feed"]["status"] == "ended").await;
    server.terminate();
    let url = format!("sqlite:{data_dir}/watchtape.db").parse().expect("a URL");
    let db = Db::open(&url).expect("a database");
    let (symbol, from) = (Symbol::parse("AAPL").expect("a symbol"), chrono::DateTime::UNIX_EPOCH);
    let read = move |connection: &mut _| {
        bar::range(connection, Provenance::Replay, symbol, Interval::OneDay, from, chrono::Utc::now(), 10)
    };
    let closes: Vec<_> = db.read(read).await.expect("bars").iter().map(|bar| bar.close.to_string()).collect();
    assert_eq!(closes, ["441.40", "430.47"]);
}

#[actix_web::test]
async fn a_question_that_is_not_one_is_refused() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.client().register().await.client;
    for query in [
        "",
        "interval=5m",
        "interval=1d&limit=0",
        "interval=1d&limit=5001",
        "interval=1d&limit=x",
        "interval=1d&x=1",
        "interval=1d&from=yesterday",
        "interval=1d&from=2026-13-01",
        "interval=1d&from=%2B12026-01-01",
        "interval=1d&to=1969-12-31",
        "interval=1d&to=2026-11-20T15:30:00",
        "interval=1d&from=2026-11-21&to=2026-11-20",
    ] {
        client.get(&format!("/api/v1/quotes/AAPL/bars?{query}")).await.refused(400, "invalid_query");
    }
    for symbol in ["NOPE", "A%20B", "%00"] {
        client.get(&format!("/api/v1/quotes/{symbol}/bars?interval=1d")).await.refused(404, "not_found");
    }
    let none = client.get("/api/v1/quotes/AAPL/bars?interval=1d&from=2026-11-20&to=2026-11-20").await.expect(200);
    assert_eq!(none, json!({ "items": [], "next_cursor": null }));
}
