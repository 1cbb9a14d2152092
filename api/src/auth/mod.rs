//! Who is calling, and how that is proved.
//!
//! A password opens a session (`sessions`), a session gives access tokens (`tokens`), and an access token or an API key
//! (`keys`) makes a [`Reader`], a [`Writer`] or a [`Holder`] (`caller`), of which a handler names in its signature the one
//! that it needs. A browser's socket is opened with a single-use ticket (`tickets`). What could take the account away asks for
//! the password once more, and guessing it is slowed down (`throttle`). Who only looks around is let in without one
//! (`guests`). What ends access in another process is found out by looking (`watch`).

pub mod caller;
pub mod device;
pub mod guests;
pub mod key_uses;
pub mod keys;
pub mod origin;
pub mod passwords;
pub mod resets;
pub mod secret;
pub mod sessions;
pub mod strength;
pub mod throttle;
pub mod tickets;
pub mod tokens;
pub mod watch;

pub use caller::{Caller, Credential, Holder, Reader, Writer};
pub use secret::Secret;
