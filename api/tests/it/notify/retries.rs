//! What has failed is tried again, and ends.

use super::scene::{Scene, path_of};
use crate::support::receiver::Receiver;
use crate::support::vendor::Reply;
use crate::support::{Backend, on_both_databases};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

on_both_databases!(
    a_failure_is_tried_again_under_the_same_id_and_given_up_after_seven,
    a_receiver_that_says_when_is_not_asked_before,
    a_receiver_that_is_gone_is_disabled_and_can_be_tried_again,
    three_days_of_failure_disable,
    what_waits_when_it_is_paused_is_not_sent_later,
    a_receiver_that_is_not_there_is_told,
);

/// A receiver of a status that can be changed, and of `Retry-After`.
async fn with_status(retry_after: &'static str) -> (Receiver, Arc<AtomicU16>) {
    let status = Arc::new(AtomicU16::new(500));
    let now = status.clone();
    let receiver =
        Receiver::answering(move |_| Reply::with(now.load(Ordering::SeqCst), &[("Retry-After", retry_after)], "no"))
            .await;
    (receiver, status)
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().expect("a time").parse().expect("a time")
}

/// The time between a try and the next.
fn delay(noted: &Value) -> TimeDelta {
    time(&noted["due_at"]) - time(&noted["tried_at"])
}

async fn a_failure_is_tried_again_under_the_same_id_and_given_up_after_seven(backend: Backend) {
    let (scene, (receiver, _)) = (Scene::set(backend).await, with_status("0").await);
    let webhook = scene.webhook(&receiver.url("/"), "standard").await;
    scene.trigger(&[&webhook], json!({}));
    for (tries, seconds) in (1..).zip([5, 300, 1_800, 7_200, 18_000, 36_000]) {
        let noted = scene.tried(&webhook, tries).await;
        assert_eq!((&noted["state"], &noted["error"]), (&json!("pending"), &json!("status 500")));
        // A fifth of it by chance, and what the try and its transaction took.
        let most = TimeDelta::seconds(seconds * 6 / 5 + 60);
        assert!(delay(&noted) >= TimeDelta::seconds(seconds) && delay(&noted) <= most, "{noted}");
        scene.make_due();
    }
    let noted = scene.tried(&webhook, 7).await;
    assert_eq!((&noted["state"], &noted["due_at"]), (&json!("failed"), &Value::Null));
    let ids: std::collections::HashSet<String> =
        receiver.received().iter().map(|one| one.header("webhook-id").to_owned()).collect();
    assert_eq!((receiver.received().len(), ids.len()), (7, 1));
    assert_eq!(scene.read(&webhook).await["state"], "active");
}

async fn a_receiver_that_says_when_is_not_asked_before(backend: Backend) {
    let (scene, (receiver, status)) = (Scene::set(backend).await, with_status("3600").await);
    status.store(429, Ordering::SeqCst);
    let webhook = scene.webhook(&receiver.url("/"), "standard").await;
    scene.trigger(&[&webhook], json!({}));
    let noted = scene.tried(&webhook, 1).await;
    assert!(delay(&noted) >= TimeDelta::hours(1) && delay(&noted) < TimeDelta::hours(2), "{noted}");
    assert!(scene.read(&webhook).await["failing_since"].is_string());
    status.store(200, Ordering::SeqCst);
    scene.make_due();
    assert_eq!(scene.tried(&webhook, 2).await["state"], "delivered");
    assert_eq!(scene.read(&webhook).await["failing_since"], Value::Null);
}

async fn a_receiver_that_is_gone_is_disabled_and_can_be_tried_again(backend: Backend) {
    let (scene, (receiver, status)) = (Scene::set(backend).await, with_status("0").await);
    status.store(410, Ordering::SeqCst);
    let webhook = scene.webhook(&receiver.url("/"), "standard").await;
    scene.trigger(&[&webhook], json!({}));
    assert_eq!(scene.tried(&webhook, 1).await["state"], "failed");
    let disabled = scene.read(&webhook).await;
    assert_eq!(
        (&disabled["state"], &disabled["reason"]),
        (&json!("disabled"), &json!("The receiver is gone: status 410"))
    );
    status.store(200, Ordering::SeqCst);
    let resumed = scene.account.client.patch(&path_of(&webhook), &json!({ "paused": false }), None).await.expect(200);
    assert_eq!((&resumed["state"], &resumed["reason"]), (&json!("active"), &Value::Null));
    scene.trigger(&[&webhook], json!({}));
    assert_eq!(scene.tried(&webhook, 1).await["state"], "delivered");
}

async fn three_days_of_failure_disable(backend: Backend) {
    let (scene, (receiver, _)) = (Scene::set(backend).await, with_status("0").await);
    let webhook = scene.webhook(&receiver.url("/"), "standard").await;
    scene.trigger(&[&webhook], json!({}));
    scene.tried(&webhook, 1).await;
    for (hours, state) in [(71, "active"), (73, "disabled")] {
        let since = (Utc::now() - TimeDelta::hours(hours)).format("%Y-%m-%d %H:%M:%S");
        let change = format!("UPDATE destinations SET failing_since = '{since}'");
        scene.server.connect().batch_execute(&change).expect("a change");
        scene.make_due();
        scene.tried(&webhook, if hours == 71 { 2 } else { 3 }).await;
        assert_eq!(scene.read(&webhook).await["state"], state);
    }
    let reason = scene.read(&webhook).await["reason"].clone();
    assert_eq!(reason, "Every delivery has failed for three days. The last: status 500");
    assert_eq!(scene.deliveries(&webhook).await[0]["state"], "failed", "nothing waits for it");
}

async fn what_waits_when_it_is_paused_is_not_sent_later(backend: Backend) {
    let (scene, (receiver, status)) = (Scene::set(backend).await, with_status("0").await);
    let webhook = scene.webhook(&receiver.url("/"), "standard").await;
    scene.trigger(&[&webhook], json!({}));
    scene.tried(&webhook, 1).await;
    let path = path_of(&webhook);
    assert_eq!(
        scene.account.client.patch(&path, &json!({ "paused": true }), None).await.expect(200)["state"],
        "paused"
    );
    let given_up = scene.deliveries(&webhook).await.remove(0);
    assert_eq!((&given_up["state"], &given_up["error"]), (&json!("failed"), &json!("The destination was paused.")));
    status.store(200, Ordering::SeqCst);
    scene.account.client.patch(&path, &json!({ "paused": false }), None).await.expect(200);
    scene.make_due();
    scene.trigger(&[&webhook], json!({}));
    scene.tried(&webhook, 1).await;
    assert_eq!(receiver.received().len(), 2, "the one that waited is not among them");
}

async fn a_receiver_that_is_not_there_is_told(backend: Backend) {
    let scene = Scene::set(backend).await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let webhook = scene.webhook(&format!("http://{free}/secret-path"), "standard").await;
    scene.trigger(&[&webhook], json!({}));
    let noted = scene.tried(&webhook, 1).await;
    let error = noted["error"].as_str().expect("an error");
    assert!(error.starts_with("no connection") && !error.contains("secret-path"), "{error}");
    assert_eq!((&noted["status"], &noted["answer"]), (&Value::Null, &Value::Null));
}
