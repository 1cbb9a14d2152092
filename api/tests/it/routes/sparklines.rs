//! Sparklines over HTTP.

use crate::support::{Backend, TestServer, on_both_databases, until, until_some};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use reqwest::Method;
use serde_json::json;
use watchtape::db::bar::{self, NewBar, Provenance};
use watchtape_shared::bar::Interval;
use watchtape_shared::sparkline::Sparkline;
use watchtape_shared::{Bar, Page, Price, Symbol};

on_both_databases!(a_line_is_what_the_bars_of_the_session_say);

fn price(text: &str) -> Price {
    Price::parse(text).expect("a price")
}

fn minute(symbol: &str, start: DateTime<Utc>, close: &str) -> NewBar {
    let bar = Bar::of(start, price(close));
    NewBar { symbol: Symbol::parse(symbol).expect("a symbol"), interval: Interval::OneMinute, bar }
}

/// A recording whose last day is a Friday, played to its end: its session is over, whenever the test runs.
async fn server_of_a_friday(backend: Backend) -> (tempfile::TempDir, TestServer) {
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("one.csv");
    let text = "Ticker,Date,Open,High,Low,Close,Volume\nAAPL,2013-03-01,438,438.18,429.98,430.47,19730300\n\
                IBM,2013-03-01,200,203,199,202.91,3309400\n";
    std::fs::write(&file, text).expect("a file");
    let feed = format!("replay:{}", file.display());
    let flags = ["--feed", &feed, "--replay-speed", "1000", "--bars-retention-days", "0"];
    (folder, TestServer::start_with(backend, &flags).await)
}

async fn a_line_is_what_the_bars_of_the_session_say(backend: Backend) {
    let (_folder, server) = server_of_a_friday(backend).await;
    let client = server.client().register().await.client;
    until("the end", async || client.get("/api/v1/market").await.expect(200)["feed"]["status"] == "ended").await;
    // What the recorder saw is stored every few seconds; what is there before is widened by it.
    let path = "/api/v1/quotes/sparklines?symbols=ibm,NVDA,%20AAPL";
    let open = "2013-03-01T14:30:00Z".parse::<DateTime<Utc>>().expect("a time");
    let at = |minutes| open + TimeDelta::minutes(minutes);
    let day_before = minute("AAPL", open - TimeDelta::days(1), "1.00");
    let elsewhere = minute("AAPL", at(100), "2.00");
    let bars = [minute("AAPL", at(8), "433.10"), minute("AAPL", at(12), "433.20"), day_before];
    let mut connection = server.connect();
    bar::merge(&mut connection, Provenance::Replay, &bars).expect("stored");
    bar::merge(&mut connection, Provenance::Simulated, &[elsewhere]).expect("stored");
    let read = |text: &str| serde_json::from_str::<Page<Sparkline>>(text).expect("sparklines").items;
    let has_last = |line: &Sparkline| line.points.last() == Some(&Some(price("430.47")));
    let whole = async || Some(client.get(path).await).filter(|answer| read(&answer.text).last().is_some_and(has_last));
    let answer = until_some("the last price", whole).await;
    let lines = read(&answer.text);
    let symbols: Vec<_> = lines.iter().map(|line| line.symbol.as_str()).collect();
    assert_eq!(symbols, ["IBM", "NVDA", "AAPL"]);
    assert_eq!(lines[1].points, [], "what has no bar has no line");
    let line = &lines[2];
    assert_eq!((line.start, line.step_s), (open, 420));
    // Six and a half hours and the minute of the close itself are 56 steps of seven minutes.
    assert_eq!(line.points.len(), 56);
    assert_eq!(line.points[1], Some(price("433.20")), "the last close of the step");
    assert_eq!(line.points[2], None, "nobody saw a price there");
    assert!(!line.points.contains(&Some(price("1.00"))) && !line.points.contains(&Some(price("2.00"))));

    let tag = answer.header("etag").to_owned();
    let again = client.send(client.request(Method::GET, path).header("If-None-Match", &tag)).await;
    assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
}

#[actix_web::test]
async fn the_simulated_market_has_the_day_of_utc() {
    let server = TestServer::start_with(Backend::Sqlite, &["--sim-interval-ms", "60000"]).await;
    let client = server.client().register().await.client;
    let as_of = until_some("a price", async || {
        let quotes = client.get("/api/v1/quotes?symbols=AAPL").await.expect(200);
        quotes["items"][0]["as_of"].as_str().map(str::to_owned)
    })
    .await;
    // The line is of the day of the last price, which stands still.
    let as_of: DateTime<Utc> = as_of.parse().expect("RFC 3339");
    let midnight = as_of.date_naive().and_time(NaiveTime::MIN).and_utc();
    let bars = [minute("AAPL", midnight - TimeDelta::minutes(1), "1.00"), minute("AAPL", midnight, "2.00")];
    bar::merge(&mut server.connect(), Provenance::Simulated, &bars).expect("stored");
    let lines = client.get("/api/v1/quotes/sparklines?symbols=AAPL").await.expect(200);
    assert_eq!(lines["next_cursor"], json!(null));
    assert_eq!(lines["items"][0]["start"].as_str().map(str::parse), Some(Ok(midnight)));
    assert_eq!(lines["items"][0]["points"][0], "2.00");
}

#[actix_web::test]
async fn a_question_that_is_not_one_is_refused() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.client().register().await.client;
    let many = vec!["AAPL"; 101].join(",");
    for query in ["", "symbols=", "symbols=,,", "symbols=A%20B", "symbols=AAPL&x=1", &format!("symbols={many}")] {
        client.get(&format!("/api/v1/quotes/sparklines?{query}")).await.refused(400, "invalid_query");
    }
    client.get("/api/v1/quotes/sparklines?symbols=AAPL,NOPE").await.refused(422, "unknown_symbol");
    // The path is its own, and the one of a symbol's bars is too.
    client.get("/api/v1/quotes/sparklines/bars?interval=1d").await.refused(404, "not_found");
}
