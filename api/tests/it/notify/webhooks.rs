//! What a webhook is sent, in each format, and what is shown of its answers.

use super::scene::{Scene, path_of};
use crate::support::receiver::{Received, Receiver};
use crate::support::vendor::Reply;
use crate::support::{Backend, on_both_databases};
use data_encoding::BASE64;
use serde_json::{Value, json};
use watchtape::auth::secret::hmac_sha256;

on_both_databases!(
    a_trigger_is_posted_once_signed_and_noted,
    a_replaced_secret_signs_beside_the_new_one,
    chats_are_sent_a_sentence,
    a_test_says_how_it_went,
);

/// The signatures of a request that this secret made.
fn signed_by(received: &Received, secret: &Value) -> usize {
    let key = secret.as_str().and_then(|text| text.strip_prefix("whsec_")).expect("a secret");
    let key = BASE64.decode(key.as_bytes()).expect("base64");
    let (id, timestamp) = (received.header("webhook-id"), received.header("webhook-timestamp"));
    let message = [format!("{id}.{timestamp}.").as_bytes(), &received.body].concat();
    let expected = format!("v1,{}", BASE64.encode(&hmac_sha256(&key, &message)));
    received.header("webhook-signature").split(' ').filter(|one| **one == *expected).count()
}

async fn a_trigger_is_posted_once_signed_and_noted(backend: Backend) {
    let (scene, receiver) = (Scene::set(backend).await, Receiver::start().await);
    let webhook = scene.webhook(&receiver.url("/hook?x=1"), "standard").await;
    let event = scene.trigger(&[&webhook], json!({ "note": "take profit" }));
    let noted = scene.tried(&webhook, 1).await;
    let received = receiver.received();
    assert_eq!(received.len(), 1);
    let request = &received[0];
    assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/hook?x=1"));
    assert_eq!(request.header("content-type"), "application/json");
    assert!(request.header("user-agent").starts_with("watchtape/"));
    let body = request.json();
    assert_eq!((&body["type"], &body["data"]), (&json!("alert.triggered"), &json!(event)));
    assert_eq!(signed_by(request, &webhook["secret"]), 1);
    assert_eq!(
        (&noted["state"], &noted["status"], &noted["answer"]),
        (&json!("delivered"), &json!(200), &json!("thanks"))
    );
    assert_eq!((&noted["id"], &noted["event_id"]), (&json!(request.header("webhook-id")), &json!(event.id)));
    assert_eq!((&noted["due_at"], &noted["error"]), (&Value::Null, &Value::Null));
    let read = scene.read(&webhook).await;
    assert!(read["last_delivered_at"].is_string() && read.get("secret").is_none(), "{read}");
}

async fn a_replaced_secret_signs_beside_the_new_one(backend: Backend) {
    let (scene, receiver) = (Scene::set(backend).await, Receiver::start().await);
    let webhook = scene.webhook(&receiver.url("/"), "standard").await;
    let rotated = scene.account.client.post(&format!("{}/rotate-secret", path_of(&webhook)), &json!(null)).await;
    assert_eq!(rotated.header("cache-control"), "no-store");
    let rotated = rotated.expect(200);
    assert_ne!(rotated["secret"], webhook["secret"]);
    scene.trigger(&[&webhook], json!({}));
    let request = receiver.until(1).await.remove(0);
    assert_eq!((signed_by(&request, &webhook["secret"]), signed_by(&request, &rotated["secret"])), (1, 1));
    let over = "UPDATE destinations SET previous_secret_until = '2020-01-01 00:00:00'";
    diesel::connection::SimpleConnection::batch_execute(&mut scene.server.connect(), over).expect("a change");
    scene.trigger(&[&webhook], json!({}));
    let request = receiver.until(2).await.remove(1);
    assert_eq!((signed_by(&request, &webhook["secret"]), signed_by(&request, &rotated["secret"])), (0, 1));
    assert_eq!(scene.account.trail_of("destination_secret_rotated").await.len(), 1);
    let slack = scene.webhook(&receiver.url("/"), "slack").await;
    let refused = scene.account.client.post(&format!("{}/rotate-secret", path_of(&slack)), &json!(null)).await;
    refused.refused(409, "destination_unsigned");
}

