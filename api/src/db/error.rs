//! Errors of the database, and the constraints that map to an error of the client.

use super::postgres::sqlstate;
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
    /// The owner has the maximum of alerts.
    #[error("the maximum of {0} alerts is reached")]
    TooManyAlerts(usize),
    /// A destination of an alert is not the owner's.
    #[error("a destination is not the owner's")]
    UnknownDestination,
    /// The alert's time is over.
    #[error("the alert has expired")]
    AlertExpired,
    /// The owner has the maximum of destinations.
    #[error("the maximum of {0} destinations is reached")]
    TooManyDestinations(usize),
    /// The caller's session or API key has ended since the request began.
    #[error("the caller's access has ended")]
    AccessEnded,
    /// Too many mails wait to be sent.
    #[error("too many mails wait to be sent")]
    TooManyMails,
    /// A mail to the address was queued by a request beside this one.
    #[error("a mail to the address waits")]
    MailWaits,
    /// The invitation is unknown, used, expired or for another address.
    #[error("the invitation is unknown, used, expired or for another address")]
    InvitationInvalid,
    /// The ticket has been used.
    #[error("the ticket has been used")]
    TicketUsed,
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
    /// What kind of fault of the database this is; `None` for what a request is refused for.
    pub(super) fn fault(&self) -> Option<&'static str> {
        match self {
            Self::Busy => Some("busy"),
            Self::Unreachable => Some("unreachable"),
            Self::StorageFull(_) => Some("storage_full"),
            Self::NotWritable(_) => Some("not_writable"),
            Self::Corrupt(_) | Self::Database(_) => Some("other"),
            _ => None,
        }
    }

    /// Whether another process holds a lock, so that a retry may succeed.
    pub(super) fn is_locked(&self) -> bool {
        matches!(self, Self::Busy) || matches!(self, Self::Corrupt(cause) if cause.contains(LOCKED_MESSAGE))
    }
}

/// SQLite's message where another process holds a lock.
const LOCKED_MESSAGE: &str = "database is locked";
/// Its messages for a full disk.
const FULL_MESSAGES: [&str; 2] = ["database or disk is full", "No space left on device"];
/// The same for a file that can be read and not written.
const READ_ONLY_MESSAGES: [&str; 4] =
    ["attempt to write a readonly database", "disk I/O error", "unable to open database file", "Read-only file system"];

/// What PostgreSQL means by a SQLSTATE; `None` for a mistake of the statement. The message is in the server's language.
fn by_sqlstate(state: &str, message: &str) -> Option<Error> {
    Some(match state {
        // No lock in time, no answer in time, a deadlock, changed meanwhile, no connection or memory left for now.
        "55P03" | "57014" | "40P01" | "40001" | "53000" | "53200" | "53300" | "53400" => Error::Busy,
        // Shut down or starting, this connection ended by an administrator or a timeout, the wire.
        "57P01" | "57P02" | "57P03" | "57P04" | "57P05" | "25P03" | "25P04" => Error::Unreachable,
        state if state.starts_with("08") => Error::Unreachable,
        "53100" => Error::StorageFull(message.to_owned()),
        // A standby, a read-only role or setting, a disk with errors.
        "25006" | "58030" => Error::NotWritable(message.to_owned()),
        _ => return None,
    })
}

fn by_message(message: &str) -> Option<Error> {
    let has_any = |parts: &[&str]| parts.iter().any(|part| message.contains(part));
    if message.contains(LOCKED_MESSAGE) {
        Some(Error::Busy)
    } else if has_any(&FULL_MESSAGES) {
        Some(Error::StorageFull(message.to_owned()))
    } else {
        has_any(&READ_ONLY_MESSAGES).then(|| Error::NotWritable(message.to_owned()))
    }
}

/// What a value means that is there already.
fn by_unique_constraint(information: &(dyn DatabaseErrorInformation + Send + Sync)) -> Option<Error> {
    [
        ("users_email_key", "users.email", Error::EmailTaken),
        ("watchlists_user_id_name_key", "watchlists.user_id, watchlists.name", Error::ListNameTaken),
        (
            "idempotency_keys_pkey",
            "idempotency_keys.user_id, idempotency_keys.idempotency_key",
            Error::IdempotencyInProgress,
        ),
        ("reset_mails_pkey", "reset_mails.email", Error::MailWaits),
        ("used_tickets_pkey", "used_tickets.id", Error::TicketUsed),
    ]
    .into_iter()
    .find_map(|(name, columns, error)| violates(information, name, columns).then_some(error))
}

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        let (kind, information) = match error {
            DieselError::DatabaseError(kind, information) => (kind, information),
            // The first of the two is the cause.
            DieselError::RollbackErrorOnCommit { commit_error, .. } => return (*commit_error).into(),
            DieselError::BrokenTransactionManager => return Self::Unreachable,
            error => return Self::Database(error),
        };
        let known = match kind {
            DatabaseErrorKind::ClosedConnection => Some(Self::Unreachable),
            DatabaseErrorKind::UniqueViolation => by_unique_constraint(information.as_ref()),
            // The account was deleted by a request beside this one.
            DatabaseErrorKind::ForeignKeyViolation => {
                let is_owner = |name: &str| name.ends_with("user_id_fkey");
                information.constraint_name().is_some_and(is_owner).then_some(Self::AccessEnded)
            }
            _ => {
                let message = information.message();
                match sqlstate(information.as_ref()) {
                    Some(state) => by_sqlstate(state, message),
                    None => by_message(message),
                }
            }
        };
        known.unwrap_or_else(|| Self::Database(DieselError::DatabaseError(kind, information)))
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
            "konnte Datei »base/1/2« nicht erweitern: Auf dem Gerät ist kein Speicherplatz mehr verfügbar (SQLSTATE 53100)",
        ] {
            assert!(matches!(error_of(full), Error::StorageFull(_)), "{full}");
        }
        for read_only in [
            "attempt to write a readonly database",
            "disk I/O error",
            "unable to open database file",
            "kann INSERT nicht in einer Read-Only-Transaktion ausführen (SQLSTATE 25006)",
        ] {
            assert!(matches!(error_of(read_only), Error::NotWritable(_)), "{read_only}");
        }
        assert!(matches!(error_of("no such table: x"), Error::Database(_)));
    }

    #[test]
    fn what_postgresql_tells_is_known_by_its_sqlstate_in_any_language() {
        for state in ["55P03", "57014", "40P01", "53300"] {
            let error = error_of(&format!("storniere Anfrage (SQLSTATE {state})"));
            assert!(matches!(error, Error::Busy), "{state}");
        }
        for state in ["57P01", "57P02", "57P03", "25P03", "08006"] {
            let error = error_of(&format!("Verbindung wird abgebrochen (SQLSTATE {state})"));
            assert!(matches!(error, Error::Unreachable), "{state}");
        }
        let mistake = error_of("Spalte »database is locked« existiert nicht (SQLSTATE 42703)");
        assert!(matches!(mistake, Error::Database(_)), "a state that is no outage, whatever the text");
    }
}
