//! API keys: `wt_`, then 160 random bits and a checksum in base 32. The checksum tells a mistyped or a made-up key without
//! asking the database, and lets scanners of leaked secrets be sure.

use super::secret::{Secret, fingerprint, keyed_hash};
use data_encoding::{Encoding, Specification};
use std::sync::LazyLock;
use watchtape_shared::KeyId;

const PREFIX: &str = "wt_";
const RANDOM_BYTES: usize = 20;
const CHECKSUM_BYTES: usize = 4;
/// How many of a key's last characters its owner is shown again.
const HINT_CHARS: usize = 4;

/// The alphabet of RFC 4648 in lower case, unpadded: a double click selects all of a key.
static BASE32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    specification.encoding().expect("32 symbols, each once")
});

/// Makes keys.
pub struct ApiKeyMaker {
    seed: [u8; 32],
}

impl ApiKeyMaker {
    /// With a seed of this secret.
    pub fn new(secret: &Secret) -> Self {
        Self { seed: secret.key("API keys") }
    }

    /// A key that cannot be made again.
    pub fn random(&self) -> String {
        of_bits(&rand::random())
    }

    /// The key that belongs to an id: for a request that may be repeated, whose stored answer must not hold the key.
    pub fn of(&self, id: &KeyId) -> String {
        let hash = keyed_hash(&self.seed, id.as_str().as_bytes());
        of_bits(&std::array::from_fn(|at| hash[at]))
    }
}

/// The key of these random bits.
pub fn of_bits(bits: &[u8; RANDOM_BYTES]) -> String {
    let mut bytes = bits.to_vec();
    bytes.extend(crc32fast::hash(bits).to_be_bytes());
    format!("{PREFIX}{}", BASE32.encode(&bytes))
}

/// How a key is kept: its SHA-256. None for what cannot be a key.
pub fn hash_of(key: &str) -> Option<String> {
    let bytes = BASE32.decode(key.strip_prefix(PREFIX)?.as_bytes()).ok()?;
    let (bits, checksum) = bytes.split_at_checked(RANDOM_BYTES)?;
    let holds = checksum.len() == CHECKSUM_BYTES && checksum == crc32fast::hash(bits).to_be_bytes();
    holds.then(|| fingerprint(key))
}

/// What of a key is shown again.
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
            let key = of_bits(&bits);
            prop_assert_eq!(hash_of(&key), Some(fingerprint(&key)));
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
