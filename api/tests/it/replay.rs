//! Recorded prices through the whole path: what a client receives is what stands in the file.

use crate::support::socket::Socket;
use crate::support::{Backend, TestServer, until};
use std::collections::HashMap;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/daily_ohlcv.csv");

/// Of each symbol, every price of the file in the order it is played: open, low, high, close, day by day.
fn recorded() -> HashMap<String, Vec<(String, i64)>> {
    let mut prices: HashMap<String, Vec<(String, i64)>> = HashMap::new();
    for record in csv::Reader::from_path(FILE).expect("the file").records() {
        let record = record.expect("a line");
        let price = |column: usize| (record[column].parse::<f64>().expect("a price") * 1e6).round() as i64;
        let played = prices.entry(record[0].to_owned()).or_default();
        played.extend([2, 4, 3, 5].map(|column| (record[1].to_owned(), price(column))));
    }
    prices
}

#[actix_web::test]
async fn a_client_receives_the_prices_of_the_file_in_their_order() {
    let flags = ["--feed", &format!("replay:{FILE}"), "--replay-speed", "50"];
    let server = TestServer::start_with(Backend::Sqlite, &flags).await;
    let account = server.client().register().await;
    let mut socket = Socket::open(&account.client).await;
    socket.subscribe(&["AAPL", "GOOG", "IBM", "MSFT", "NVDA"]).await;
    let snapshot = socket.next_of("snapshot").await;
    let quotes = snapshot["quotes"].as_array().expect("quotes");
    let nvidia = quotes.iter().find(|quote| quote["symbol"] == "NVDA").expect("a quote");
    assert!(nvidia["price"].is_null());
    assert_eq!(nvidia["reason"], "not_covered");

    // Each round has the next price of each symbol, so that its number says which that is. A client that is slow is told
    // the newest alone: the numbers in between are those it was not told.
    let recorded = recorded();
    let mut first: HashMap<String, (u64, usize)> = HashMap::new();
    for _ in 0..60 {
        let ticks = socket.next_of("ticks").await;
        let seq = ticks["seq"].as_u64().expect("a number");
        for row in ticks["d"].as_array().expect("rows") {
            let as_of = chrono::DateTime::from_timestamp_millis(row[2].as_i64().expect("ms")).expect("a time");
            let micros = (row[1].as_str().expect("a price").parse::<f64>().expect("a number") * 1e6).round() as i64;
            let price = (as_of.date_naive().to_string(), micros);
            let symbol = row[0].as_str().expect("a symbol");
            // GOOG was not listed yet at the beginning of the file.
            assert!(["AAPL", "IBM", "MSFT"].contains(&symbol), "{symbol}");
            let file = &recorded[symbol];
            let mut places = file.iter().enumerate().filter(|(_, played)| **played == price).map(|(at, _)| at);
            let (place, is_one) = (places.next().expect("a price of the file"), places.next().is_none());
            if !first.contains_key(symbol) {
                // Of a price that its day has twice it is not known which of them this is.
                if is_one {
                    first.insert(symbol.to_owned(), (seq, place));
                }
                continue;
            }
            let (first_seq, place) = first[symbol];
            assert_eq!(price, file[place + (seq - first_seq) as usize], "{symbol} in round {seq}");
        }
    }
    assert_eq!(first.len(), 3);
}

#[actix_web::test]
async fn a_replay_that_has_ended_is_stale_and_says_so() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("two.csv");
    let text = "Ticker,Date,Open,High,Low,Close,Volume\nAAPL,2013-02-28,444.05,447.87,441.4,441.4,11518400\n\
                AAPL,2013-03-01,438,438.18,429.98,430.47,19730300\n";
    std::fs::write(&file, text).expect("a file");
    let feed = format!("replay:{}", file.display());
    let flags = ["--feed", feed.as_str(), "--replay-speed", "100"];
    let server = TestServer::start_with(Backend::Sqlite, &flags).await;
    let account = server.client().register().await;
    let mut socket = Socket::open(&account.client).await;
    until("the end", async || account.client.get("/api/v1/market").await.expect(200)["feed"]["status"] == "ended")
        .await;
    let quote = account.client.get("/api/v1/quotes?symbols=AAPL").await.expect(200)["items"][0].clone();
    let text = |field: &str| quote[field].as_str().unwrap_or_default().to_owned();
    assert_eq!(text("price"), "430.47");
    assert_eq!((text("open"), text("high"), text("low")), ("438.00".into(), "438.18".into(), "429.98".into()));
    assert_eq!((text("previous_close"), text("as_of")), ("441.40".into(), "2013-03-01T21:00:00Z".into()));
    assert_eq!(
        (quote["volume"].as_u64(), quote["stale"].as_bool(), text("mode")),
        (Some(19_730_300), Some(true), "replay".into())
    );
    // It may have been there before the client was.
    while !socket.has_heard_the_end() {
        socket.next_of("market").await;
    }
}
