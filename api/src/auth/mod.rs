//! Authentication: who is calling, and how that is proved. No HTTP: the extractors are `http::extractors`.
//!
//! A password opens a session (`sessions`), a session gives access tokens (`tokens`), and an access token or an API key
//! (`api_keys`) makes a [`Caller`]. A browser's socket is opened with a single-use ticket (`stream_tickets`). What could
//! take the account away asks for the password once more, and guessing it is slowed down (`login_throttle`). A guest has
//! no password (`guests`). Access that another process ends is found by polling the database (`access_changes`).

pub mod error;
pub mod secret;

pub mod password_hashing;
pub mod password_strength;
pub mod reset_links;

pub mod api_key_usage;
pub mod api_keys;
pub mod sessions;
pub mod stream_tickets;
pub mod tokens;

pub mod caller;
pub mod device_cookie;
pub mod guests;
pub mod login_throttle;

pub mod access_changes;

pub use caller::{Caller, Credential, SessionUser};
pub use error::Error;
pub use secret::Secret;

use crate::db::Db;
use crate::limits::Limiter;
use api_key_usage::ApiKeyUsage;
use api_keys::ApiKeyMaker;
use device_cookie::DeviceCookies;
use guests::Guests;
use login_throttle::LoginThrottle;
use password_hashing::PasswordHasher;
use reset_links::ResetMailQueue;
use sessions::Sessions;
use std::sync::Arc;
use stream_tickets::StreamTickets;
use tokens::Tokens;

/// What authentication works with: one value of a server, shared by its requests and sockets.
pub struct Auth {
    /// Storage.
    pub db: Db,
    /// Token buckets, shared by all nodes.
    pub limiter: Arc<Limiter>,
    /// Password hashing, bounded.
    pub passwords: PasswordHasher,
    /// Access tokens and stream tickets, signed.
    pub tokens: Tokens,
    /// Refresh sessions.
    pub sessions: Sessions,
    /// Stream tickets that have been used.
    pub stream_tickets: StreamTickets,
    /// Makes API keys.
    pub api_keys: ApiKeyMaker,
    /// Notes when API keys are used.
    pub api_key_usage: ApiKeyUsage,
    /// Whether and how guests are let in.
    pub guests: Guests,
    /// Slows password guessing down.
    pub login_throttle: LoginThrottle,
    /// Recognises browsers in which somebody has signed in before.
    pub device_cookies: DeviceCookies,
    /// Takes requests for reset links to be mailed; none where no SMTP server is set.
    pub reset_mails: Option<ResetMailQueue>,
}
