//! Deletes expired rows. Minute bars have a sweep of their own (`bar::sweep`).

use super::{DbConnection, Result, audit, guest, idempotency, password_reset, session};
use chrono::TimeDelta;

/// The number of deleted rows of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Inactive guests, with all of their rows.
    pub guests: usize,
    /// Expired sessions.
    pub sessions: usize,
    /// Expired password reset links.
    pub password_resets: usize,
    /// Stored answers of `Idempotency-Key`.
    pub idempotency_keys: usize,
    /// Entries of the audit log.
    pub audit_events: usize,
}

/// Deletes what has expired. Without `audit_retention` the audit log is kept for ever.
pub fn run(connection: &mut DbConnection, audit_retention: Option<TimeDelta>) -> Result<Swept> {
    Ok(Swept {
        guests: guest::sweep(connection)?,
        sessions: session::sweep(connection)?,
        password_resets: password_reset::sweep(connection)?,
        idempotency_keys: idempotency::sweep(connection)?,
        audit_events: audit_retention.map_or(Ok(0), |retention| audit::sweep(connection, retention))?,
    })
}
