//! Last values over HTTP.

use crate::support::{Backend, TestServer};
use reqwest::Method;

#[actix_web::test]
async fn quotes_come_in_the_order_asked_for_and_say_what_they_are() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.client().register().await.client;
    let mut socket = crate::support::socket::Socket::open(&client).await;
    socket.subscribe(&["AAPL"]).await;
    socket.next_of("ticks").await;
    let quotes = client.get("/api/v1/quotes?symbols=msft,%20AAPL,VOLV-B.ST").await.expect(200);
    let items = quotes["items"].as_array().expect("items");
    let symbols: Vec<_> = items.iter().map(|quote| quote["symbol"].as_str().expect("a symbol")).collect();
    assert_eq!(symbols, ["MSFT", "AAPL", "VOLV-B.ST"]);
    assert_eq!(items[2]["currency"], "SEK");
    for quote in items {
        assert_eq!((quote["source"].as_str(), quote["mode"].as_str()), (Some("sim"), Some("simulated")));
        assert_eq!(quote["stale"], false);
        for field in ["price", "previous_close", "open", "high", "low", "as_of"] {
            assert!(quote[field].is_string(), "{field} of {quote}");
        }
    }
}

#[actix_web::test]
async fn a_symbol_that_the_source_does_not_cover_has_a_reason_instead_of_a_price() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/data/daily_ohlcv.csv");
    let server = TestServer::start_with(Backend::Sqlite, &["--feed", &format!("replay:{file}")]).await;
    let client = server.client().register().await.client;
    let quotes = client.get("/api/v1/quotes?symbols=NVDA").await.expect(200);
    let quote = &quotes["items"][0];
    assert!(quote["price"].is_null() && quote["as_of"].is_null());
    assert_eq!((quote["reason"].as_str(), quote["mode"].as_str()), (Some("not_covered"), Some("replay")));
}

#[actix_web::test]
async fn polling_with_the_etag_is_told_when_nothing_has_changed() {
    // A market that stands still for longer than the test runs.
    let server = TestServer::start_with(Backend::Sqlite, &["--sim-interval-ms", "60000"]).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    account.add(&list, &["AAPL"]).await;
    // The first round may be on its way.
    let mut socket = crate::support::socket::Socket::open(&account.client).await;
    socket.subscribe(&["AAPL"]).await;
    if socket.next_of("snapshot").await["quotes"][0]["price"].is_null() {
        socket.next_of("ticks").await;
    }
    for path in ["/api/v1/quotes?symbols=AAPL".to_owned(), format!("{list}?include=quotes")] {
        let tag = account.client.get(&path).await.header("etag").to_owned();
        let again = account.client.request(Method::GET, &path).header("If-None-Match", &tag);
        let answer = account.client.send(again).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str(), answer.header("etag")), (304, "", tag.as_str()));
        let other = account.client.request(Method::GET, &path).header("If-None-Match", "\"other\"");
        account.client.send(other).await.expect(200);
    }
}

#[actix_web::test]
async fn a_question_that_is_not_one_is_refused() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.client().register().await.client;
    let many = vec!["AAPL"; 1001].join(",");
    for query in ["", "symbols=", "symbols=,,", "symbols=A%20B", "symbols=AAPL&x=1", &format!("symbols={many}")] {
        client.get(&format!("/api/v1/quotes?{query}")).await.refused(400, "invalid_query");
    }
    client.get("/api/v1/quotes?symbols=AAPL,NOPE").await.refused(422, "unknown_symbol");
}
