//! Push messages, as a push service and a browser see them.

use super::scene::{DESTINATIONS, Scene};
use crate::support::receiver::{Received, Receiver};
use crate::support::vendor::Reply;
use crate::support::{Backend, on_both_databases};
use chrono::Utc;
use data_encoding::BASE64URL_NOPAD;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use serde_json::{Value, json};
use web_push_native::p256::SecretKey;
use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint;
use web_push_native::{Auth, decrypt};

on_both_databases!(a_browser_reads_what_it_is_pushed, a_subscription_that_is_gone_is_disabled);

/// The browser's side of a subscription.
struct Browser {
    key: SecretKey,
    auth: [u8; 16],
}

impl Browser {
    fn new() -> Self {
        let key = SecretKey::from_slice(&rand::random::<[u8; 32]>()).expect("a key");
        Self { key, auth: rand::random() }
    }

    /// Subscribes at this endpoint.
    async fn subscribe(&self, scene: &Scene, endpoint: &str) -> Value {
        let p256dh = BASE64URL_NOPAD.encode(self.key.public_key().to_encoded_point(false).as_bytes());
        let keys = json!({ "p256dh": p256dh, "auth": BASE64URL_NOPAD.encode(&self.auth) });
        let new = json!({ "type": "web_push", "endpoint": endpoint, "keys": keys });
        scene.account.client.post(DESTINATIONS, &new).await.expect(201)
    }

    fn read(&self, received: &Received) -> Value {
        let text = decrypt(received.body.clone(), &self.key, &Auth::clone_from_slice(&self.auth)).expect("a message");
        serde_json::from_slice(&text).expect("JSON")
    }
}

fn part(text: &str) -> Vec<u8> {
    BASE64URL_NOPAD.decode(text.as_bytes()).expect("base64url")
}

/// The claims of the token of a request, which this key has signed (RFC 8292).
fn claims(received: &Received, key: &str) -> Value {
    let authorization = received.header("authorization").strip_prefix("vapid t=").expect("a token");
    let (token, named) = authorization.split_once(", k=").expect("a key");
    assert_eq!(named, key);
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    let verifying = VerifyingKey::from_sec1_bytes(&part(key)).expect("a key");
    let signature = Signature::from_slice(&part(signature)).expect("a signature");
    verifying.verify(signed.as_bytes(), &signature).expect("signed by the key");
    let (header, claims) = signed.split_once('.').expect("claims");
    assert_eq!(serde_json::from_slice::<Value>(&part(header)).expect("JSON")["alg"], "ES256");
    serde_json::from_slice(&part(claims)).expect("JSON")
}

async fn a_browser_reads_what_it_is_pushed(backend: Backend) {
    let scene = Scene::set_with(backend, &["--mail-from", "Watchtape <w@example.com>"]).await;
    let (service, browser) = (Receiver::answering(|_| Reply::with(201, &[], "")).await, Browser::new());
    let key = scene.account.client.get("/api/v1/me/push-key").await.expect(200)["public_key"].clone();
    let made = browser.subscribe(&scene, &service.url("/push/abc")).await;
    assert_eq!((&made["type"], made.get("secret")), (&json!("web_push"), None));
    let members = json!({ "as_of": "2026-11-20T14:32:10Z", "triggered_at": "2026-11-20T14:32:11Z", "note": "größer" });
    let event = scene.trigger(&[&made], members);
    let received = service.until(1).await.remove(0);
    assert_eq!(
        browser.read(&received),
        json!({
            "title": "AAPL", "body": "AAPL rose above 200.00: 200.31 (simulated), 14:32:10 UTC\ngrößer",
            "url": "/securities/AAPL", "event_id": event.id,
        })
    );
    for (name, value) in [("content-encoding", "aes128gcm"), ("urgency", "high"), ("ttl", "86400")] {
        assert_eq!(received.header(name), value, "{name}");
    }
    assert!(event.alert_id.as_str().ends_with(received.header("topic")) && received.header("topic").len() == 26);
    let claims = claims(&received, key.as_str().expect("a key"));
    assert_eq!(
        (&claims["aud"], &claims["sub"]),
        (&json!(format!("http://{}", service.address)), &json!("mailto:w@example.com"))
    );
    let lifetime = claims["exp"].as_i64().expect("a time") - Utc::now().timestamp();
    assert!(lifetime > 0 && lifetime <= 24 * 3_600, "{lifetime}");
}

async fn a_subscription_that_is_gone_is_disabled(backend: Backend) {
    let scene = Scene::set(backend).await;
    let service = Receiver::answering(|received| {
        Reply::with(if received.target == "/404" { 404 } else { 410 }, &[], "push subscription has unsubscribed")
    })
    .await;
    for path in ["/404", "/410"] {
        let made = Browser::new().subscribe(&scene, &service.url(path)).await;
        scene.trigger(&[&made], json!({}));
        assert_eq!(scene.tried(&made, 1).await["state"], "failed");
        assert_eq!(scene.read(&made).await["state"], "disabled", "{path}");
    }
}
