//! The state of the exchanges and of the feed.

use crate::support::{Backend, TestServer};

#[actix_web::test]
async fn the_market_names_every_exchange_and_the_feed() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.client().register().await.client;
    let mut socket = crate::support::socket::Socket::open(&client).await;
    socket.subscribe(&["AAPL"]).await;
    let seq = socket.next_of("ticks").await["seq"].as_u64().expect("a number");
    let market = client.get("/api/v1/market").await.expect(200);
    let mics: Vec<_> =
        market["exchanges"].as_array().expect("exchanges").iter().map(|one| one["mic"].clone()).collect();
    assert_eq!(mics.len(), 15);
    for exchange in market["exchanges"].as_array().expect("exchanges") {
        assert!(
            matches!(exchange["status"].as_str(), Some("open" | "pre_market" | "after_hours" | "closed")),
            "{exchange}"
        );
    }
    let feed = &market["feed"];
    assert_eq!((feed["source"].as_str(), feed["mode"].as_str()), (Some("sim"), Some("simulated")));
    assert_eq!(feed["status"], "running");
    assert!(feed["seq"].as_u64() >= Some(seq) && feed["age_ms"].is_u64());
}

#[actix_web::test]
async fn the_probes_answer_without_a_token() {
    let server = TestServer::start(Backend::Postgres).await;
    assert_eq!(server.client().get("/livez").await.expect(200)["status"], "ok");
    assert_eq!(server.client().get("/readyz").await.expect(200)["status"], "ok");
}
