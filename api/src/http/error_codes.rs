//! The error table: code, status and title of every error answer. Nothing else chooses a status; an unknown failure is a 500.
//! `error_mapping` maps the errors of the other modules to this table.
//!
//! An [`Error`] has texts for the caller alone. The cause of an internal error is logged when the [`Error`] is made.

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderName;
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;
use watchtape_shared::problem::FieldError;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $status:literal $code:literal $title:literal,)*) => {
        /// The kind of an error. Each has one status, one stable code and one title.
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

            /// The title.
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
    /// Credentials are missing or invalid.
    Unauthenticated = 401 "unauthenticated" "Sign-in needed",
    /// The e-mail address or the password is wrong.
    WrongCredentials = 401 "wrong_credentials" "Wrong e-mail address or password",
    /// The refresh token is unknown, used up or expired.
    InvalidRefreshToken = 401 "invalid_refresh_token" "The session has ended",
    /// The password is not the account's.
    WrongPassword = 403 "wrong_password" "Wrong password",
    /// The API key lacks the scope.
    InsufficientScope = 403 "insufficient_scope" "Scope missing",
    /// A signed-in session is required; an API key is not enough.
    SessionRequired = 403 "session_required" "Sign-in needed",
    /// The request comes from a page of an origin that is not allowed.
    ForbiddenOrigin = 403 "forbidden_origin" "Origin not allowed",
    /// Not for guests, who have no password.
    Guest = 403 "guest" "Not for guests",
    /// For callers on the server's machine.
    LocalOnly = 403 "local_only" "Not from elsewhere",
    /// Guest accounts are turned off.
    GuestsClosed = 403 "guests_closed" "No guests here",
    /// Nobody may open an account.
    RegistrationClosed = 403 "registration_closed" "Registration is closed",
    /// An account is opened by an invitation only.
    InvitationRequired = 403 "invitation_required" "Invitation needed",
    /// The invitation is unknown, used, expired or for another address.
    InvitationInvalid = 403 "invitation_invalid" "Invitation used or expired",
    /// The resource does not exist, or belongs to another account.
    NotFound = 404 "not_found" "Not found",
    /// The path does not support this method.
    MethodNotAllowed = 405 "method_not_allowed" "Method not allowed",
    /// The client took too long to send the request.
    RequestTimeout = 408 "request_timeout" "Request timeout",
    /// The e-mail address belongs to an account.
    EmailTaken = 409 "email_taken" "E-mail address already registered",
    /// The account is not a guest's.
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
    /// The owner has as many alerts as are allowed.
    TooManyAlerts = 409 "too_many_alerts" "Too many alerts",
    /// The owner has as many destinations as are allowed.
    TooManyDestinations = 409 "too_many_destinations" "Too many destinations",
    /// The destination is an address that is not confirmed yet.
    DestinationUnconfirmed = 409 "destination_unconfirmed" "Address not confirmed",
    /// What is sent to the destination is not signed.
    DestinationUnsigned = 409 "destination_unsigned" "Not signed",
    /// The first request with this `Idempotency-Key` is still running.
    IdempotencyInProgress = 409 "idempotency_in_progress" "The first request is under way",
    /// The resource has changed since the version in `If-Match`.
    VersionMismatch = 412 "version_mismatch" "Changed in the meantime",
    /// The body is too large.
    TooLarge = 413 "too_large" "Body too large",
    /// The URI is too long.
    UriTooLong = 414 "uri_too_long" "URI too long",
    /// The media type of the body is not supported.
    UnsupportedMediaType = 415 "unsupported_media_type" "Unsupported media type",
    /// The JSON does not have the expected content.
    Invalid = 422 "invalid" "Invalid content",
    /// The password is too easy to guess.
    WeakPassword = 422 "weak_password" "Password too easy to guess",
    /// The link to set a new password is unknown, used or expired.
    InvalidResetToken = 422 "invalid_reset_token" "Link used or expired",
    /// The link that confirms an address is unknown or expired.
    InvalidConfirmation = 422 "invalid_confirmation" "Link unknown or expired",
    /// A URL is not one that this server posts to.
    ForbiddenUrl = 422 "forbidden_url" "URL not allowed",
    /// The `Idempotency-Key` was used for another request.
    IdempotencyKeyReused = 422 "idempotency_key_reused" "Idempotency-Key used for another request",
    /// The symbol is not in the catalogue.
    UnknownSymbol = 422 "unknown_symbol" "Unknown symbol",
    /// The security is listed at another exchange than the one that was named.
    WrongExchange = 422 "wrong_exchange" "Listed elsewhere",
    /// The notes and sections of the list are too long together.
    TooMuchText = 409 "too_much_text" "The list's notes are too long",
    /// A symbol that a place is named by, or that is to be moved, is not on the list.
    NotOnList = 422 "not_on_list" "Not on the list",
    /// The order does not name exactly the list's symbols.
    OrderMismatch = 422 "order_mismatch" "Not the list's symbols",
    /// What an alert is to watch for is so already.
    AlreadyMet = 422 "already_met" "So already",
    /// The alert's time is over.
    AlertExpired = 422 "alert_expired" "The alert has expired",
    /// A destination is not one of the account's.
    UnknownDestination = 422 "unknown_destination" "Unknown destination",
    /// There are not as many days of prices as are needed.
    TooLittleHistory = 422 "too_little_history" "Not enough history",
    /// The WebSocket handshake is of another version.
    UpgradeRequired = 426 "upgrade_required" "WebSocket version 13 needed",
    /// `If-Match` is required.
    PreconditionRequired = 428 "precondition_required" "If-Match needed",
    /// The account or the address has as many streams open as are allowed.
    TooManyConnections = 429 "too_many_connections" "Too many connections",
    /// Too many requests.
    TooManyRequests = 429 "too_many_requests" "Too many requests",
    /// The request's head is too large.
    HeadTooLarge = 431 "head_too_large" "Request head too large",
    /// An internal error.
    Internal = 500 "internal" "Internal error",
    /// The disk is full.
    InsufficientStorage = 507 "insufficient_storage" "No space left",
    /// The server is not set up to send mail.
    MailUnavailable = 503 "mail_unavailable" "No mail from this server",
    /// The limit on guests is reached.
    TooManyGuests = 503 "too_many_guests" "Too many guests",
    /// The server is overloaded.
    Unavailable = 503 "unavailable" "Try again shortly",
}

