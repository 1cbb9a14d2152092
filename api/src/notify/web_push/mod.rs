//! Web Push: an encrypted message (RFC 8291) to a browser's push service (RFC 8030), signed by the server's key (RFC 8292).

pub mod vapid;

pub use vapid::VapidKey;

use super::message::{Message, cut};
use data_encoding::BASE64URL_NOPAD;
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::json;
use watchtape_shared::destination::PushKeys;
use web_push_native::p256::PublicKey;
use web_push_native::{Auth, encrypt};

/// How long a push service keeps a message for a browser that is not there, in seconds: until the next day.
const TTL_S: u32 = 86_400;
/// Characters of a note: what a push service takes is 4 KiB at least, and encryption adds about 100 bytes.
const MAX_NOTE_CHARS: usize = 300;
/// Bytes of the authentication secret.
const AUTH_BYTES: usize = 16;

/// The public key and the secret of a subscription.
pub struct SubscriptionKeys {
    public: PublicKey,
    auth: [u8; AUTH_BYTES],
}

impl SubscriptionKeys {
    /// Parses both, in base64url. The error names the member.
    pub fn parse(keys: &PushKeys) -> Result<Self, &'static str> {
        // Some libraries pad.
        let decode = |text: &str| BASE64URL_NOPAD.decode(text.trim_end_matches('=').as_bytes()).ok();
        let public = decode(&keys.p256dh).filter(|bytes| bytes.len() == 65);
        let public = public.and_then(|bytes| PublicKey::from_sec1_bytes(&bytes).ok()).ok_or("p256dh")?;
        let auth = decode(&keys.auth).and_then(|bytes| bytes.try_into().ok()).ok_or("auth")?;
        Ok(Self { public, auth })
    }
}

/// The header fields and the body of a push of this message. `authorization` is of [`VapidKey::authorization`].
pub fn request(
    keys: &SubscriptionKeys,
    message: &Message,
    topic: Option<&str>,
    authorization: &str,
) -> Result<(HeaderMap, Vec<u8>), &'static str> {
    let payload = json!({
        "title": message.title,
        "body": cut(&message.text(MAX_NOTE_CHARS), 1_000),
        "url": message.path,
        "event_id": message.event_id,
    });
    let auth = Auth::clone_from_slice(&keys.auth);
    let body = encrypt(payload.to_string().into_bytes(), &keys.public, &auth).map_err(|_| "it cannot be encrypted")?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static("aes128gcm"));
    headers.insert(HeaderName::from_static("ttl"), TTL_S.into());
    headers.insert(HeaderName::from_static("urgency"), HeaderValue::from_static("high"));
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| "a header field cannot be written");
    if let Some(topic) = topic {
        headers.insert(HeaderName::from_static("topic"), value(topic)?);
    }
    let mut authorization = value(authorization)?;
    authorization.set_sensitive(true);
    headers.insert(AUTHORIZATION, authorization);
    Ok((headers, body))
}

/// The topic of an alert: of the messages of one that wait at a push service, the browser is given the newest. At most 32 characters
/// of base64url (RFC 8030, 5.4), so the id without its prefix.
pub fn topic(alert_id: &str) -> &str {
    alert_id.split_once('_').map_or(alert_id, |(_, id)| id)
}
