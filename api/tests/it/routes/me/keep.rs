//! `POST /me/keep`.

use crate::support::{Backend, TestServer, on_both_databases};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

on_both_databases!(
    a_guest_keeps_the_account_and_all_that_is_in_it,
    an_account_is_kept_once_however_many_ask,
    what_cannot_be_kept_stays_a_guests,
);

const KEEP: &str = "/api/v1/me/keep";
const PASSWORD: &str = "plover quartz lantern";

fn keep(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD })
}

async fn a_guest_keeps_the_account_and_all_that_is_in_it(backend: Backend) {
    let server = TestServer::start(backend).await;
    let guest = server.client().begin_as_guest().await;
    let list = guest.first_list().await;
    guest.add(&list, &["KO"]).await;
    let (before, me) = (guest.client.get(&list).await.text, guest.client.get("/api/v1/me").await.expect(200));

    let kept = guest.client.post(KEEP, &keep("Ada@Example.com")).await.expect(200);
    assert_eq!((&kept["id"], &kept["created_at"]), (&me["id"], &me["created_at"]));
    assert_eq!((&kept["email"], &kept["display_name"]), (&json!("ada@example.com"), &json!("ada")));
    assert_eq!(kept["guest"], false);
    assert_eq!(guest.client.get("/api/v1/me").await.expect(200), kept, "the session goes on");
    assert_eq!(guest.client.get(&list).await.text, before);
    assert_eq!(guest.trail_of("account_kept").await.len(), 1);

    let login = json!({ "email": "ada@example.com", "password": PASSWORD });
    assert_eq!(server.client().post("/api/v1/auth/login", &login).await.expect(200)["user"], kept);
    guest.make_key(&["read"]).await;
    guest.client.post(KEEP, &keep("again@example.com")).await.refused(409, "not_a_guest");
    let delete = guest.client.request(Method::DELETE, "/api/v1/me").json(&json!({}));
    guest.client.send(delete).await.refused(422, "invalid");

    // A name that somebody has chosen stays, and one that comes along is taken.
    let named = server.client().begin_as_guest().await;
    named.client.patch("/api/v1/me", &json!({ "display_name": "Grace" }), None).await.expect(200);
    assert_eq!(named.client.post(KEEP, &keep("hopper@example.com")).await.expect(200)["display_name"], "Grace");
    let mut body = keep("lovelace@example.com");
    body["display_name"] = json!("Countess");
    let another = server.client().begin_as_guest().await;
    assert_eq!(another.client.post(KEEP, &body).await.expect(200)["display_name"], "Countess");
}

async fn an_account_is_kept_once_however_many_ask(backend: Backend) {
    let server = TestServer::start(backend).await;
    let guest = server.client().begin_as_guest().await;
    let bodies: Vec<Value> = (0..4).map(|number| keep(&format!("tab{number}@example.com"))).collect();
    let answers = join_all(bodies.iter().map(|body| guest.client.post(KEEP, body))).await;
    let (kept, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(kept.len(), 1, "{answers:?}");
    assert_eq!(guest.client.get("/api/v1/me").await.expect(200), kept[0].json());
    for answer in refused {
        answer.refused(409, "not_a_guest");
    }
}

async fn what_cannot_be_kept_stays_a_guests(backend: Backend) {
    let server = TestServer::start(backend).await;
    let (guest, other) = (server.client().begin_as_guest().await, server.client().register().await);
    other.client.post(KEEP, &keep("other@example.com")).await.refused(409, "not_a_guest");
    let taken = guest.client.post(KEEP, &keep(&other.email)).await.refused(409, "email_taken");
    assert_eq!(taken["errors"][0]["pointer"], "/email");
    let own = json!({ "email": "lovelace@example.com", "password": "lovelace-1843-notes" });
    let weak = guest.client.post(KEEP, &own).await.refused(422, "weak_password");
    assert_eq!(weak["errors"][0]["pointer"], "/password");
    server.client().post(KEEP, &keep("nobody@example.com")).await.refused(401, "unauthenticated");
    let me = guest.client.get("/api/v1/me").await.expect(200);
    assert_eq!((&me["email"], &me["guest"], &me["display_name"]), (&Value::Null, &json!(true), &json!("Guest")));
}
