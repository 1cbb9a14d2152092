//! Pagination cursors, signed with HMAC-SHA256.
//!
//! The signature covers the cursor's purpose (the list, the query and the account), so a cursor is valid for nothing else.
//! The payload is not encrypted.

use super::error_codes::{Code, Error};
use crate::auth::secret::{Secret, base64url, hmac_sha256};
use data_encoding::BASE64URL_NOPAD;
use std::fmt;
use std::str::FromStr;
use watchtape_shared::Page;

/// The signature is cut to 128 bits, which cannot be guessed online.
const SIGNATURE_BYTES: usize = 16;
const MAX_CURSOR_CHARS: usize = 512;

/// `limit` of a query, from 1 to `most`.
pub fn limit_of<T>(limit: Option<T>, default: T, most: T) -> Result<T, Error>
where
    T: PartialOrd + From<u8> + Copy + fmt::Display,
{
    let limit = limit.unwrap_or(default);
    let is_valid = limit >= T::from(1) && limit <= most;
    is_valid.then_some(limit).ok_or_else(|| Error::new(Code::InvalidQuery, format!("limit is 1 to {most}.")))
}

/// A part of a list that is in the order of its ids, the newest first.
pub struct PageRequest<'a, Id> {
    cursors: &'a Cursors,
    purpose: String,
    limit: usize,
    /// Only what is older than this; `None` for the first page.
    pub before: Option<Id>,
}

impl<Id> PageRequest<'_, Id> {
    /// How many rows are to be read: one more than the limit, to see whether there is a next page.
    pub fn rows(&self) -> i64 {
        self.limit as i64 + 1
    }

    /// The page of the rows that were read.
    pub fn page<T>(self, mut items: Vec<T>, id: impl Fn(&T) -> &str) -> Page<T> {
        let has_more = items.len() > self.limit;
        items.truncate(self.limit);
        let last = items.last().filter(|_| has_more);
        let next_cursor = last.map(|last| self.cursors.encode(&self.purpose, id(last)));
        Page { items, next_cursor }
    }
}

/// Signs and verifies cursors.
pub struct Cursors {
    key: [u8; 32],
}

impl Cursors {
    /// With a key that is derived from this secret.
    pub fn new(secret: &Secret) -> Self {
        Self { key: secret.derive_key("cursors") }
    }

    /// The page that a query asks for, of this list of this account.
    pub fn request<Id: FromStr<Err: fmt::Display>>(
        &self,
        purpose: String,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<PageRequest<'_, Id>, Error> {
        let read = |cursor| self.decode(&purpose, cursor)?.parse().map_err(Error::internal);
        let before = cursor.map(read).transpose()?;
        Ok(PageRequest { cursors: self, purpose, limit, before })
    }

    /// A cursor with this payload, for this purpose.
    pub fn encode(&self, purpose: &str, payload: &str) -> String {
        let signature = self.sign(purpose, payload.as_bytes());
        base64url(&[payload.as_bytes(), &signature].concat())
    }

    /// The payload of a cursor; `InvalidQuery` if it was not signed for this purpose.
    pub fn decode(&self, purpose: &str, cursor: &str) -> Result<String, Error> {
        let refused = || Error::new(Code::InvalidQuery, "cursor is not one that was given out for this query.");
        self.verify(purpose, cursor).ok_or_else(refused)
    }

    fn verify(&self, purpose: &str, cursor: &str) -> Option<String> {
        let bytes = Some(cursor).filter(|cursor| cursor.len() <= MAX_CURSOR_CHARS)?;
        let bytes = BASE64URL_NOPAD.decode(bytes.as_bytes()).ok()?;
        let (payload, signature) = bytes.split_at_checked(bytes.len().checked_sub(SIGNATURE_BYTES)?)?;
        // Both are hashed again, so that the time of the comparison does not depend on the expected signature.
        let is_valid = hmac_sha256(&self.key, signature) == hmac_sha256(&self.key, &self.sign(purpose, payload));
        is_valid.then(|| String::from_utf8(payload.to_vec()).ok())?
    }

    fn sign(&self, purpose: &str, payload: &[u8]) -> [u8; SIGNATURE_BYTES] {
        // The length separates purpose and payload unambiguously.
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
        fn a_cursor_returns_its_payload(purpose in "\\PC{0,80}", payload in "\\PC{0,60}") {
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
