//! The mapping of the other modules' errors to the error table, with the texts for the caller.

use super::error_codes::{Code, Error};
use super::etag::etag;
use crate::limits::connection_limits::TooManyConnections;
use crate::telemetry::throttled_log::ThrottledLog;
use crate::{auth, db, json, stream, transfer};
use actix_web::http::header;
use std::time::Duration;
use watchtape_shared::transfer::RejectionCode;
use watchtape_shared::watchlist::MAX_LIST_TEXT_BYTES;

/// `Retry-After` at the limit on guests, who leave by signing out, by keeping their account or by expiry.
const GUEST_RETRY_AFTER: Duration = Duration::from_secs(600);

/// Logs a database that takes no writes, at most once a second.
fn log_storage(error: &db::Error) {
    static LOG: ThrottledLog = ThrottledLog::new();
    if LOG.is_due() {
        tracing::error!(%error, "a change was refused");
    }
}

impl From<db::Error> for Error {
    fn from(error: db::Error) -> Self {
        match error {
            db::Error::NotFound(what) => Self::not_found(what),
            db::Error::EmailTaken => Self::new(Code::EmailTaken, "This e-mail address has an account.").at("/email"),
            db::Error::Guest => Self::new(
                Code::Guest,
                "A guest has no password and may not do this: keep the account by an e-mail address and a password first.",
            ),
            db::Error::NotAGuest => Self::new(Code::NotAGuest, "This account has an address and a password."),
            db::Error::TooManyGuests(max) => {
                Self::new(Code::TooManyGuests, format!("{max} guests are here, and there is no room for another."))
                    .retry_after(GUEST_RETRY_AFTER)
            }
            db::Error::ListNameTaken => {
                Self::new(Code::ListNameTaken, "Another of your lists has this name.").at("/name")
            }
            db::Error::AlreadyOnList(symbol) => {
                Self::new(Code::AlreadyOnList, format!("{symbol} is on this list.")).at("/symbol")
            }
            db::Error::TooMuchText => Self::new(
                Code::TooMuchText,
                format!("The notes and sections of a list have at most {MAX_LIST_TEXT_BYTES} bytes together."),
            ),
            db::Error::NotOnList(symbol) => {
                Self::new(Code::NotOnList, format!("{symbol} is not on this list.")).at("/symbols")
            }
            db::Error::NeighbourNotOnList(symbol) => {
                Self::new(Code::NotOnList, format!("{symbol} is not on this list.")).at("/after")
            }
            db::Error::AfterItself(symbol) => {
                Self::new(Code::Invalid, format!("{symbol} cannot stand after itself.")).at("/after")
            }
            db::Error::MovedTwice(symbol) => {
                Self::new(Code::Invalid, format!("{symbol} is named twice.")).at("/symbols")
            }
            db::Error::TooManyLists(max) => {
                Self::new(Code::TooManyLists, format!("An account has at most {max} lists."))
            }
            db::Error::TooManyItems(max) => Self::new(Code::TooManyItems, format!("A list has at most {max} items.")),
            db::Error::TooManyKeys(max) => {
                Self::new(Code::TooManyKeys, format!("An account has at most {max} API keys."))
            }
            db::Error::TooManyAlerts(max) => {
                Self::new(Code::TooManyAlerts, format!("An account has at most {max} alerts."))
            }
            db::Error::UnknownDestination => {
                Self::new(Code::UnknownDestination, "A destination is not one of yours.").at("/destinations")
            }
            db::Error::AlertExpired => {
                Self::new(Code::AlertExpired, "The alert has expired: give it more time first.").at("/expires_at")
            }
            db::Error::TooManyDestinations(max) => {
                Self::new(Code::TooManyDestinations, format!("An account has at most {max} destinations."))
            }
            db::Error::AccessEnded => {
                Self::new(Code::Unauthenticated, "What the request was sent with has ended meanwhile.")
            }
            db::Error::TooManyMails => {
                Self::new(Code::Unavailable, "Too many links are being asked for at this moment.")
            }
            db::Error::MailWaits => Self::new(Code::Unavailable, "A mail to this address is on its way."),
            db::Error::InvitationInvalid => Self::new(
                Code::InvitationInvalid,
                "The invitation is unknown, used, expired or for another address: ask for a new one.",
            )
            .at("/invitation"),
            db::Error::TicketUsed => Self::new(Code::Unauthenticated, "The ticket has been used."),
            db::Error::AnswerTooLarge => Self::new(
                Code::TooLarge,
                "The answer would be too large to be kept for an Idempotency-Key: send the file in parts, or without one.",
            ),
            db::Error::IdempotencyKeyReused => Self::new(
                Code::IdempotencyKeyReused,
                "This Idempotency-Key came with another request before. Use a new one for each request.",
            ),
            db::Error::IdempotencyInProgress => {
                Self::new(Code::IdempotencyInProgress, "The first request with this Idempotency-Key is under way.")
            }
            db::Error::VersionMismatch { current } => {
                Self::new(Code::VersionMismatch, format!("It is at version {current} by now."))
                    .with_header(header::ETAG, etag(current))
            }
            db::Error::OrderMismatch => {
                Self::new(Code::OrderMismatch, "An order names every symbol of the list, each once.").at("/symbols")
            }
            db::Error::AccountBusy => {
                Self::new(Code::TooManyRequests, "Too many requests of this account are under way at this moment.")
            }
            db::Error::Unreachable => Self::new(Code::Unavailable, "The database cannot be reached."),
            db::Error::StorageFull(_) => {
                log_storage(&error);
                Self::new(Code::InsufficientStorage, "The disk of the server is full: nothing can be changed.")
            }
            db::Error::NotWritable(_) => {
                log_storage(&error);
                Self::new(Code::Unavailable, "The database takes no writes at this moment: nothing can be changed.")
            }
            db::Error::Busy => Self::new(Code::Unavailable, "The database is busy."),
            db::Error::Corrupt(_) | db::Error::Database(_) => Self::internal(error),
        }
    }
}

