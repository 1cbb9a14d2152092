//! Looking around without an address and a password.

use crate::support::{Account, Backend, Client, TestServer, on_both_databases};
use diesel::connection::SimpleConnection;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashSet;
use watchtape::db::guest::{self, NewGuest};
use watchtape::db::{DbConnection, sweep};
use watchtape::ids;

on_both_databases!(
    a_guest_begins_with_a_list_and_uses_it_like_anybody,
    a_browser_begins_by_a_request_without_a_body,
    a_guest_does_nothing_that_a_password_would_confirm,
    a_guest_is_deleted_without_a_password_and_nobody_else_is,
    there_are_no_more_guests_than_the_setting_says,
    a_guest_begins_on_an_empty_catalogue_too,
    a_guest_who_is_not_seen_for_a_week_is_forgotten_and_nobody_else,
);

const GUEST: &str = "/api/v1/auth/guest";

async fn available(client: &Client) -> Value {
    client.get(GUEST).await.expect(200)["available"].clone()
}

async fn id_of(account: &Account) -> String {
    account.client.get("/api/v1/me").await.expect(200)["id"].as_str().expect("an id").to_owned()
}

async fn a_guest_begins_with_a_list_and_uses_it_like_anybody(backend: Backend) {
    let server = TestServer::start(backend).await;
    let (guest, other) = (server.client().begin_as_guest().await, server.client().begin_as_guest().await);
    let me = guest.client.get("/api/v1/me").await.expect(200);
    assert_eq!((&me["email"], &me["guest"], &me["display_name"]), (&Value::Null, &json!(true), &json!("Guest")));
    assert_ne!(me["id"], json!(id_of(&other).await));
    let opened = &guest.trail_of("account_opened").await[0];
    assert_eq!((opened["detail"].as_str(), opened["session"].is_string()), (Some("guest"), true));

    let list = guest.first_list().await;
    assert_eq!(guest.client.get(&list).await.expect(200)["name"], "My first list");
    let symbols = guest.symbols(&list).await;
    let mut sectors = HashSet::new();
    for symbol in &symbols {
        let ticker = guest.client.get(&format!("/api/v1/tickers/{symbol}")).await.expect(200);
        assert!(sectors.insert(ticker["sector"].to_string()), "{symbol}: two of {}", ticker["sector"]);
    }
    assert_eq!((symbols.len(), symbols[0].as_str()), (10, "NVDA"));

    guest.add(&list, &["KO"]).await;
    assert_eq!((guest.symbols(&list).await.len(), other.symbols(&other.first_list().await).await.len()), (11, 10));
    other.client.get(&list).await.refused(404, "not_found");
    let ticket = guest.client.request(Method::POST, "/api/v1/stream/tickets");
    guest.client.send(ticket).await.expect(201);
    assert_eq!(guest.client.get("/api/v1/me/export").await.expect(200)["user"], me);
    let refresh = json!({ "refresh_token": guest.refresh_token });
    assert_eq!(server.client().post("/api/v1/auth/refresh", &refresh).await.expect(200)["user"], me);
}

async fn a_browser_begins_by_a_request_without_a_body(backend: Backend) {
    let server = TestServer::start_with(backend, &["--public-origin", "https://watch.example.com"]).await;
    let client = server.client();
    let begin = |origin: &str| client.send(client.request(Method::POST, GUEST).header("Origin", origin));
    begin("https://evil.example.com").await.refused(403, "forbidden_origin");
    let first = begin("https://watch.example.com").await;
    assert!(first.expect(201).get("refresh_token").is_none());
    let cookie = |name: &str| {
        let mut set = first.headers.get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok());
        set.find(|cookie| cookie.starts_with(name)).unwrap_or_else(|| panic!("{name}: {first:?}")).to_owned()
    };
    cookie("__Host-watchtape_device=");
    let refresh = cookie("__Host-watchtape_refresh=");
    assert!(refresh.contains("HttpOnly") && refresh.contains("SameSite=Strict"), "{refresh}");

    // Another guest in the same browser takes the place of the first.
    let again = client.request(Method::POST, GUEST).header("Origin", "https://watch.example.com");
    let again = again.header("Cookie", refresh.split(';').next().expect("a cookie"));
    client.send(again).await.expect(201);
    let token = first.json()["access_token"].as_str().map(str::to_owned);
    Client { token, ..server.client() }.get("/api/v1/me").await.refused(401, "unauthenticated");
    client.post(GUEST, &json!({ "transport": "pigeon" })).await.refused(422, "invalid");
}

async fn a_guest_does_nothing_that_a_password_would_confirm(backend: Backend) {
    let server = TestServer::start(backend).await;
    let guest = server.client().begin_as_guest().await;
    for body in [
        json!({ "email": "guest@example.com" }),
        json!({ "email": "guest@example.com", "current_password": "correct horse battery" }),
    ] {
        guest.client.patch("/api/v1/me", &body, None).await.refused(403, "guest");
    }
    let change = json!({ "current_password": "correct horse battery", "new_password": "plover quartz lantern" });
    guest.client.put("/api/v1/me/password", &change, None).await.refused(403, "guest");
    let key = json!({ "name": "A program", "scopes": ["read"] });
    guest.client.post("/api/v1/me/api-keys", &key).await.refused(403, "guest");
    assert_eq!(guest.client.get("/api/v1/me/api-keys").await.expect(200)["items"], json!([]));
    let named = guest.client.patch("/api/v1/me", &json!({ "display_name": "Ada" }), None).await.expect(200);
    assert_eq!((&named["display_name"], &named["guest"]), (&json!("Ada"), &json!(true)));
}

