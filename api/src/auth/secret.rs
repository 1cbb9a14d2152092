//! The server's secret, and the keys that are derived from it, one for each use.

use crate::ids::random_token;
use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::fmt;
use std::io::{self, Write};
use std::path::Path;

/// The fewest bytes of a secret.
pub const MIN_LEN: usize = 32;

/// At least 32 bytes that only this installation knows. Never printed.
#[derive(Clone)]
pub struct Secret(Box<[u8]>);

impl Secret {
    /// A secret of the operator's own, or nothing where it is too short to be one.
    pub fn new(text: &str) -> Option<Self> {
        let bytes = text.trim().as_bytes();
        (bytes.len() >= MIN_LEN).then(|| Self(bytes.into()))
    }

    /// Reads the secret of this file; makes the file, readable by its owner alone, where there is none.
    pub fn read_or_make(path: &Path) -> io::Result<Self> {
        match Self::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::make(path),
            outcome => outcome,
        }
    }

    /// Reads the secret of this file.
    pub fn read(path: &Path) -> io::Result<Self> {
        Self::new(&std::fs::read_to_string(path)?).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, format!("a secret has at least {MIN_LEN} characters"))
        })
    }

    fn make(path: &Path) -> io::Result<Self> {
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

    /// The key for one use: keys of different uses tell nothing of each other.
    pub fn key(&self, purpose: &str) -> [u8; 32] {
        self.mac(purpose.as_bytes())
    }

    fn mac(&self, message: &[u8]) -> [u8; 32] {
        keyed_hash(&self.0, message)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// HMAC-SHA-256.
pub fn keyed_hash(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// Whether this is the text of the message's HMAC-SHA-256. Takes as long wherever it differs.
pub fn holds(key: &[u8], message: &[u8], signature: &str) -> bool {
    let Ok(signature) = BASE64URL_NOPAD.decode(signature.as_bytes()) else { return false };
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message);
    mac.verify_slice(&signature).is_ok()
}

/// SHA-256 in hexadecimal: how a token is kept, so that a stolen table opens nothing.
pub fn fingerprint(token: &str) -> String {
    fingerprint_of(&[token.as_bytes()])
}

/// SHA-256 in hexadecimal of these parts, one after the other.
pub fn fingerprint_of(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// URL-safe base64, unpadded.
pub fn encode(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}
