//! `Idempotency-Key`: a request that is sent again takes effect once.

use crate::support::client::Answer;
use crate::support::{Account, Backend, TestServer, on_both_databases};
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

on_both_databases!(
    what_is_sent_again_is_answered_alike_and_done_once,
    a_key_stands_for_one_request_of_one_account,
    a_request_that_failed_may_be_tried_again,
    sixteen_at_once_make_one_list,
    kept_answers_are_bounded_in_bytes,
    a_registration_tells_nobody_whose_address_has_an_account,
);

impl Account {
    async fn post_with_key(&self, path: &str, key: &str, body: &Value) -> Answer {
        let request = self.client.request(Method::POST, path).header("Idempotency-Key", key).json(body);
        self.client.send(request).await
    }
}

/// Of large answers the oldest go; what was answered last is there.
async fn kept_answers_are_bounded_in_bytes(backend: Backend) {
    #[derive(diesel::QueryableByName)]
    struct Kept {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        bytes: i64,
    }

    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let me = account.client.get("/api/v1/me").await.expect(200);
    let (id, mut connection) = (me["id"].as_str().expect("an id"), server.connect());
    for number in 0..100 {
        let row = format!(
            "INSERT INTO idempotency_keys (user_id, idempotency_key, request_hash, status, body, created_at) \
             VALUES ('{id}', 'old {number:03}', 'x', 200, '{}', '{}')",
            "é".repeat(64 * 1024),
            (watchtape::clock::now() - chrono::TimeDelta::minutes(200 - number)).format("%Y-%m-%d %H:%M:%S"),
        );
        connection.batch_execute(&row).expect("a row");
    }
    let symbols: Vec<Value> = (0..200).map(|number| json!({ "symbol": format!("!{number}") })).collect();
    let (path, bulk) = (format!("{}/items/bulk", account.first_list().await), json!({ "items": symbols }));
    let first = account.post_with_key(&path, "last", &bulk).await;
    assert!(first.text.len() > 8_000, "a large answer");
    let sum = "SELECT CAST(SUM(OCTET_LENGTH(body)) AS BIGINT) AS bytes FROM idempotency_keys";
    let kept: Kept = diesel::sql_query(sum).get_result(&mut connection).expect("a sum");
    assert!((4 << 20..=8 << 20).contains(&kept.bytes), "{} bytes", kept.bytes);
    assert!(is_replayed(&account.post_with_key(&path, "last", &bulk).await));
}

fn is_replayed(answer: &Answer) -> bool {
    answer.header("idempotency-replayed") == "true"
}

async fn what_is_sent_again_is_answered_alike_and_done_once(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    for (path, body) in [
        ("/api/v1/watchlists".to_owned(), json!({ "name": "Tech" })),
        (format!("{list}/items"), json!({ "symbol": "AAPL", "note": "n" })),
        (format!("{list}/items/bulk"), json!({ "items": [{ "symbol": "MSFT" }, { "symbol": "!" }] })),
        (format!("{list}/import"), json!({ "items": [{ "symbol": "NVDA" }, { "symbol": "!" }] })),
    ] {
        let key = format!("key of {path}").replace(' ', "-");
        let first = account.post_with_key(&path, &key, &body).await;
        assert!(first.status.is_success() && !is_replayed(&first), "{first:?}");
        let items = account.client.get(&list).await.text;
        let again = account.post_with_key(&path, &format!("\"{key}\""), &body).await;
        assert!(is_replayed(&again), "{again:?}");
        assert_eq!((again.status, &again.text), (first.status, &first.text));
        for header in ["location", "etag", "content-type"] {
            assert_eq!(again.header(header), first.header(header), "{header} of {path}");
        }
        assert_eq!(account.client.get(&list).await.text, items, "{path} changed the list again");
    }
    let lists = account.client.get("/api/v1/watchlists").await.expect(200);
    assert_eq!(lists["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(account.symbols(&list).await, ["AAPL", "MSFT", "NVDA"]);
    // An answer outlives what it told of: the list has moved on since the version that If-Match names.
    let body = json!({ "symbol": "JPM" });
    let conditional = || {
        let request = account.client.request(Method::POST, &format!("{list}/items")).json(&body);
        account.client.send(request.header("If-Match", "\"4\"").header("Idempotency-Key", "conditional"))
    };
    conditional().await.expect(201);
    assert!(is_replayed(&conditional().await));
}

async fn a_key_stands_for_one_request_of_one_account(backend: Backend) {
    let server = TestServer::start(backend).await;
    let (account, other) = (server.client().register().await, server.client().register().await);
    let lists = "/api/v1/watchlists";
    account.post_with_key(lists, "k", &json!({ "name": "Tech" })).await.expect(201);
    account.post_with_key(lists, "k", &json!({ "name": "Banks" })).await.refused(422, "idempotency_key_reused");
    let items = format!("{}/items", account.first_list().await);
    account.post_with_key(&items, "k", &json!({ "symbol": "AAPL" })).await.refused(422, "idempotency_key_reused");
    // The same request in other words, and with another account's key of the same name.
    let spaced = account.client.request(Method::POST, lists).header("Idempotency-Key", "k");
    let spaced = spaced.header("Content-Type", "application/json").body("{ \"name\" : \" Tech \" }");
    assert!(is_replayed(&account.client.send(spaced).await));
    assert!(!is_replayed(&other.post_with_key(lists, "k", &json!({ "name": "Tech" })).await));
    for key in ["", "\"open", "a b", &"x".repeat(256)] {
        account.post_with_key(lists, key, &json!({ "name": "Other" })).await.refused(400, "bad_request");
    }
}

async fn a_request_that_failed_may_be_tried_again(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let lists = "/api/v1/watchlists";
    account.post_with_key(lists, "k", &json!({ "name": "Watchlist" })).await.refused(409, "list_name_taken");
    let first = account.first_list().await;
    account.client.delete(&first, None).await.expect(204);
    let made = account.post_with_key(lists, "k", &json!({ "name": "Watchlist" })).await;
    made.expect(201);
    assert!(!is_replayed(&made));
}

async fn sixteen_at_once_make_one_list(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let body = json!({ "name": "Tech" });
    let answers = join_all((0..16).map(|_| account.post_with_key("/api/v1/watchlists", "k", &body))).await;
    let made: Vec<_> = answers.iter().filter(|answer| answer.status.as_u16() == 201).collect();
    assert_eq!(made.iter().filter(|answer| !is_replayed(answer)).count(), 1, "{answers:?}");
    assert!(made.iter().all(|answer| answer.text == made[0].text));
    for answer in answers.iter().filter(|answer| answer.status.as_u16() != 201) {
        answer.refused(409, "idempotency_in_progress");
    }
    let lists = account.client.get("/api/v1/watchlists").await.expect(200);
    assert_eq!(lists["items"].as_array().map(Vec::len), Some(2));
}

async fn a_registration_tells_nobody_whose_address_has_an_account(backend: Backend) {
    let server = TestServer::start(backend).await;
    let client = server.client();
    let register = |key: &'static str, password: &str| {
        let body = json!({ "email": "twice@example.com", "password": password, "transport": "body" });
        let request = client.request(Method::POST, "/api/v1/auth/register").header("Idempotency-Key", key);
        client.send(request.json(&body))
    };
    register("k", "a long enough secret").await.expect(201);
    // The key that opened the account makes no difference.
    for (key, password) in
        [("k", "a long enough secret"), ("k", "not the same secret"), ("other", "a long enough secret")]
    {
        register(key, password).await.refused(409, "email_taken");
    }
}
