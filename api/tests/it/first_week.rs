//! One story: a person's first week, from a look around as a guest to leaving, through the API alone. The tests of each route
//! hold the details; this one holds that the routes work together, in the order in which people come by them.

use crate::support::socket::Socket;
use crate::support::{Account, Backend, Client, TestServer, on_both_databases};
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

on_both_databases!(a_first_week);

async fn a_first_week(backend: Backend) {
    let server = TestServer::start(backend).await;

    // Monday. Ada looks around without an account, finds Apple by a typing error, and puts Coca-Cola on her first list.
    let guest = server.client().begin_as_guest().await;
    let found = guest.client.get("/api/v1/tickers?q=aplle&limit=5").await.expect(200);
    assert!(found["items"].as_array().expect("items").iter().any(|item| item["symbol"] == "AAPL"), "{found}");
    let list = guest.first_list().await;
    let given = guest.symbols(&list).await;
    assert!(given.len() >= 5, "a guest begins with well-known securities: {given:?}");
    guest.add(&list, &["KO"]).await;

    // Tuesday. She keeps what she has, by an address and a password; a phone and the desk are two devices of one account.
    let (email, password) = ("ada.first.week@example.com", "plover quartz lantern");
    guest.client.post("/api/v1/me/keep", &json!({ "email": email, "password": password })).await.expect(200);
    let (email, password) = (email.to_owned(), password.to_owned());
    let desk = Account { email, password, ..guest };
    let phone = desk.another_device().await;
    let devices = desk.client.get("/api/v1/me/sessions").await.expect(200);
    assert_eq!(devices["items"].as_array().map(Vec::len), Some(2), "{devices}");

    // Wednesday. The list is open on the desk while the phone changes it: the desk is told, and prices go on.
    let mut stream = Socket::open(&desk.client).await;
    let id = list.rsplit('/').next().expect("an id");
    stream.say(json!({ "op": "watch", "watchlist": id })).await;
    let version = stream.next_of("watchlist").await["version"].as_u64().expect("a version");
    stream.next_of("ticks").await;
    let note = json!({ "note": "Dividend in December", "flag": "green" });
    phone.client.patch(&format!("{list}/items/KO"), &note, None).await.expect(200);
    let told = stream.next_of("watchlist").await;
    assert_eq!(told["version"].as_u64(), Some(version + 1));
    // Who changes an old version is told so, and loses nothing.
    let stale = format!("\"{version}\"");
    desk.client.patch(&list, &json!({ "name": "Mine" }), Some(&stale)).await.refused(412, "version_mismatch");
    let current = desk.client.get(&list).await.header("etag").to_owned();
    desk.client.patch(&list, &json!({ "name": "Mine" }), Some(&current)).await.expect(200);
    let holding = desk.client.get("/api/v1/tickers/KO/watchlists").await.expect(200);
    assert_eq!((&holding["items"][0]["name"], &holding["items"][0]["item"]["flag"]), (&json!("Mine"), &json!("green")));

    // Thursday. She moves her list in from elsewhere, puts it in order, and takes a copy out again.
    let copy = desk.client.post("/api/v1/watchlists", &json!({ "name": "Imported" })).await.expect(201);
    let imported = format!("/api/v1/watchlists/{}", copy["id"].as_str().expect("an id"));
    let file = "###Chips\nNASDAQ:NVDA\nNASDAQ:AMD\nNASDAQ:NOTHING\n";
    let request = desk.client.request(Method::POST, &format!("{imported}/import")).header(CONTENT_TYPE, "text/plain");
    let outcome = desk.client.send(request.body(file)).await.expect(200);
    assert_eq!((&outcome["added"], &outcome["rejected"][0]["line"]), (&json!(2), &json!(4)), "{outcome}");
    let tag = desk.client.get(&imported).await.header("etag").to_owned();
    let order = json!({ "symbols": ["AMD", "NVDA"] });
    desk.client.put(&format!("{imported}/order"), &order, Some(&tag)).await.expect(200);
    assert_eq!(phone.symbols(&imported).await, ["AMD", "NVDA"]);
    let csv = desk.client.get(&format!("{imported}/export?format=csv")).await;
    assert!(csv.text.lines().nth(1).is_some_and(|line| line.starts_with("AMD,")), "{}", csv.text);

    // Friday. A program of hers reads prices by a key that may not write, and keeps to its scope.
    let (key, program) = desk.make_key(&["read"]).await;
    let quotes = program.get("/api/v1/quotes?symbols=AMD,NVDA").await.expect(200);
    assert!(quotes["items"].as_array().expect("quotes").iter().all(|quote| quote["mode"] == "simulated"), "{quotes}");
    program.post(&format!("{imported}/items"), &json!({ "symbol": "IBM" })).await.refused(403, "insufficient_scope");

    // Saturday. The phone is lost: its session ends, and so does the program's key. The desk goes on.
    let devices = desk.client.get("/api/v1/me/sessions").await.expect(200);
    let lost = devices["items"].as_array().expect("devices").iter().find(|device| device["is_current"] == false);
    let lost = lost.and_then(|device| device["id"].as_str()).expect("the other device");
    desk.client.delete(&format!("/api/v1/me/sessions/{lost}"), None).await.expect(204);
    phone.client.get("/api/v1/me").await.refused(401, "unauthenticated");
    desk.client.delete(&format!("/api/v1/me/api-keys/{}", key["id"].as_str().expect("an id")), None).await.expect(204);
    program.get("/api/v1/quotes?symbols=AMD").await.refused(401, "unauthenticated");
    stream.say(json!({ "op": "ping", "id": 1 })).await;
    assert_eq!(stream.next_of("pong").await["id"], 1);
    let kinds: Vec<Value> = desk.trail().await.iter().map(|event| event["kind"].clone()).collect();
    for kind in ["account_kept", "key_created", "session_revoked", "key_revoked"] {
        assert!(kinds.contains(&json!(kind)), "{kind}: {kinds:?}");
    }

    // Sunday. She takes everything with her and leaves: nothing is left, and the socket is closed.
    let everything = desk.client.get("/api/v1/me/export").await.expect(200);
    assert_eq!(everything["watchlists"].as_array().map(Vec::len), Some(2), "{everything}");
    let leave = desk.client.request(Method::DELETE, "/api/v1/me").json(&json!({ "password": desk.password }));
    desk.client.send(leave).await.expect(204);
    assert_eq!(stream.closed().await, 4409);
    desk.client.get("/api/v1/watchlists").await.refused(401, "unauthenticated");
    let login = json!({ "email": desk.email, "password": desk.password });
    Client { token: None, ..desk.client }.post("/api/v1/auth/login", &login).await.refused(401, "wrong_credentials");
}
