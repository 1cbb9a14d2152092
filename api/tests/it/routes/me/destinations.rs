//! `/me/destinations`.

use crate::support::{Account, Backend, TestServer, on_both_databases};
use reqwest::Method;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/me/destinations";

on_both_databases!(
    a_destination_is_made_changed_and_deleted_by_its_owner,
    a_secret_is_shown_once_and_again_to_a_repeated_request,
    an_account_has_twenty_and_a_guest_a_browser,
);

fn hook() -> Value {
    json!({ "type": "webhook", "url": "https://example.com/hooks/1" })
}

async fn listed(account: &Account) -> Vec<Value> {
    account.client.get(PATH).await.expect(200)["items"].as_array().expect("destinations").clone()
}

async fn a_destination_is_made_changed_and_deleted_by_its_owner(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let made = account.client.post(PATH, &hook()).await;
    let mut destination = made.expect(201);
    let path = made.header("location").to_owned();
    assert_eq!(path, format!("{PATH}/{}", destination["id"].as_str().expect("an id")));
    let secret = destination.as_object_mut().expect("an object").remove("secret").expect("a secret");
    assert!(secret.as_str().is_some_and(|secret| secret.starts_with("whsec_")));
    for (member, value) in [
        ("type", json!("webhook")),
        ("name", json!("example.com")),
        ("format", json!("standard")),
        ("state", json!("active")),
        ("version", json!(1)),
        ("address", Value::Null),
    ] {
        assert_eq!(destination[member], value, "{member}");
    }
    let read = account.client.get(&path).await;
    assert_eq!((read.expect(200), listed(&account).await), (destination.clone(), vec![destination.clone()]));
    assert_eq!(read.header("etag"), made.header("etag"));
    let again = account.client.request(Method::GET, &path).header("If-None-Match", read.header("etag"));
    assert_eq!(account.client.send(again).await.status, 304);

    let etag = read.header("etag").to_owned();
    let renamed = account.client.patch(&path, &json!({ "name": " Chat " }), Some(&etag)).await;
    assert_eq!((&renamed.json()["name"], &renamed.json()["version"]), (&json!("Chat"), &json!(2)));
    let stale = account.client.patch(&path, &json!({ "paused": true }), Some(&etag)).await;
    stale.refused(412, "version_mismatch");
    assert!(stale.header("etag").starts_with("\"2"));
    let paused = account.client.patch(&path, &json!({ "paused": true }), None).await.expect(200);
    assert_eq!((&paused["state"], &paused["version"]), (&json!("paused"), &json!(3)));
    let same = account.client.patch(&path, &json!({ "paused": true, "name": "Chat" }), None).await.expect(200);
    assert_eq!(same["version"], 3, "what changes nothing is no new version");
    assert_eq!(account.client.get(&format!("{path}/deliveries")).await.expect(200)["items"], json!([]));

    account.client.delete(&path, Some(&etag)).await.refused(412, "version_mismatch");
    account.client.delete(&path, None).await.expect(204);
    account.client.get(&path).await.refused(404, "not_found");
    let made = account.trail_of("destination_created").await;
    assert_eq!((made.len(), &made[0]["detail"]), (1, &destination["id"]));
    assert_eq!(account.trail_of("destination_deleted").await[0]["detail"], destination["id"]);
}

async fn a_secret_is_shown_once_and_again_to_a_repeated_request(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let make = || async {
        let request = account.client.request(Method::POST, PATH).header("Idempotency-Key", "d-1");
        account.client.send(request.json(&hook())).await
    };
    let (first, again) = (make().await, make().await);
    assert_eq!((first.expect(201), first.header("idempotency-replayed")), (again.expect(201), ""));
    assert_eq!((again.header("idempotency-replayed"), again.header("cache-control")), ("true", "no-store"));
    assert_eq!(listed(&account).await.len(), 1);
    let stored = crate::support::tables::tables_with(
        &mut server.connect(),
        &[first.json()["secret"].as_str().expect("a secret")],
    );
    assert_eq!(stored, ["destinations"], "the stored answer does not have it");
    account.client.post(&format!("{}/rotate-secret", first.header("location")), &json!(null)).await.expect(200);
    make().await.refused(422, "idempotency_key_reused");
}

async fn an_account_has_twenty_and_a_guest_a_browser(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let mail = json!({ "type": "email", "address": "ada@example.com" });
    account.client.post(PATH, &mail).await.refused(503, "mail_unavailable");
    for _ in 0..20 {
        account.client.post(PATH, &hook()).await.expect(201);
    }
    account.client.post(PATH, &hook()).await.refused(409, "too_many_destinations");
    assert_eq!(listed(&account).await.len(), 20);

    let guest = server.client().begin_as_guest().await;
    guest.client.post(PATH, &hook()).await.refused(403, "guest");
    let key = guest.client.get("/api/v1/me/push-key").await.expect(200)["public_key"].clone();
    let keys = json!({ "p256dh": key, "auth": "_ordMnz7uTCmrpBTeUV4Bw" });
    let push = json!({ "type": "web_push", "endpoint": "https://push.example.com/1", "keys": keys, "name": "Browser" });
    guest.client.post(PATH, &push).await.expect(201);
    for (member, spoiled) in [("p256dh", "AAAA"), ("auth", "AAAA")] {
        let mut push = push.clone();
        push["keys"][member] = json!(spoiled);
        let refused = guest.client.post(PATH, &push).await.refused(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], format!("/keys/{member}"));
    }
}
