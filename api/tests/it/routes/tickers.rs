//! The catalogue over HTTP. Which result is best is the search module's own test.

use crate::support::{Backend, TestServer, on_both_databases};
use serde_json::json;
use std::collections::HashSet;

on_both_databases!(the_lists_that_contain_a_security_are_the_callers_own);

async fn the_lists_that_contain_a_security_are_the_callers_own(backend: Backend) {
    let server = TestServer::start(backend).await;
    let (account, other) = (server.client().register().await, server.client().register().await);
    let first = account.first_list().await;
    let named = json!({ "name": "Chips" });
    let second = account.client.post("/api/v1/watchlists", &named).await.expect(201)["id"].clone();
    let second = format!("/api/v1/watchlists/{}", second.as_str().expect("an id"));
    account.add(&first, &["MSFT"]).await;
    account.add(&second, &["AAPL"]).await;
    let noted = json!({ "symbol": "NVDA", "note": "Earnings in May", "flag": "green" });
    account.client.post(&format!("{second}/items"), &noted).await.expect(201);
    other.add(&other.first_list().await, &["NVDA"]).await;

    let lists =
        async |symbol: &str| account.client.get(&format!("/api/v1/tickers/{symbol}/watchlists")).await.expect(200);
    let found = lists("nvda").await;
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
    let list = &found["items"][0];
    assert_eq!((&list["name"], &list["version"], &list["item_count"]), (&json!("Chips"), &json!(3), &json!(2)));
    assert_eq!((&list["item"]["position"], &list["item"]["note"]), (&json!(1), &json!("Earnings in May")));
    account.add(&first, &["NVDA"]).await;
    let names = lists("NVDA").await["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|list| list["name"].clone())
        .collect::<Vec<_>>();
    assert_eq!(names, [json!("Watchlist"), json!("Chips")], "in the account's order");
    assert_eq!(lists("IBM").await["items"], json!([]));
    account.client.get("/api/v1/tickers/NOPE/watchlists").await.refused(404, "not_found");
}

#[actix_web::test]
async fn a_search_ranks_marks_and_pages() {
    let server = TestServer::with_whole_catalogue(Backend::Sqlite).await;
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
