//! Who is calling, and how that is proved.
//!
//! A password opens a session (`sessions`), a session gives access tokens (`tokens`), an access token makes a
//! [`CurrentUser`] (`user`), which a handler that needs one names in its signature. A browser's socket is opened with a
//! single-use ticket (`tickets`).

pub mod origin;
pub mod passwords;
pub mod secret;
pub mod sessions;
pub mod tickets;
pub mod tokens;
pub mod user;

pub use secret::Secret;
pub use user::CurrentUser;
