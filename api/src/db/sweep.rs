//! What is forgotten with time: rows that have expired and are good for nothing any more.

use super::{DbConnection, Result, audit, guest, idempotency, password_reset, session};
use chrono::TimeDelta;

/// How many rows of each kind were forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Guests who had not been seen for long, each with all that was theirs.
    pub guests: usize,
    /// Sessions that had expired.
    pub sessions: usize,
    /// Links to set a new password that had expired.
    pub password_resets: usize,
    /// Answers that were kept for a repeated request.
    pub idempotency_keys: usize,
    /// Entries of the audit trail.
    pub audit_events: usize,
}

/// Forgets what has expired. Without `audit_kept` the audit trail is kept for ever.
pub fn run(connection: &mut DbConnection, audit_kept: Option<TimeDelta>) -> Result<Swept> {
    Ok(Swept {
        guests: guest::sweep(connection)?,
        sessions: session::sweep(connection)?,
        password_resets: password_reset::sweep(connection)?,
        idempotency_keys: idempotency::sweep(connection)?,
        audit_events: audit_kept.map_or(Ok(0), |kept| audit::sweep(connection, kept))?,
    })
}
