//! The server's key for push services (VAPID, RFC 8292): derived from the server's secret, so that all nodes have the same and none
//! is to be kept. With another secret browsers have to subscribe again.

use crate::auth::secret::{Secret, base64url, hmac_sha256};
use chrono::{DateTime, TimeDelta, Utc};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use reqwest::Url;
use serde_json::json;

/// How long a token is valid; push services take a day at most.
const LIFETIME: TimeDelta = TimeDelta::hours(12);

/// The key.
pub struct VapidKey {
    key: SigningKey,
    /// Whom a push service may ask about it: a `mailto:` or an https URL.
    contact: Option<String>,
}

impl VapidKey {
    /// The key of this secret.
    pub fn new(secret: &Secret, contact: Option<String>) -> Self {
        let seed = secret.derive_key("web push");
        // All but 2^-32 of the numbers are keys.
        let candidates = (0..=u8::MAX).map(|count| hmac_sha256(&seed, &[count]));
        let key = candidates.into_iter().find_map(|bytes| SigningKey::from_slice(&bytes).ok());
        Self { key: key.expect("one of 256 random numbers is a key"), contact }
    }

    /// The public key, uncompressed, in base64url: what a browser subscribes with.
    pub fn public_key(&self) -> String {
        base64url(self.key.verifying_key().to_encoded_point(false).as_bytes())
    }

    /// The `Authorization` of a request to this push service.
    pub fn authorization(&self, endpoint: &Url, now: DateTime<Utc>) -> String {
        let mut claims = json!({
            "aud": endpoint.origin().ascii_serialization(),
            "exp": (now + LIFETIME).timestamp(),
        });
        if let Some(contact) = &self.contact {
            claims["sub"] = json!(contact);
        }
        let part = |json: serde_json::Value| base64url(json.to_string().as_bytes());
        let signed = format!("{}.{}", part(json!({ "typ": "JWT", "alg": "ES256" })), part(claims));
        let signature: Signature = self.key.sign(signed.as_bytes());
        format!("vapid t={signed}.{}, k={}", base64url(&signature.to_bytes()), self.public_key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_of_its_secret_alone() {
        let key = |text: &str| VapidKey::new(&Secret::new(text).expect("long enough"), None).public_key();
        let (one, other) =
            (key("an installation's own secret, long enough"), key("another installation's secret, as long"));
        assert_eq!(one, key("an installation's own secret, long enough"));
        assert_ne!(one, other);
        assert_eq!(one.len(), 87);
    }
}
