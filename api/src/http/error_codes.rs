//! The error table: code, status and title of everything the API refuses. Nothing else chooses a status for a failure; an
//! unknown failure is a 500. `error_mapping` says which entry each module's own error becomes.
//!
//! An [`Error`] carries what the caller may read. What only the operator may read is logged where it becomes one.

use actix_web::http::StatusCode;
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;
use watchtape_shared::problem::FieldError;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $status:literal $code:literal $title:literal,)*) => {
        /// What kind of failure: each has one status, one stable code and one title.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code, for documentation and tests.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The HTTP status.
            pub fn status(self) -> StatusCode {
                let status = match self { $(Self::$name => $status,)* };
                StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }

            /// The code on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The kind of failure in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

codes! {
    /// The request cannot be understood.
    BadRequest = 400 "bad_request" "Bad request",
    /// The body is not JSON.
    MalformedJson = 400 "malformed_json" "Malformed JSON",
    /// A query parameter is missing, unknown or not of its form.
    InvalidQuery = 400 "invalid_query" "Invalid query",
    /// No credentials, or none that hold.
    Unauthenticated = 401 "unauthenticated" "Sign-in needed",
    /// The e-mail address or the password is wrong.
    WrongCredentials = 401 "wrong_credentials" "Wrong e-mail address or password",
    /// The refresh token is unknown, used up or expired.
    InvalidRefreshToken = 401 "invalid_refresh_token" "The session has ended",
    /// The password is not the account's.
    WrongPassword = 403 "wrong_password" "Wrong password",
    /// The API key has not the scope for it.
    InsufficientScope = 403 "insufficient_scope" "Scope missing",
    /// Only a signed-in person may do it, and no API key.
    SessionRequired = 403 "session_required" "Sign-in needed",
    /// The page that sent the request is not one of ours.
    ForbiddenOrigin = 403 "forbidden_origin" "Origin not allowed",
    /// A guest has no password, and may not do it.
    Guest = 403 "guest" "Not for guests",
    /// The server takes no guests.
    GuestsClosed = 403 "guests_closed" "No guests here",
    /// There is nothing here, or nothing of yours.
    NotFound = 404 "not_found" "Not found",
    /// The resource does not know this method.
    MethodNotAllowed = 405 "method_not_allowed" "Method not allowed",
    /// The client took too long to send the request.
    RequestTimeout = 408 "request_timeout" "Request timeout",
    /// The e-mail address has an account.
    EmailTaken = 409 "email_taken" "E-mail address already registered",
    /// The account has an address and a password.
    NotAGuest = 409 "not_a_guest" "Not a guest's account",
    /// Another list of the same owner has this name.
    ListNameTaken = 409 "list_name_taken" "Name already used",
    /// The symbol is on the list.
    AlreadyOnList = 409 "already_on_list" "Already on the list",
    /// The owner has as many lists as are allowed.
    TooManyLists = 409 "too_many_lists" "Too many lists",
    /// The list has as many items as are allowed.
    TooManyItems = 409 "too_many_items" "Too many items",
    /// The owner has as many API keys as are allowed.
    TooManyKeys = 409 "too_many_keys" "Too many API keys",
    /// The first request with this `Idempotency-Key` is under way.
    IdempotencyInProgress = 409 "idempotency_in_progress" "The first request is under way",
    /// The resource has changed since the version in `If-Match`.
    VersionMismatch = 412 "version_mismatch" "Changed in the meantime",
    /// The body is too large.
    TooLarge = 413 "too_large" "Body too large",
    /// The URI is too long.
    UriTooLong = 414 "uri_too_long" "URI too long",
    /// The body is not of a media type that is understood here.
    UnsupportedMediaType = 415 "unsupported_media_type" "Unsupported media type",
    /// The JSON means nothing here.
    Invalid = 422 "invalid" "Invalid content",
    /// The password would be guessed too easily.
    WeakPassword = 422 "weak_password" "Password too easy to guess",
    /// The link to set a new password is unknown, used or expired.
    InvalidResetToken = 422 "invalid_reset_token" "Link used or expired",
    /// The `Idempotency-Key` was used for another request.
    IdempotencyKeyReused = 422 "idempotency_key_reused" "Idempotency-Key used for another request",
    /// The catalogue does not know the symbol.
    UnknownSymbol = 422 "unknown_symbol" "Unknown symbol",
    /// The order is not made of just the list's symbols.
    OrderMismatch = 422 "order_mismatch" "Not the list's symbols",
    /// `If-Match` is needed.
    PreconditionRequired = 428 "precondition_required" "If-Match needed",
    /// The account or the address has as many streams open as are allowed.
    TooManyConnections = 429 "too_many_connections" "Too many connections",
    /// Too many requests.
    TooManyRequests = 429 "too_many_requests" "Too many requests",
    /// The request's head is too large.
    HeadTooLarge = 431 "head_too_large" "Request head too large",
    /// A failure of the server's own.
    Internal = 500 "internal" "Internal error",
    /// The server has no way to send mail.
    MailUnavailable = 503 "mail_unavailable" "No mail from this server",
    /// There are as many guests as the server takes.
    TooManyGuests = 503 "too_many_guests" "Too many guests",
    /// The server has more to do than it can.
    Unavailable = 503 "unavailable" "Try again shortly",
}

impl Code {
    /// The code for a refusal of the framework's own, which has a status alone.
    pub fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            401 => Self::Unauthenticated,
            403 => Self::ForbiddenOrigin,
            404 => Self::NotFound,
            405 => Self::MethodNotAllowed,
            408 => Self::RequestTimeout,
            413 => Self::TooLarge,
            414 => Self::UriTooLong,
            415 => Self::UnsupportedMediaType,
            422 => Self::Invalid,
            429 => Self::TooManyRequests,
            431 => Self::HeadTooLarge,
            503 => Self::Unavailable,
            400..=499 => Self::BadRequest,
            _ => Self::Internal,
        }
    }
}

/// A request that was not carried out, in words for the caller.
#[derive(Clone, Debug)]
pub struct Error {
    /// What kind of failure.
    pub code: Code,
    /// What was wrong this time.
    pub detail: Cow<'static, str>,
    /// Which parts of the request were wrong.
    pub fields: Vec<FieldError>,
    /// After how many seconds it may be tried again, where that is of use: 1 at the least.
    pub retry_after: u64,
}

impl Error {
    /// A failure of this kind.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into(), fields: Vec::new(), retry_after: 1 }
    }

    /// Names the part of the body that was wrong, by JSON pointer.
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.fields.push(FieldError { pointer: pointer.into(), detail: self.detail.to_string() });
        self
    }

    /// Names the part of the body that was wrong, where it is this kind of failure.
    pub fn at_if(self, code: Code, pointer: &'static str) -> Self {
        if self.code == code { self.at(pointer) } else { self }
    }

    /// Says when it may be tried again.
    pub fn retry_after(mut self, pause: Duration) -> Self {
        self.retry_after = pause.as_secs_f64().ceil() as u64;
        self
    }

    /// A failure that the caller can do nothing about: logged whole, told in general.
    pub fn internal(cause: impl fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        Self::new(Code::Internal, "Something went wrong here. It has been logged under the request's id.")
    }

    /// Nothing of that name is there for this caller.
    pub fn not_found(what: &'static str) -> Self {
        Self::new(Code::NotFound, format!("There is no such {what}."))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl std::error::Error for Error {}