impl Code {
    /// The code for an error answer of the framework, which has a status alone.
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

/// An error answer.
#[derive(Clone, Debug)]
pub struct Error {
    /// The kind of error.
    pub code: Code,
    /// What was wrong with this request.
    pub detail: Cow<'static, str>,
    /// The parts of the body that were wrong.
    pub fields: Vec<FieldError>,
    /// `Retry-After` in seconds, sent with 429 and 503 only.
    pub retry_after_s: u64,
    /// Another header field of the answer, such as the `ETag` of a 412.
    pub header: Option<(HeaderName, String)>,
}

impl Error {
    /// An error of this kind.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into(), fields: Vec::new(), retry_after_s: 1, header: None }
    }

    /// Adds the part of the body that was wrong, as a JSON pointer.
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.fields.push(FieldError { pointer: pointer.into(), detail: self.detail.to_string() });
        self
    }

    /// Adds the part of the body that was wrong, if the error is of this kind.
    pub fn at_if(self, code: Code, pointer: &'static str) -> Self {
        if self.code == code { self.at(pointer) } else { self }
    }

    /// Adds a header field to the answer.
    pub fn with_header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.header = Some((name, value.into()));
        self
    }

    /// Sets when to try again, rounded up to whole seconds.
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after_s = delay.as_secs_f64().ceil() as u64;
        self
    }

    /// An internal error. The cause is logged; the caller gets a general text.
    pub fn internal(cause: impl fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        Self::new(Code::Internal, "Something went wrong here. It has been logged under the request's id.")
    }

    /// The resource does not exist for this caller.
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
