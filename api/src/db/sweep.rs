//! Deletes expired rows. Minute bars have a sweep of their own (`bar::sweep`).

use super::{Db, DbConnection, Result, SWEEP_PORTION, audit, guest, idempotency, password_reset, session};
use chrono::TimeDelta;
use std::ops::AddAssign;

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

impl Swept {
    fn counts(self) -> [usize; 5] {
        [self.guests, self.sessions, self.password_resets, self.idempotency_keys, self.audit_events]
    }

    /// Whether there may be more of a kind.
    fn is_full(self) -> bool {
        self.counts().into_iter().any(|count| count >= SWEEP_PORTION as usize)
    }
}

impl AddAssign for Swept {
    fn add_assign(&mut self, other: Self) {
        self.guests += other.guests;
        self.sessions += other.sessions;
        self.password_resets += other.password_resets;
        self.idempotency_keys += other.idempotency_keys;
        self.audit_events += other.audit_events;
    }
}

/// Deletes what has expired, in transactions of at most [`SWEEP_PORTION`] rows of a kind: a sweep keeps no writer waiting, and goes
/// on where it stopped if one of them fails.
pub async fn run_in_portions(db: &Db, audit_retention: Option<TimeDelta>) -> Result<Swept> {
    let mut total = Swept::default();
    loop {
        let swept = db.write(move |connection| run(connection, audit_retention)).await?;
        total += swept;
        if !swept.is_full() {
            return Ok(total);
        }
    }
}

/// Deletes one portion of what has expired. Without `audit_retention` the audit log is kept for ever.
pub fn run(connection: &mut DbConnection, audit_retention: Option<TimeDelta>) -> Result<Swept> {
    Ok(Swept {
        guests: guest::sweep(connection)?,
        sessions: session::sweep(connection)?,
        password_resets: password_reset::sweep(connection)?,
        idempotency_keys: idempotency::sweep(connection)?,
        audit_events: audit_retention.map_or(Ok(0), |retention| audit::sweep(connection, retention))?,
    })
}
