//! Errors of tokio-postgres as diesel's. Their message ends with the SQLSTATE, which diesel has no place for: the server
//! writes the rest in its own language.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};
use std::error::Error;
use std::time::Duration;
use tokio_postgres::error::{DbError, SqlState};

/// What stands before the SQLSTATE in a message.
const BEFORE_STATE: &str = " (SQLSTATE ";

/// The SQLSTATE of an error: five letters or digits. `None` for what is not PostgreSQL's.
pub(in crate::db) fn sqlstate(information: &(dyn DatabaseErrorInformation + Send + Sync)) -> Option<&str> {
    information.message().rsplit_once(BEFORE_STATE)?.1.strip_suffix(')')
}

/// An error that the server told, or the client found.
pub(super) fn query_error(error: &tokio_postgres::Error) -> DieselError {
    let Some(told) = error.as_db_error() else {
        return DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, Box::new(in_full(error)));
    };
    let kind = match *told.code() {
        SqlState::UNIQUE_VIOLATION => DatabaseErrorKind::UniqueViolation,
        SqlState::FOREIGN_KEY_VIOLATION => DatabaseErrorKind::ForeignKeyViolation,
        SqlState::NOT_NULL_VIOLATION => DatabaseErrorKind::NotNullViolation,
        SqlState::CHECK_VIOLATION => DatabaseErrorKind::CheckViolation,
        SqlState::T_R_SERIALIZATION_FAILURE => DatabaseErrorKind::SerializationFailure,
        SqlState::READ_ONLY_SQL_TRANSACTION => DatabaseErrorKind::ReadOnlyTransaction,
        _ => DatabaseErrorKind::Unknown,
    };
    let message = format!("{}{BEFORE_STATE}{})", told.message(), told.code().code());
    DieselError::DatabaseError(kind, Box::new(Told { message, error: told.clone() }))
}

/// The server has said nothing in time.
pub(super) fn no_answer(deadline: Duration) -> DieselError {
    let message = format!("the database has not answered within {deadline:?}");
    DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, Box::new(message))
}

/// An error with its causes: its own text often names the step alone.
pub(super) fn in_full(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

struct Told {
    message: String,
    error: DbError,
}

impl DatabaseErrorInformation for Told {
    fn message(&self) -> &str {
        &self.message
    }

    fn details(&self) -> Option<&str> {
        self.error.detail()
    }

    fn hint(&self) -> Option<&str> {
        self.error.hint()
    }

    fn table_name(&self) -> Option<&str> {
        self.error.table()
    }

    fn column_name(&self) -> Option<&str> {
        self.error.column()
    }

    fn constraint_name(&self) -> Option<&str> {
        self.error.constraint()
    }

    fn statement_position(&self) -> Option<i32> {
        None
    }
}
