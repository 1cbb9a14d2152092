//! The server's secret, the keys derived from it, one for each purpose, and the primitives that use them: HMAC-SHA256,
//! SHA-256, base64url.

use crate::ids::random_token;
use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::fmt;
use std::io::{self, Write};
use std::path::Path;

/// Minimum length of a secret, in bytes.
pub const MIN_LEN: usize = 32;

/// At least [`MIN_LEN`] bytes that only this installation knows. `Debug` does not show it.
#[derive(Clone)]
pub struct Secret(Box<[u8]>);

impl Secret {
    /// A secret from a setting or a file; `None` where it is too short.
    pub fn new(text: &str) -> Option<Self> {
        let bytes = text.trim().as_bytes();
        (bytes.len() >= MIN_LEN).then(|| Self(bytes.into()))
    }

    /// Reads the secret from this file; creates the file with a random secret, mode 0600, where there is none.
    pub fn read_or_create(path: &Path) -> io::Result<Self> {
        match Self::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::create(path),
            outcome => outcome,
        }
    }

    /// Reads the secret from this file.
    pub fn read(path: &Path) -> io::Result<Self> {
        Self::new(&std::fs::read_to_string(path)?).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, format!("a secret has at least {MIN_LEN} characters"))
        })
    }

    fn create(path: &Path) -> io::Result<Self> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let text = random_token();
        let mut file = options.open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        Ok(Self(text.as_bytes().into()))
    }

    /// Names the secret without telling it: the same for the same secret.
    pub fn fingerprint(&self) -> String {
        base64url(&self.derive_key("fingerprint")[..12])
    }

    /// The key for one purpose: HMAC-SHA256 of the purpose. Keys of different purposes are independent.
    pub fn derive_key(&self, purpose: &str) -> [u8; 32] {
        self.mac(purpose.as_bytes())
    }

    fn mac(&self, message: &[u8]) -> [u8; 32] {
        hmac_sha256(&self.0, message)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// HMAC-SHA256 (RFC 2104).
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// Whether `signature`, in base64url, is the HMAC-SHA256 of the message. Compares in constant time.
pub fn verify_hmac(key: &[u8], message: &[u8], signature: &str) -> bool {
    let Ok(signature) = BASE64URL_NOPAD.decode(signature.as_bytes()) else { return false };
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message);
    mac.verify_slice(&signature).is_ok()
}

/// SHA-256 in hexadecimal. Tokens are stored this way, so that a leaked table gives no access.
pub fn sha256_hex(token: &str) -> String {
    sha256_hex_of(&[token.as_bytes()])
}

/// SHA-256, in hexadecimal, of the concatenation of these parts.
pub fn sha256_hex_of(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Base64url without padding (RFC 4648, section 5).
pub fn base64url(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}
