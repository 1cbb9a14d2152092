//! Tickets of the stream that a node of a cluster has redeemed, until they have expired.

use super::schema::used_tickets;
use super::{DbConnection, Result, SWEEP_PORTION, columns};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// Marks a ticket as used. [`Error::TicketUsed`](super::Error::TicketUsed) if it has been.
pub fn claim(connection: &mut DbConnection, id: &str, expires_at: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(used_tickets::table)
        .values((used_tickets::id.eq(id), used_tickets::expires_at.eq(expires_at.naive_utc())))
        .execute(connection)?;
    Ok(())
}

/// Deletes a portion of those that have expired.
pub(super) fn sweep(connection: &mut DbConnection) -> Result<usize> {
    let expired: Vec<String> = used_tickets::table
        .filter(used_tickets::expires_at.lt(columns::now()))
        .limit(SWEEP_PORTION)
        .select(used_tickets::id)
        .load(connection)?;
    Ok(diesel::delete(used_tickets::table.filter(used_tickets::id.eq_any(expired))).execute(connection)?)
}