async fn chats_are_sent_a_sentence(backend: Backend) {
    let (scene, receiver) = (Scene::set(backend).await, Receiver::start().await);
    let mut webhooks = Vec::new();
    for format in ["slack", "discord", "ntfy"] {
        let webhook = scene.webhook(&receiver.url(&format!("/{format}")), format).await;
        assert_eq!(webhook.get("secret"), None);
        webhooks.push(webhook);
    }
    let note = "<!channel> @everyone *now* & é";
    let members =
        json!({ "note": note, "late_s": 95, "as_of": "2026-11-20T14:32:10Z", "triggered_at": "2026-11-20T14:32:11Z" });
    scene.trigger(&webhooks.iter().collect::<Vec<_>>(), members);
    let received = receiver.until(3).await;
    let of = |format: &str| received.iter().find(|one| one.target == format!("/{format}")).expect("a request");
    let sentence = "AAPL rose above 200.00: 200.31 (simulated), 14:32:10 UTC, up to 95 seconds late";
    let link = format!("http://{}/securities/AAPL", scene.server.address);
    assert_eq!(
        of("slack").json()["text"],
        format!("{sentence}\n&lt;!channel&gt; @everyone *now* &amp; é\n<{link}|Open AAPL>")
    );
    let discord = of("discord").json();
    assert_eq!(discord["content"], format!("{sentence}\n\\<!channel\\> \\@everyone \\*now\\* & é\n<{link}>"));
    assert_eq!(discord["allowed_mentions"], json!({ "parse": [] }));
    let ntfy = of("ntfy");
    assert_eq!(String::from_utf8_lossy(&ntfy.body), format!("{sentence}\n{note}"));
    assert_eq!((ntfy.header("title"), ntfy.header("click")), ("AAPL", link.as_str()));
    assert!(received.iter().all(|one| one.header("webhook-signature").is_empty()));
}

async fn a_test_says_how_it_went(backend: Backend) {
    let scene = Scene::set(backend).await;
    let long = format!("\u{1b}[31mno\r\nsuch hook {}", "é".repeat(40_000));
    let receiver = Receiver::answering(move |received| match received.target.as_str() {
        "/moved" => Reply::with(302, &[("Location", "/elsewhere")], ""),
        "/broken" => Reply::with(500, &[], &long),
        _ => Reply::with(204, &[], ""),
    })
    .await;
    let send = async |path: &str| {
        let webhook = scene.webhook(&receiver.url(path), "standard").await;
        let sent = scene.account.client.post(&format!("{}/test", path_of(&webhook)), &json!(null)).await.expect(200);
        (webhook, sent)
    };
    let (webhook, sent) = send("/").await;
    assert_eq!((&sent["state"], &sent["status"], &sent["event_id"]), (&json!("delivered"), &json!(204), &Value::Null));
    let request = receiver.received().remove(0);
    assert_eq!((&request.json()["type"], signed_by(&request, &webhook["secret"])), (&json!("alert.test"), 1));
    assert_eq!(request.header("webhook-id"), sent["id"]);
    assert_eq!(scene.deliveries(&webhook).await, [sent]);
    let (_, sent) = send("/moved").await;
    assert_eq!((&sent["state"], &sent["error"]), (&json!("failed"), &json!("status 302: redirects are not followed")));
    let (broken, sent) = send("/broken").await;
    let answer = sent["answer"].as_str().expect("an answer");
    assert!(answer.starts_with("[31mno  such hook éé") && answer.len() <= 200, "{answer:?}");
    assert!(answer.chars().all(|c| !c.is_control()));
    assert_eq!(scene.read(&broken).await["failing_since"], Value::Null, "a test is not held against it");
    assert!(receiver.received().iter().all(|one| one.target != "/elsewhere"));
}
