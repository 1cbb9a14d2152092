//! The value of an `Idempotency-Key` header, and the keys of requests that are running on this node.

use super::error_codes::Error;
use crate::db;
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use watchtape_shared::UserId;

const MAX_KEY_CHARS: usize = 255;

/// An idempotency key: 1 to 255 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(Box<str>);

impl IdempotencyKey {
    /// Parses a header's value: a bare key, or a quoted string (RFC 9651).
    pub fn parse(value: &str) -> Option<Self> {
        let value = value.trim();
        let key = match value.strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None => value.to_owned(),
        };
        let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
        (visible && (1..=MAX_KEY_CHARS).contains(&key.len())).then(|| Self(key.into()))
    }

    /// The key without quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The content of a quoted string, given without its opening quote.
fn unquote(quoted: &str) -> Option<String> {
    let (mut inside, mut rest) = (String::new(), quoted.chars());
    loop {
        match rest.next()? {
            '"' => return rest.next().is_none().then_some(inside),
            '\\' => inside.push(rest.next().filter(|c| matches!(c, '"' | '\\'))?),
            c => inside.push(c),
        }
    }
}

/// The keys of requests that are running on this node.
#[derive(Default)]
pub struct RunningRequests(Mutex<HashSet<(UserId, IdempotencyKey)>>);

impl RunningRequests {
    /// Marks a key as running until the guard is dropped; `IdempotencyInProgress` if it is already.
    pub(super) fn start(&self, owner: &UserId, key: &IdempotencyKey) -> Result<RunningRequest<'_>, Error> {
        let request = (owner.clone(), key.clone());
        if !self.lock().insert(request.clone()) {
            return Err(db::Error::IdempotencyInProgress.into());
        }
        Ok(RunningRequest { running: self, request })
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<(UserId, IdempotencyKey)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct RunningRequest<'a> {
    running: &'a RunningRequests,
    request: (UserId, IdempotencyKey),
}

impl Drop for RunningRequest<'_> {
    fn drop(&mut self) {
        self.running.lock().remove(&self.request);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_key_is_the_same_bare_and_quoted() {
        assert_eq!(IdempotencyKey::parse("abc-1"), IdempotencyKey::parse("\"abc-1\""));
        assert_eq!(IdempotencyKey::parse(r#""a\"\\b""#).expect("a key").as_str(), r#"a"\b"#);
        for value in ["", "\"\"", "\"a", "\"a\"b", "a b", "\"a b\"", "é", r#""\x""#, &"x".repeat(256)] {
            assert_eq!(IdempotencyKey::parse(value), None, "{value:?}");
        }
    }

    proptest! {
        #[test]
        fn any_value_is_a_key_or_refused_without_a_panic(value in "\\PC{0,300}") {
            if let Some(key) = IdempotencyKey::parse(&value) {
                prop_assert!(key.as_str().bytes().all(|byte| byte.is_ascii_graphic()));
                let quoted = format!("\"{}\"", key.as_str().replace('\\', "\\\\").replace('"', "\\\""));
                prop_assert_eq!(IdempotencyKey::parse(&quoted), Some(key));
            }
        }
    }
}
