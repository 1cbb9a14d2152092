//! Authentication: who the caller is, and how that is proved. No HTTP: the extractors are in `http::extractors`.
//!
//! A password opens a session (`sessions`), a session issues access tokens (`tokens`), and an access token or an API
//! key (`api_keys`) authenticates a [`Caller`]. A browser opens its WebSocket with a single-use ticket
//! (`stream_tickets`). Operations that could take the account away ask for the password again, and guessing passwords
//! is throttled (`login_throttle`). A guest has no password (`guests`). Access that another process ends is found by
//! polling the database (`access_changes`).

pub mod error;
pub mod secret;

pub mod password_hashing;
pub mod password_strength;
pub mod registrations;
pub mod reset_links;

pub mod api_key_usage;
pub mod api_keys;
pub mod sessions;
pub mod stream_tickets;
pub mod tokens;

pub mod caller;
pub mod device_cookie;
pub mod guests;
mod hs256;
pub mod login_throttle;

pub mod access_changes;

pub use caller::{Caller, Credential, SessionUser};
pub use error::Error;
pub use secret::Secret;

use crate::db::Db;
use crate::limits::Limiter;
use api_key_usage::ApiKeyUsage;
use api_keys::ApiKeyGenerator;
use device_cookie::DeviceCookies;
use guests::Guests;
use login_throttle::LoginThrottle;
use password_hashing::PasswordHasher;
use registrations::Registrations;
use sessions::Sessions;
use std::sync::Arc;
use stream_tickets::StreamTickets;
use tokens::Tokens;
use tokio::sync::Notify;

/// The state of authentication: one for each server, shared by its requests and connections.
pub struct Auth {
    /// Storage.
    pub db: Db,
    /// Rate limits, shared by all nodes.
    pub limiter: Arc<Limiter>,
    /// Password hashing, within a limit of concurrency.
    pub passwords: PasswordHasher,
    /// Signs and verifies access tokens and stream tickets.
    pub tokens: Tokens,
    /// Refresh sessions.
    pub sessions: Sessions,
    /// Single use of stream tickets.
    pub stream_tickets: StreamTickets,
    /// Creates API keys.
    pub api_keys: ApiKeyGenerator,
    /// Records when API keys are used.
    pub api_key_usage: ApiKeyUsage,
    /// The limit on registrations.
    pub registrations: Registrations,
    /// Limits of guest accounts.
    pub guests: Guests,
    /// Throttles failed passwords.
    pub login_throttle: LoginThrottle,
    /// Recognises browsers that have signed in before.
    pub device_cookies: DeviceCookies,
    /// Told when a reset mail has been queued; `None` without an SMTP server.
    pub reset_mails: Option<Arc<Notify>>,
}
