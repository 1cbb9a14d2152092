//! Why a sign-in, a credential or a new password was refused. `http::error_codes` gives each its status and its code.

use crate::db;
use std::borrow::Cow;
use std::time::Duration;

/// A refusal by one of the modules of `auth`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The access token has expired, or its session has ended.
    #[error("the session has ended")]
    SessionEnded,
    /// The API key is unknown, revoked or expired.
    #[error("the API key is unknown, revoked or expired")]
    UnknownApiKey,
    /// The e-mail address or the password is wrong; which of them is not told.
    #[error("the e-mail address or the password is wrong")]
    WrongCredentials,
    /// The password is not the account's.
    #[error("this is not the account's password")]
    WrongPassword,
    /// The account's password is needed and was not sent.
    #[error("this needs the account's password")]
    PasswordMissing,
    /// The new password would be guessed too easily; why, in words for its owner.
    #[error("{0}")]
    WeakPassword(Cow<'static, str>),
    /// Too many sign-ins have failed: come back after this time.
    #[error("too many sign-ins have failed")]
    TooManyFailures(Duration),
    /// Too many sign-ins are under way for this account or address.
    #[error("too many sign-ins at once")]
    TooManyAtOnce,
    /// More passwords wait to be hashed than can be within the deadline.
    #[error("too many passwords wait to be hashed")]
    Overloaded,
    /// More mails wait to be sent than the queue holds.
    #[error("the queue of mails is full")]
    MailQueueFull,
    /// The server takes no guests.
    #[error("this server takes no guests")]
    GuestsClosed,
    /// Too many guests came from this address: come back after this time.
    #[error("too many guests came from this address")]
    TooManyGuestsFromAddress(Duration),
    /// The database failed, or its rules refuse it.
    #[error(transparent)]
    Database(#[from] db::Error),
    /// A fault of the server's own; logged, never told.
    #[error("{0}")]
    Internal(String),
}
