//! API keys: `wt_`, then 160 random bits and their CRC-32, in base 32. The checksum rejects a mistyped or invented key
//! without a query, and lets secret scanners recognise a leaked one. Keys are stored as SHA-256 hashes (`db::api_key`).

use super::secret::{Secret, hmac_sha256, sha256_hex};
use crate::random;
use data_encoding::{Encoding, Specification};
use std::sync::LazyLock;
use watchtape_shared::KeyId;

const PREFIX: &str = "wt_";
const RANDOM_BYTES: usize = 20;
const CHECKSUM_BYTES: usize = 4;
/// Length of the hint: the last characters of a key, which its owner is shown in the list of keys.
const HINT_CHARS: usize = 4;

/// The alphabet of RFC 4648 in lower case, unpadded: a double click selects all of a key.
static BASE32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    specification.encoding().expect("32 symbols, each once")
});

/// Creates keys.
pub struct ApiKeyGenerator {
    seed: [u8; 32],
}

impl ApiKeyGenerator {
    /// With a seed derived from this secret.
    pub fn new(secret: &Secret) -> Self {
        Self { seed: secret.derive_key("API keys") }
    }

    /// A new random key.
    pub fn generate(&self) -> String {
        from_random_bytes(&random::bytes())
    }

    /// The key derived from an id, for a request with an idempotency key: the stored answer must not hold the key, so a
    /// retry derives it again.
    pub fn derive(&self, id: &KeyId) -> String {
        let hash = hmac_sha256(&self.seed, id.as_str().as_bytes());
        from_random_bytes(&std::array::from_fn(|at| hash[at]))
    }
}

/// The key made of these random bytes.
pub fn from_random_bytes(bits: &[u8; RANDOM_BYTES]) -> String {
    let mut bytes = bits.to_vec();
    bytes.extend(crc32fast::hash(bits).to_be_bytes());
    format!("{PREFIX}{}", BASE32.encode(&bytes))
}

/// The hash under which a key is stored: its SHA-256, in hexadecimal. `None` for text that is not a well-formed key.
pub fn hash_of(key: &str) -> Option<String> {
    let bytes = BASE32.decode(key.strip_prefix(PREFIX)?.as_bytes()).ok()?;
    let (bits, checksum) = bytes.split_at_checked(RANDOM_BYTES)?;
    let is_valid = checksum.len() == CHECKSUM_BYTES && checksum == crc32fast::hash(bits).to_be_bytes();
    is_valid.then(|| sha256_hex(key))
}

/// The hint of a key: its last characters.
pub fn hint_of(key: &str) -> &str {
    key.get(key.len().saturating_sub(HINT_CHARS)..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_key_is_known_and_one_with_a_character_changed_is_not(bits: [u8; RANDOM_BYTES], at in 3usize..42, other in "[a-z2-7]") {
            let key = from_random_bytes(&bits);
            prop_assert_eq!(hash_of(&key), Some(sha256_hex(&key)));
            prop_assert!(key.ends_with(hint_of(&key)) && hint_of(&key).len() == HINT_CHARS);
            let mut changed = key.clone();
            changed.replace_range(at..=at, &other);
            prop_assert_eq!(hash_of(&changed).is_some(), changed == key);
        }

        #[test]
        fn any_text_is_a_key_or_is_not(text in "(wt_)?[ -~é]{0,60}") {
            let _ = hash_of(&text);
        }
    }
}