impl From<auth::Error> for Error {
    fn from(error: auth::Error) -> Self {
        match error {
            auth::Error::SessionEnded => {
                Self::new(Code::Unauthenticated, "The access token has expired, or its session has ended.")
            }
            auth::Error::UnknownApiKey => {
                Self::new(Code::Unauthenticated, "The API key is unknown, revoked or expired.")
            }
            auth::Error::WrongCredentials => {
                Self::new(Code::WrongCredentials, "The e-mail address or the password is wrong.")
            }
            auth::Error::WrongPassword => Self::new(Code::WrongPassword, "This is not the account's password."),
            auth::Error::PasswordMissing => Self::new(Code::Invalid, "This needs the account's password."),
            auth::Error::WeakPassword(detail) => Self::new(Code::WeakPassword, detail),
            auth::Error::TooManyFailures(wait) => {
                let seconds = wait.as_secs_f64().ceil();
                let detail = format!("Too many sign-ins have failed. Try again in {seconds} s.");
                Self::new(Code::TooManyRequests, detail).retry_after(wait)
            }
            auth::Error::TooManyAtOnce => {
                Self::new(Code::TooManyRequests, "Too many sign-ins at once. Try again in a second.")
            }
            auth::Error::Overloaded => Self::new(Code::Unavailable, "Too many people are signing in at this moment."),
            auth::Error::GuestsClosed => Self::new(Code::GuestsClosed, "This server takes no guests: open an account."),
            auth::Error::RegistrationClosed => {
                Self::new(Code::RegistrationClosed, "Nobody may open an account on this server.")
            }
            auth::Error::InvitationRequired => Self::new(
                Code::InvitationRequired,
                "An account is opened by an invitation of this server's operator: send its token as `invitation`.",
            )
            .at("/invitation"),
            auth::Error::TooManyRegistrations(wait) => {
                Self::new(Code::TooManyRequests, "Too many accounts were opened from this address of late.")
                    .retry_after(wait)
            }
            auth::Error::TooManyGuestsFromAddress(wait) => {
                Self::new(Code::TooManyRequests, "Too many guests came from this address of late.").retry_after(wait)
            }
            auth::Error::Database(error) => error.into(),
            auth::Error::Internal(cause) => Self::internal(cause),
        }
    }
}

impl From<TooManyConnections> for Error {
    fn from(limit: TooManyConnections) -> Self {
        match limit {
            TooManyConnections::OfAccount => {
                Self::new(Code::TooManyConnections, "This account has too many open connections.")
            }
            TooManyConnections::OfAddress => {
                Self::new(Code::TooManyConnections, "This address has too many open connections.")
            }
            TooManyConnections::Unauthenticated => {
                Self::new(Code::Unavailable, "Too many connections have not presented a ticket yet.")
            }
        }
    }
}

impl From<stream::HandshakeError> for Error {
    fn from(error: stream::HandshakeError) -> Self {
        match error {
            stream::HandshakeError::TooManyConnections(limit) => limit.into(),
            stream::HandshakeError::OtherVersion => {
                Self::new(Code::UpgradeRequired, "Send Sec-WebSocket-Version: 13 (RFC 6455).")
                    .with_header(header::SEC_WEBSOCKET_VERSION, "13")
            }
            stream::HandshakeError::Malformed(cause) => {
                Self::new(Code::BadRequest, format!("Not a WebSocket handshake: {cause}."))
            }
            stream::HandshakeError::NotAWebSocket(cause) => {
                Self::new(Code::BadRequest, format!("Not a WebSocket handshake: {cause}."))
            }
        }
    }
}

impl From<json::Error> for Error {
    fn from(error: json::Error) -> Self {
        match error {
            json::Error::Malformed(cause) => Self::new(Code::MalformedJson, format!("The body is not JSON: {cause}.")),
            json::Error::Invalid { pointer, cause } => Self::new(Code::Invalid, cause).at(pointer),
        }
    }
}

impl From<transfer::Error> for Error {
    fn from(error: transfer::Error) -> Self {
        match error {
            transfer::Error::NotUnicode { .. } => Self::new(Code::BadRequest, format!("{error}.")),
            transfer::Error::NotJson { .. } => Self::new(Code::MalformedJson, format!("{error}.")),
            transfer::Error::NoSymbolColumn | transfer::Error::TooManyLines | transfer::Error::TooManyColumns => {
                Self::new(Code::Invalid, format!("{error}."))
            }
            transfer::Error::NotAListFile(error) => error.into(),
            transfer::Error::Busy => Self::new(Code::Unavailable, "Other files are being taken in at this moment."),
            transfer::Error::Unwritable(cause) => Self::internal(cause),
        }
    }
}

impl From<transfer::Rejection> for Error {
    fn from(transfer::Rejection { code, detail }: transfer::Rejection) -> Self {
        let code = match code {
            RejectionCode::InvalidSymbol
            | RejectionCode::InvalidNote
            | RejectionCode::InvalidFlag
            | RejectionCode::InvalidSection
            | RejectionCode::Malformed => Code::Invalid,
            RejectionCode::UnknownSymbol => Code::UnknownSymbol,
            RejectionCode::WrongExchange => Code::WrongExchange,
            RejectionCode::AlreadyOnList => Code::AlreadyOnList,
            RejectionCode::TooManyItems => Code::TooManyItems,
            RejectionCode::NotOnList => Code::NotOnList,
            RejectionCode::TooMuchText => Code::TooMuchText,
        };
        Self::new(code, format!("{detail}."))
    }
}
