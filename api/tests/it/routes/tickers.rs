//! The catalogue over HTTP. Which result is best is the search module's own test.

use crate::support::{Backend, TestServer};
use std::collections::HashSet;

#[actix_web::test]
async fn a_search_ranks_marks_and_pages() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.client().register().await.client;
    let first = client.get("/api/v1/tickers?q=apple&limit=5").await.expect(200);
    assert_eq!(first["items"][0]["symbol"], "AAPL");
    assert_eq!(first["items"][0]["name"], "Apple Inc.");
    assert_eq!(first["items"][0]["mic"], "XNAS");
    assert_eq!(first["items"][0]["matched"], serde_json::json!({"field": "name", "ranges": [[0, 5]], "fuzzy": false}));

    let mut seen = HashSet::new();
    let mut path = "/api/v1/tickers?q=bank&limit=50".to_owned();
    loop {
        let page = client.get(&path).await.expect(200);
        for item in page["items"].as_array().expect("items") {
            assert!(seen.insert(item["symbol"].to_string()), "{} came twice", item["symbol"]);
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/api/v1/tickers?q=bank&limit=50&cursor={cursor}"),
            None => break,
        }
    }
    assert!(seen.len() > 100, "{} banks", seen.len());
    let browsed = client.get("/api/v1/tickers?limit=3").await.expect(200);
    assert_eq!(browsed["items"][0]["rank"], 1);
    assert!(browsed["items"][0]["matched"].is_null());
}

#[actix_web::test]
async fn a_question_that_is_not_one_is_refused() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.client().register().await.client;
    let long = "x".repeat(65);
    for query in
        ["limit=0", "limit=51", "limit=x", "cursor=!!", "cursor=bzk5OTk5OTk5OTk5", "page=2", &format!("q={long}")]
    {
        client.get(&format!("/api/v1/tickers?{query}")).await.refused(400, "invalid_query");
    }
    let accented = "é".repeat(64);
    assert_eq!(client.get(&format!("/api/v1/tickers?q={accented}")).await.expect(200)["items"], serde_json::json!([]));
}

#[actix_web::test]
async fn one_security_is_read_by_its_symbol() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.client().register().await.client;
    let ticker = client.get("/api/v1/tickers/brk.b").await.expect(200);
    assert_eq!((ticker["symbol"].as_str(), ticker["currency"].as_str()), (Some("BRK.B"), Some("USD")));
    for symbol in ["NOPE", "%20", "A%2FB", "AVERYLONGSYMBOLINDEED"] {
        client.get(&format!("/api/v1/tickers/{symbol}")).await.refused(404, "not_found");
    }
}