async fn a_guest_is_deleted_without_a_password_and_nobody_else_is(backend: Backend) {
    let server = TestServer::start(backend).await;
    let delete = async |account: &Account| {
        account.client.send(account.client.request(Method::DELETE, "/api/v1/me").json(&json!({}))).await
    };
    let (guest, account) = (server.client().begin_as_guest().await, server.client().register().await);
    delete(&guest).await.expect(204);
    guest.client.get("/api/v1/me").await.refused(401, "unauthenticated");
    assert_eq!(delete(&account).await.refused(422, "invalid")["errors"][0]["pointer"], "/password");
    account.client.get("/api/v1/me").await.expect(200);
}

async fn there_are_no_more_guests_than_the_setting_says(backend: Backend) {
    let server = TestServer::start_with(backend, &["--guests", "3"]).await;
    let client = server.client();
    client.register().await;
    assert_eq!(available(&client).await, true);
    let answers = join_all((0..8).map(|_| client.send(client.request(Method::POST, GUEST)))).await;
    let (taken, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!(taken.len(), 3, "{answers:?}");
    for answer in refused {
        answer.refused(503, "too_many_guests");
        assert_eq!(answer.header("retry-after"), "600");
    }
    assert_eq!(available(&client).await, false);

    let token = taken[0].json()["access_token"].as_str().map(str::to_owned);
    let leaving = Client { token, ..client.clone() };
    leaving.send(leaving.request(Method::DELETE, "/api/v1/me").json(&json!({}))).await.expect(204);
    assert_eq!(available(&client).await, true);
    client.begin_as_guest().await;
}

async fn a_guest_begins_on_an_empty_catalogue_too(backend: Backend) {
    let server = TestServer::start(backend).await;
    let new = NewGuest {
        id: ids::user(),
        display_name: "Guest".parse().expect("a name"),
        first_list: ids::watchlist(),
        list_name: "My first list".parse().expect("a name"),
        symbols: Vec::new(),
    };
    let user = guest::create(&mut server.connect(), &new, 1).expect("a guest");
    assert_eq!((user.id, user.email, user.guest), (new.id, None, true));
}

/// Puts back when the devices of an account were last seen.
fn seen_days_ago(connection: &mut DbConnection, owner: &str, days: i64) {
    let at = (chrono::Utc::now() - chrono::TimeDelta::days(days)).format("%Y-%m-%d %H:%M:%S");
    let moved = format!("UPDATE sessions SET rotated_at = '{at}' WHERE user_id = '{owner}'");
    connection.batch_execute(&moved).expect("a session of another time");
}

async fn a_guest_who_is_not_seen_for_a_week_is_forgotten_and_nobody_else(backend: Backend) {
    let server = TestServer::start(backend).await;
    let client = server.client();
    let (gone, here, left) =
        (client.begin_as_guest().await, client.begin_as_guest().await, client.begin_as_guest().await);
    let (kept, account) = (client.begin_as_guest().await, client.register().await);
    let keep = json!({ "email": "kept@example.com", "password": "plover quartz lantern" });
    kept.client.post("/api/v1/me/keep", &keep).await.expect(200);
    client.post("/api/v1/auth/logout", &json!({ "refresh_token": left.refresh_token })).await.expect(204);
    let list = gone.first_list().await;
    let its_own = [&id_of(&gone).await, list.rsplit('/').next().expect("an id")].map(str::to_owned);
    let mut connection = server.connect();
    for (whose, days) in [(&gone, 8), (&here, 6), (&kept, 8), (&account, 8)] {
        seen_days_ago(&mut connection, &id_of(whose).await, days);
    }
    // Their lists go first, in portions of their own.
    let lists = sweep::run(&mut connection, None).expect("a sweep");
    assert_eq!((lists.guests, lists.guest_lists), (0, 2));
    let swept = sweep::run(&mut connection, None).expect("a sweep");
    assert_eq!(swept.guests, 2, "the one who was not seen and the one who signed out: {swept:?}");
    let texts: Vec<&str> = its_own.iter().map(String::as_str).collect();
    assert!(crate::support::tables::tables_with(&mut connection, &texts).is_empty());
    gone.client.get("/api/v1/me").await.refused(401, "unauthenticated");
    for staying in [&here, &kept, &account] {
        staying.client.get("/api/v1/me").await.expect(200);
    }
    assert_eq!(sweep::run(&mut connection, None).expect("a sweep").guests, 0);
}

#[actix_web::test]
async fn a_server_may_take_no_guests() {
    let server = TestServer::start_with(Backend::Sqlite, &["--guests", "0"]).await;
    assert_eq!(available(&server.client()).await, false);
    server.client().post(GUEST, &json!({})).await.refused(403, "guests_closed");
}

#[actix_web::test]
async fn an_address_has_its_share_of_guests() {
    let flags = ["--guests-per-hour", "2", "--trusted-proxies", "127.0.0.0/8"];
    let server = TestServer::start_with(Backend::Sqlite, &flags).await;
    let client = server.client();
    let begin = |address: &str| client.send(client.request(Method::POST, GUEST).header("X-Forwarded-For", address));
    begin("198.51.100.1").await.expect(201);
    begin("198.51.100.1").await.expect(201);
    let refused = begin("198.51.100.1").await;
    refused.refused(429, "too_many_requests");
    let wait: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=1800).contains(&wait), "{wait}");
    begin("198.51.100.2").await.expect(201);
}
