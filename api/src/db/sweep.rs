//! Deletes expired rows. Minute bars have a sweep of their own (`bar::sweep`).

use super::{Db, DbConnection, Result, SWEEP_PORTION, audit, guest, idempotency, password_reset, session, used_ticket};
use chrono::TimeDelta;
use std::ops::AddAssign;

/// The number of deleted rows of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Inactive guests, with all of their rows.
    pub guests: usize,
    /// Watchlists of such guests, before their accounts.
    pub guest_lists: usize,
    /// Expired sessions.
    pub sessions: usize,
    /// Expired password reset links.
    pub password_resets: usize,
    /// Used tickets of the stream.
    pub used_tickets: usize,
    /// Stored answers of `Idempotency-Key`.
    pub idempotency_keys: usize,
    /// Entries of the audit log.
    pub audit_events: usize,
}

impl Swept {
    fn counts(self) -> [usize; 7] {
        let Self { guests, guest_lists, sessions, password_resets, used_tickets, idempotency_keys, audit_events } =
            self;
        [guests, guest_lists, sessions, password_resets, used_tickets, idempotency_keys, audit_events]
    }

    /// Whether there may be more of a kind.
    fn is_full(self) -> bool {
        // The lists are parted by their items.
        self.guest_lists > 0 || self.counts().into_iter().any(|count| count >= SWEEP_PORTION as usize)
    }
}

impl AddAssign for Swept {
    fn add_assign(&mut self, other: Self) {
        self.guests += other.guests;
        self.guest_lists += other.guest_lists;
        self.sessions += other.sessions;
        self.password_resets += other.password_resets;
        self.used_tickets += other.used_tickets;
        self.idempotency_keys += other.idempotency_keys;
        self.audit_events += other.audit_events;
    }
}

/// Deletes what has expired, in transactions of so few rows that no writer waits long, as long as `may_go_on` says so: a sweep
/// goes on where it stopped.
pub async fn run_in_portions(
    db: &Db,
    audit_retention: Option<TimeDelta>,
    may_go_on: impl Fn() -> bool,
) -> Result<Swept> {
    let mut total = Swept::default();
    while may_go_on() {
        let swept = db.write(move |connection| run(connection, audit_retention)).await?;
        total += swept;
        if !swept.is_full() {
            break;
        }
    }
    Ok(total)
}

/// Deletes one portion of what has expired. Without `audit_retention` the audit log is kept for ever.
pub fn run(connection: &mut DbConnection, audit_retention: Option<TimeDelta>) -> Result<Swept> {
    let (guests, guest_lists) = guest::sweep(connection)?;
    Ok(Swept {
        guests,
        guest_lists,
        sessions: session::sweep(connection)?,
        password_resets: password_reset::sweep(connection)?,
        used_tickets: used_ticket::sweep(connection)?,
        idempotency_keys: idempotency::sweep(connection)?,
        audit_events: audit_retention.map_or(Ok(0), |retention| audit::sweep(connection, retention))?,
    })
}
