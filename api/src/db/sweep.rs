//! Deletes expired rows. Minute bars have a sweep of their own (`bar::sweep`).

use super::{
    Db, DbConnection, Result, SWEEP_PORTION, alert_change, alert_event, audit, delivery, guest, idempotency,
    invitation, password_reset, reset_mail, session, used_ticket,
};
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
    /// Expired invitations.
    pub invitations: usize,
    /// Requests for reset mails that were not sent in time.
    pub reset_mails: usize,
    /// Used tickets of the stream.
    pub used_tickets: usize,
    /// Stored answers of `Idempotency-Key`.
    pub idempotency_keys: usize,
    /// Entries of the audit log.
    pub audit_events: usize,
    /// Triggers of alerts.
    pub alert_events: usize,
    /// Notes of changed alerts.
    pub alert_changes: usize,
    /// Deliveries to destinations of alerts.
    pub deliveries: usize,
}

impl Swept {
    fn counts(self) -> [usize; 12] {
        let Self {
            guests,
            guest_lists,
            sessions,
            password_resets,
            invitations,
            reset_mails,
            used_tickets,
            idempotency_keys,
            audit_events,
            alert_events,
            alert_changes,
            deliveries,
        } = self;
        [
            guests,
            guest_lists,
            sessions,
            password_resets,
            invitations,
            reset_mails,
            used_tickets,
            idempotency_keys,
            audit_events,
            alert_events,
            alert_changes,
            deliveries,
        ]
    }

    /// How many rows were deleted, without those that went with a guest.
    pub fn total(self) -> usize {
        self.counts().into_iter().sum()
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
        self.invitations += other.invitations;
        self.reset_mails += other.reset_mails;
        self.used_tickets += other.used_tickets;
        self.idempotency_keys += other.idempotency_keys;
        self.audit_events += other.audit_events;
        self.alert_events += other.alert_events;
        self.alert_changes += other.alert_changes;
        self.deliveries += other.deliveries;
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
        invitations: invitation::sweep(connection)?,
        reset_mails: reset_mail::sweep(connection)?,
        used_tickets: used_ticket::sweep(connection)?,
        idempotency_keys: idempotency::sweep(connection)?,
        audit_events: audit_retention.map_or(Ok(0), |retention| audit::sweep(connection, retention))?,
        alert_events: alert_event::sweep(connection)?,
        alert_changes: alert_change::sweep(connection)?,
        deliveries: delivery::sweep(connection)?,
    })
}
