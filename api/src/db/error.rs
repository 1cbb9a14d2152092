//! Errors of the database, and the constraints that map to an error of the client.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};
use watchtape_shared::Symbol;
use watchtape_shared::watchlist::MAX_LIST_TEXT_BYTES;

/// The result of a query function.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a query function had no effect.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// This owner has no such row.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// Another account has the e-mail address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// The account is a guest's, and the operation needs a registered account.
    #[error("the account is a guest's")]
    Guest,
    /// The account is registered, and the operation is for guests.
    #[error("the account is not a guest's")]
    NotAGuest,
    /// The maximum of guests is reached.
    #[error("the maximum of {0} guests is reached")]
    TooManyGuests(u32),
    /// Another list of the owner has the name.
    #[error("the list's name is taken")]
    ListNameTaken,
    /// The symbol is on the list already.
    #[error("{0} is on the list")]
    AlreadyOnList(Symbol),
    /// The list's notes and sections are too long together.
    #[error("the list has more text than {MAX_LIST_TEXT_BYTES} bytes")]
    TooMuchText,
    /// The symbol to move is not on the list.
    #[error("{0} is not on the list")]
    NotOnList(Symbol),
    /// The symbol to stand after is not on the list.
    #[error("{0}, to stand after, is not on the list")]
    NeighbourNotOnList(Symbol),
    /// The symbol to stand after is itself to be moved.
    #[error("{0} cannot stand after itself")]
    AfterItself(Symbol),
    /// A symbol is to be moved twice.
    #[error("{0} is named twice")]
    MovedTwice(Symbol),
    /// The owner has the maximum of lists.
    #[error("the maximum of {0} lists is reached")]
    TooManyLists(usize),
    /// The list has the maximum of items.
    #[error("the maximum of {0} items is reached")]
    TooManyItems(usize),
    /// The owner has the maximum of API keys.
    #[error("the maximum of {0} API keys is reached")]
    TooManyKeys(usize),
    /// The caller's session or API key has ended since the request began.
    #[error("the caller's access has ended")]
    AccessEnded,
    /// The answer is too large to be stored for a retry.
    #[error("the answer is too large to be stored")]
    AnswerTooLarge,
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    IdempotencyKeyReused,
    /// The first request with the idempotency key is under way.
    #[error("the first request with the idempotency key is under way")]
    IdempotencyInProgress,
    /// The list is not at an expected version.
    #[error("the list is at version {current}")]
    VersionMismatch {
        /// The current version.
        current: u64,
    },
    /// The order does not name each symbol of the list once.
    #[error("the order does not name each symbol of the list once")]
    OrderMismatch,
    /// No connection was free in time, or a lock or query timed out.
    #[error("the database is busy")]
    Busy,
    /// Too much work of the same account is under way.
    #[error("too much work of this account is under way")]
    AccountBusy,
    /// The database cannot be reached.
    #[error("the database cannot be reached")]
    Unreachable,
    /// The disk of the database is full.
    #[error("the disk of the database is full: {0}")]
    StorageFull(String),
    /// The database takes no writes.
    #[error("the database takes no writes: {0}")]
    NotWritable(String),
    /// A column holds an invalid value, or the database cannot be opened or migrated.
    #[error("{0}")]
    Corrupt(String),
    /// Any other failure of the database.
    #[error(transparent)]
    Database(DieselError),
}

impl Error {
    /// Whether another process holds a lock, so that a retry may succeed.
    pub(super) fn is_locked(&self) -> bool {
        matches!(self, Self::Busy)
            || matches!(self, Self::Corrupt(cause) if TIMEOUT_MESSAGES.iter().any(|message| cause.contains(message)))
    }
}

/// Messages of both databases for a timeout or a deadlock. Diesel passes on no error code.
const TIMEOUT_MESSAGES: [&str; 4] = [
    "database is locked",
    "deadlock detected",
    "canceling statement due to lock timeout",
    "canceling statement due to statement timeout",
];

/// Messages of both databases for a full disk.
const FULL_MESSAGES: [&str; 3] = ["database or disk is full", "No space left on device", "could not extend file"];
/// The same for one that can be read and not written.
const READ_ONLY_MESSAGES: [&str; 5] = [
    "attempt to write a readonly database",
    "disk I/O error",
    "unable to open database file",
    "read-only transaction",
    "Read-only file system",
];

fn has_any(message: &str, parts: &[&str]) -> bool {
    parts.iter().any(|part| message.contains(part))
}

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
            _ if TIMEOUT_MESSAGES.contains(&information.message()) => Self::Busy,
            _ if has_any(information.message(), &FULL_MESSAGES) => Self::StorageFull(information.message().to_owned()),
            _ if has_any(information.message(), &READ_ONLY_MESSAGES) => {
                Self::NotWritable(information.message().to_owned())
            }
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::SerializationFailure => Self::Busy,
            _ => Self::Database(error),
        }
    }
}

/// Whether this constraint is violated: PostgreSQL gives its name, SQLite its columns in the message.
fn violates(information: &(dyn DatabaseErrorInformation + Send + Sync), name: &str, columns: &str) -> bool {
    match information.constraint_name() {
        Some(constraint) => constraint == name,
        None => information.message().ends_with(&format!("failed: {columns}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(message: &str) -> Error {
        DieselError::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned())).into()
    }

    #[test]
    fn a_full_disk_and_one_that_takes_no_writes_are_told_apart() {
        for full in [
            "database or disk is full",
            "could not extend file \"base/1/2\": No space left on device",
            "could not write to file \"pg_wal/x\": No space left on device",
        ] {
            assert!(matches!(error_of(full), Error::StorageFull(_)), "{full}");
        }
        for read_only in [
            "attempt to write a readonly database",
            "disk I/O error",
            "unable to open database file",
            "cannot execute INSERT in a read-only transaction",
        ] {
            assert!(matches!(error_of(read_only), Error::NotWritable(_)), "{read_only}");
        }
        assert!(matches!(error_of("no such table: x"), Error::Database(_)));
    }
}
