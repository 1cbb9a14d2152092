//! `GET /me/audit-events`.

use crate::support::{Backend, TestServer, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(the_trail_is_read_page_by_page_by_its_owner_alone);

async fn the_trail_is_read_page_by_page_by_its_owner_alone(backend: Backend) {
    let server = TestServer::start(backend).await;
    let (account, other) = (server.client().register().await, server.client().register().await);
    for name in ["Ada", "Bob", "Cy", "Di", "Eve"] {
        account.client.patch("/api/v1/me", &json!({ "display_name": name }), None).await.expect(200);
    }
    let whole = account.trail().await;
    assert!(whole.len() >= 5);
    assert!(whole.is_sorted_by(|a, b| a["at"].as_str() >= b["at"].as_str()), "the newest first: {whole:?}");
    assert!(other.trail_of("profile_changed").await.is_empty());

    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/me/audit-events?limit=2{cursor}");
        let page = account.client.get(&path).await.expect(200);
        let items = page["items"].as_array().expect("entries").clone();
        assert!((1..=2).contains(&items.len()), "{page}");
        pages.extend(items);
        match &page["next_cursor"] {
            Value::String(next) => cursor = format!("&cursor={next}"),
            _ => break,
        }
    }
    assert_eq!(pages, whole);
    for query in ["limit=0", "limit=101", "limit=x", "cursor=x", "surprise=1"] {
        account.client.get(&format!("/api/v1/me/audit-events?{query}")).await.refused(400, "invalid_query");
    }
}
