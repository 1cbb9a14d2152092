//! The errors of `auth`: why a sign-in, a credential or a new password was refused. `http::error_mapping` gives each
//! its error code.

use crate::db;
use std::borrow::Cow;
use std::time::Duration;

/// An error of one of the modules of `auth`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The access token has expired, or its session has ended.
    #[error("the session has ended")]
    SessionEnded,
    /// The API key is unknown, revoked or expired.
    #[error("the API key is unknown, revoked or expired")]
    UnknownApiKey,
    /// The e-mail address or the password is wrong; which of them is not revealed.
    #[error("the e-mail address or the password is wrong")]
    WrongCredentials,
    /// The password is not the account's.
    #[error("this is not the account's password")]
    WrongPassword,
    /// The account's password is needed and was not sent.
    #[error("this needs the account's password")]
    PasswordMissing,
    /// The new password is too weak; the text says why, for its owner.
    #[error("{0}")]
    WeakPassword(Cow<'static, str>),
    /// Too many failed sign-ins; retry after this time.
    #[error("too many sign-ins have failed")]
    TooManyFailures(Duration),
    /// Too many sign-ins are under way for this account or address.
    #[error("too many sign-ins at once")]
    TooManyAtOnce,
    /// The queue for password hashing is full, or no permit was free before the deadline.
    #[error("too many passwords wait to be hashed")]
    Overloaded,
    /// Guest accounts are turned off.
    #[error("this server takes no guests")]
    GuestsClosed,
    /// Nobody may open an account.
    #[error("nobody may open an account here")]
    RegistrationClosed,
    /// An account is opened by an invitation only, and none was sent.
    #[error("an invitation is needed to open an account")]
    InvitationRequired,
    /// The address has opened too many accounts of late; the time until it may again.
    #[error("too many accounts were opened from the address")]
    TooManyRegistrations(Duration),
    /// Too many new guests from this client address; retry after this time.
    #[error("too many guests came from this address")]
    TooManyGuestsFromAddress(Duration),
    /// The database failed, or a query function refused.
    #[error(transparent)]
    Database(#[from] db::Error),
    /// An internal fault; logged, never shown to clients.
    #[error("{0}")]
    Internal(String),
}
