//! The keys of requests that create something. The server carries out a key once within a day, so that what was not answered is
//! sent again with the same key, and never done twice.

use std::sync::Arc;

/// The key of one request, whose repetitions have the same body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IdempotencyKey(Arc<str>);

impl IdempotencyKey {
    /// A key that no other request of the account has.
    pub(crate) fn new() -> Self {
        // Not `crypto.randomUUID`, which browsers have on secure origins alone.
        let part = || (js_sys::Math::random() * f64::from(u32::MAX)) as u32;
        Self(format!("web-{:08x}{:08x}{:08x}{:08x}", part(), part(), part(), part()).into())
    }

    /// The key of one of several requests, which together carry out what this key stands for.
    pub(crate) fn part(&self, number: usize) -> Self {
        Self(format!("{}-{number}", self.0).into())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}
