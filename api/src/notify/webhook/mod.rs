//! Webhooks: what is posted, in each format.

pub mod signature;

mod discord;
mod ntfy;
mod slack;

use super::message::Message;
use crate::db::delivery::Payload;
use chrono::{DateTime, SecondsFormat, Utc};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use watchtape_shared::destination::WebhookFormat;

/// Names a delivery, the same on every try.
const WEBHOOK_ID: HeaderName = HeaderName::from_static("webhook-id");
/// When it is tried, in Unix seconds.
const WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
/// Signatures, separated by blanks.
const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");
/// Characters of a note that chats are given.
const MAX_NOTE_CHARS: usize = 500;

/// The header fields and the body of a request.
pub struct Request {
    /// The header fields.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// The request of a delivery at this time. `secrets` sign the standard format. `origin` is the app's, for links.
pub fn request(
    format: WebhookFormat,
    id: &str,
    payload: &Payload,
    secrets: &[String],
    origin: &str,
    now: DateTime<Utc>,
) -> Result<Request, &'static str> {
    let message = Message::of(payload);
    let link = format!("{origin}{}", message.path);
    let mut request = match format {
        WebhookFormat::Standard => of_json(&standard_body(payload, &message, now)),
        WebhookFormat::Slack => of_json(&slack::body(&message, &link)),
        WebhookFormat::Discord => of_json(&discord::body(&message, &link)),
        WebhookFormat::Ntfy => ntfy::request(&message, &link),
    };
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| "a header field cannot be written");
    request.headers.insert(WEBHOOK_ID, value(id)?);
    request.headers.insert(WEBHOOK_TIMESTAMP, now.timestamp().into());
    if format == WebhookFormat::Standard {
        let signatures = signature::sign(secrets, id, now.timestamp(), &request.body)?;
        request.headers.insert(WEBHOOK_SIGNATURE, value(&signatures)?);
    }
    Ok(request)
}

fn of_json(body: &Value) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Request { headers, body: body.to_string().into_bytes() }
}

fn standard_body(payload: &Payload, message: &Message, now: DateTime<Utc>) -> Value {
    let timestamp = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    match payload {
        Payload::Trigger(event) => {
            json!({ "type": "alert.triggered", "timestamp": timestamp(event.triggered_at), "data": event })
        }
        Payload::Test | Payload::Confirmation => {
            json!({ "type": "alert.test", "timestamp": timestamp(now), "data": { "message": message.sentence } })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::message::tests::event;
    use super::*;

    #[test]
    fn the_standard_body_is_the_trigger_and_is_signed_by_each_secret() {
        let payload = Payload::Trigger(Box::new(event(json!({}))));
        let secrets = [signature::new_secret(), signature::new_secret()];
        let now = DateTime::from_timestamp(1_790_000_000, 0).expect("a time");
        let made = request(WebhookFormat::Standard, "evt_1_dst_2", &payload, &secrets, "https://w.example", now);
        let made = made.unwrap_or_else(|error| panic!("{error}"));
        let body: Value = serde_json::from_slice(&made.body).expect("JSON");
        assert_eq!((&body["type"], &body["timestamp"]), (&json!("alert.triggered"), &json!("2026-11-20T14:32:11Z")));
        assert_eq!((&body["data"]["symbol"], &body["data"]["price"]), (&json!("AAPL"), &json!("200.31")));
        assert_eq!(made.headers["webhook-id"], "evt_1_dst_2");
        assert_eq!(made.headers["webhook-timestamp"], "1790000000");
        let signatures = made.headers["webhook-signature"].to_str().expect("a text");
        assert_eq!(signatures.split(' ').filter(|one| one.starts_with("v1,")).count(), 2);
    }
}
