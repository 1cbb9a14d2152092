//! What can go wrong in the database, and which broken constraint is which client's error.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};
use watchtape_shared::Symbol;

/// The outcome of a query function.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a query function did nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such row of this owner.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// Another account has the address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// The account is a guest's, and this is for those that have a password.
    #[error("the account is a guest's")]
    Guest,
    /// The account has an address and a password already.
    #[error("the account is not a guest's")]
    NotAGuest,
    /// There are as many guests as are allowed.
    #[error("{0} guests are the most")]
    TooManyGuests(u32),
    /// Another list of the owner has the name.
    #[error("the list's name is taken")]
    ListNameTaken,
    /// The list has the symbol.
    #[error("{0} is on the list")]
    AlreadyOnList(Symbol),
    /// The owner has as many lists as are allowed.
    #[error("{0} lists are the most")]
    TooManyLists(usize),
    /// The list has as many items as are allowed.
    #[error("{0} items are the most")]
    TooManyItems(usize),
    /// The owner has as many API keys as are allowed.
    #[error("{0} API keys are the most")]
    TooManyKeys(usize),
    /// What the caller calls by has ended since the request began.
    #[error("the caller's access has ended")]
    AccessEnded,
    /// An answer is too large to be kept for a repeated request.
    #[error("the answer is too large to be kept")]
    AnswerTooLarge,
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    IdempotencyKeyReused,
    /// The first request with the idempotency key is under way.
    #[error("the first request with the idempotency key is under way")]
    IdempotencyInProgress,
    /// The list is not at the expected version.
    #[error("the list is at version {current}")]
    VersionMismatch {
        /// The version it is at.
        current: u64,
    },
    /// The order is not made of just the list's symbols.
    #[error("the order is not of the list's symbols")]
    OrderMismatch,
    /// No connection was free in time, or the database did not answer in time.
    #[error("the database is busy")]
    Busy,
    /// Something is there that this code never wrote, or the database cannot be opened.
    #[error("{0}")]
    Corrupt(String),
    /// Any other failure of the database.
    #[error(transparent)]
    Database(DieselError),
}

impl Error {
    /// Whether another process held the database: the same may succeed a little later.
    pub(super) fn is_locked(&self) -> bool {
        matches!(self, Self::Busy)
            || matches!(self, Self::Corrupt(cause) if LATE.iter().any(|late| cause.contains(late)))
    }
}

/// How the databases say that a lock or an answer did not come in time: neither has another sign that diesel passes on.
const LATE: [&str; 4] = [
    "database is locked",
    "deadlock detected",
    "canceling statement due to lock timeout",
    "canceling statement due to statement timeout",
];

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        let DieselError::DatabaseError(kind, information) = &error else { return Self::Database(error) };
        match kind {
            DatabaseErrorKind::UniqueViolation if violates(information.as_ref(), "users_email_key", "users.email") => {
                Self::EmailTaken
            }
            DatabaseErrorKind::UniqueViolation
                if violates(
                    information.as_ref(),
                    "watchlists_user_id_name_key",
                    "watchlists.user_id, watchlists.name",
                ) =>
            {
                Self::ListNameTaken
            }
            DatabaseErrorKind::UniqueViolation
                if violates(
                    information.as_ref(),
                    "idempotency_keys_pkey",
                    "idempotency_keys.user_id, idempotency_keys.idempotency_key",
                ) =>
            {
                Self::IdempotencyInProgress
            }
            _ if LATE.contains(&information.message()) => Self::Busy,
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::SerializationFailure => Self::Busy,
            _ => Self::Database(error),
        }
    }
}

/// Whether this is the constraint: PostgreSQL gives its name, SQLite its columns in the message.
fn violates(information: &(dyn DatabaseErrorInformation + Send + Sync), name: &str, columns: &str) -> bool {
    match information.constraint_name() {
        Some(constraint) => constraint == name,
        None => information.message().ends_with(&format!("failed: {columns}")),
    }
}
