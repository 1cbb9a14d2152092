//! Signatures by the Standard Webhooks specification (version 1, symmetric): HMAC-SHA256 of `id.timestamp.body`.

use crate::auth::secret::hmac_sha256;
use crate::random;
use data_encoding::BASE64;

/// What a secret begins with.
const PREFIX: &str = "whsec_";
/// Random bytes of a secret; the specification has 24 to 64.
const SECRET_BYTES: usize = 32;

/// A new secret.
pub fn new_secret() -> String {
    format!("{PREFIX}{}", BASE64.encode(&random::bytes::<SECRET_BYTES>()))
}

/// The signatures by each secret, `v1,` and base64, separated by blanks. `timestamp` is in Unix seconds.
pub fn sign(secrets: &[String], id: &str, timestamp: i64, body: &[u8]) -> Result<String, &'static str> {
    let message = [format!("{id}.{timestamp}.").as_bytes(), body].concat();
    let mut signatures = Vec::new();
    for secret in secrets {
        let key = secret.strip_prefix(PREFIX).and_then(|text| BASE64.decode(text.as_bytes()).ok());
        let key = key.ok_or("the stored secret is none")?;
        signatures.push(format!("v1,{}", BASE64.encode(&hmac_sha256(&key, &message))));
    }
    Ok(signatures.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's reference libraries.
    #[test]
    fn the_signature_is_that_of_the_specification() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned();
        let signed = sign(&[secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signed.as_deref(), Ok("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
        let new = new_secret();
        assert!(new != new_secret() && BASE64.decode(&new.as_bytes()[6..]).is_ok_and(|key| key.len() == 32));
    }
}
