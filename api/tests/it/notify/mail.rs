//! Mails of alerts: only to addresses that were confirmed, and ended by one click.

use super::scene::{DESTINATIONS, Scene, path_of};
use crate::support::mail::{Mail, MailServer};
use crate::support::{Backend, Client, on_both_databases};
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

on_both_databases!(
    an_address_is_mailed_alerts_once_it_is_confirmed_until_one_click,
    nobodys_mailbox_is_flooded,
    a_mail_that_is_put_off_is_sent_later,
);

async fn with_mail(backend: Backend, mails: &MailServer) -> Scene {
    Scene::set_with(backend, &["--smtp-url", &mails.url(), "--mail-from", "Watchtape <w@example.com>"]).await
}

async fn add(client: &Client, address: &str) -> Value {
    client.post(DESTINATIONS, &json!({ "type": "email", "address": address })).await.expect(201)
}

/// The text of a mail whose lines were broken for the wire.
fn unfolded(mail: &Mail) -> String {
    mail.text.replace("=\r\n", "").replace("\r\n ", " ").replace("=3D", "=")
}

/// What is between two texts.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let from = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}")).1;
    from.split_once(after).expect("an end").0
}

async fn an_address_is_mailed_alerts_once_it_is_confirmed_until_one_click(backend: Backend) {
    let mut mails = MailServer::start().await;
    let scene = with_mail(backend, &mails).await;
    let made = add(&scene.account.client, "Ada@Example.com").await;
    assert_eq!((&made["state"], &made["address"]), (&json!("unconfirmed"), &json!("ada@example.com")));
    let test = format!("{}/test", path_of(&made));
    scene.account.client.post(&test, &json!(null)).await.refused(409, "destination_unconfirmed");
    let mail = mails.next().await;
    assert_eq!(mail.to, "ada@example.com");
    let text = unfolded(&mail);
    assert!(!text.contains("List-Unsubscribe"), "there is nothing to end yet");
    let token = between(&text, "/confirm-destination#token=", "\r\n").to_owned();
    crate::support::secrets::keep(&token);

    let stranger = scene.server.client();
    let confirm = async |token: &str| stranger.post("/api/v1/destinations/confirm", &json!({ "token": token })).await;
    let refused = confirm(&token[1..]).await.refused(422, "invalid_confirmation");
    assert_eq!(refused["errors"][0]["pointer"], "/token");
    assert_eq!(scene.read(&made).await["state"], "unconfirmed");
    confirm(&token).await.expect(204);
    confirm(&token).await.expect(204);
    assert_eq!(scene.read(&made).await["state"], "active");

    scene.trigger(
        &[&made],
        json!({ "as_of": "2026-11-20T14:32:10Z", "triggered_at": "2026-11-20T14:32:11Z", "note": "grün" }),
    );
    let mail = unfolded(&mails.next().await);
    assert!(mail.contains("Subject: AAPL rose above 200.00: 200.31 (simulated), 14:32:10 UTC\r\n"), "{mail}");
    assert!(mail.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"), "{mail}");
    assert!(mail.contains("/securities/AAPL"), "{mail}");
    assert_eq!(scene.tried(&made, 1).await["status"], 250);

    let origin = format!("http://{}", scene.server.address);
    let link = between(&mail, "List-Unsubscribe: <", ">").trim().to_owned();
    let path = link.strip_prefix(&origin).expect("a link to this server");
    let click = async |path: &str| {
        let request = stranger.request(Method::POST, path);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        stranger.send(request.body("List-Unsubscribe=One-Click")).await
    };
    click(&path.replace("/pause", "x/pause")).await.refused(404, "not_found");
    // A scanner that follows links ends nothing.
    stranger.get(path).await.refused(405, "method_not_allowed");
    assert_eq!(scene.read(&made).await["state"], "active");
    click(path).await.expect(204);
    click(path).await.expect(204);
    assert_eq!(scene.read(&made).await["state"], "paused");
}

async fn nobodys_mailbox_is_flooded(backend: Backend) {
    let mails = MailServer::start().await;
    let scene = with_mail(backend, &mails).await;
    let strangers = "mallory's-victim@example.com";
    for _ in 0..3 {
        add(&scene.account.client, strangers).await;
    }
    let other = scene.server.client().register().await;
    let new = json!({ "type": "email", "address": strangers });
    let refused = other.client.post(DESTINATIONS, &new).await;
    assert!(refused.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 60));
    refused.refused(429, "too_many_requests");
    for count in 0..7 {
        add(&scene.account.client, &format!("victim{count}@example.com")).await;
    }
    let new = json!({ "type": "email", "address": "one-more@example.com" });
    scene.account.client.post(DESTINATIONS, &new).await.refused(429, "too_many_requests");
}

async fn a_mail_that_is_put_off_is_sent_later(backend: Backend) {
    let mut mails = MailServer::start().await;
    mails.answer(Some("451 later"));
    let scene = with_mail(backend, &mails).await;
    let made = add(&scene.account.client, "ada@example.com").await;
    let put_off = scene.tried(&made, 1).await;
    assert_eq!((&put_off["state"], &put_off["status"]), (&json!("pending"), &json!(451)));
    mails.answer(Some("250 ok"));
    scene.make_due();
    assert_eq!(mails.next().await.to, "ada@example.com");
    assert_eq!(scene.tried(&made, 2).await["state"], "delivered");
}
