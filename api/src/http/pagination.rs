//! Cursors: where the next page of a list begins, in a form that says nothing to its reader and cannot be made up.
//!
//! A cursor is signed together with its purpose, which names the list, the question and who asks: it is good for
//! nothing else.

use super::error_codes::{Code, Error};
use crate::auth::secret::{Secret, base64url, hmac_sha256};
use data_encoding::BASE64URL_NOPAD;

/// How many bytes of its signature a cursor has: nobody gets to try often enough to guess them.
const SIGNATURE: usize = 16;
/// The most characters of a cursor.
const MAX_LEN: usize = 512;

/// Gives out cursors, and reads those that it has given out.
pub struct Cursors {
    key: [u8; 32],
}

impl Cursors {
    /// With a key of this secret.
    pub fn new(secret: &Secret) -> Self {
        Self { key: secret.derive_key("cursors") }
    }

    /// A cursor for this purpose.
    pub fn encode(&self, purpose: &str, payload: &str) -> String {
        let signature = self.sign(purpose, payload.as_bytes());
        base64url(&[payload.as_bytes(), &signature].concat())
    }

    /// What a cursor of this purpose says; refused where it was not given out for it.
    pub fn decode(&self, purpose: &str, cursor: &str) -> Result<String, Error> {
        let refused = || Error::new(Code::InvalidQuery, "cursor is not one that was given out for this query.");
        self.read(purpose, cursor).ok_or_else(refused)
    }

    fn read(&self, purpose: &str, cursor: &str) -> Option<String> {
        let bytes = Some(cursor).filter(|cursor| cursor.len() <= MAX_LEN)?;
        let bytes = BASE64URL_NOPAD.decode(bytes.as_bytes()).ok()?;
        let (payload, signature) = bytes.split_at_checked(bytes.len().checked_sub(SIGNATURE)?)?;
        // Hashed again, so that the time of the comparison tells nothing of the right signature.
        let same = hmac_sha256(&self.key, signature) == hmac_sha256(&self.key, &self.sign(purpose, payload));
        same.then(|| String::from_utf8(payload.to_vec()).ok())?
    }

    fn sign(&self, purpose: &str, payload: &[u8]) -> [u8; SIGNATURE] {
        // The length keeps one purpose and its payload from being another's.
        let length = (purpose.len() as u64).to_be_bytes();
        let whole = hmac_sha256(&self.key, &[&length, purpose.as_bytes(), payload].concat());
        std::array::from_fn(|at| whole[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cursors(text: &str) -> Cursors {
        Cursors::new(&Secret::new(&text.repeat(32)).expect("long enough"))
    }

    proptest! {
        #[test]
        fn a_cursor_says_what_it_was_given(purpose in "\\PC{0,80}", payload in "\\PC{0,60}") {
            let cursors = cursors("a");
            let cursor = cursors.encode(&purpose, &payload);
            prop_assert_eq!(cursors.decode(&purpose, &cursor).expect("its own"), payload);
        }

        #[test]
        fn another_purpose_or_secret_is_refused(purpose in "\\PC{0,20}", other in "\\PC{0,20}", payload in "\\PC{0,20}") {
            prop_assume!(purpose != other);
            let cursor = cursors("a").encode(&purpose, &payload);
            prop_assert!(cursors("a").decode(&other, &cursor).is_err());
            prop_assert!(cursors("b").decode(&purpose, &cursor).is_err());
        }

        #[test]
        fn a_changed_cursor_is_refused(payload in "[a-z0-9]{0,20}", at in any::<prop::sample::Index>(), with in "[A-Za-z0-9_-]") {
            let cursors = cursors("a");
            let cursor = cursors.encode("p", &payload);
            let at = at.index(cursor.len());
            let mut changed = cursor.clone();
            changed.replace_range(at..=at, &with);
            prop_assume!(changed != cursor);
            prop_assert!(cursors.decode("p", &changed).is_err());
        }

        #[test]
        fn any_text_is_refused_without_a_panic(text in "\\PC{0,600}", code in "[A-Za-z0-9_-]{0,600}") {
            prop_assert!(cursors("a").decode("p", &text).is_err());
            prop_assert!(cursors("a").decode("p", &code).is_err());
        }
    }
}
