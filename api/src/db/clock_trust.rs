//! When a server last looked at its clock, and since when the clocks have run evenly: kept, so that a start does not begin
//! with trust in a clock that is wrong.

use super::schema::clock_trust;
use super::{DbConnection, Result, columns};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockTrust {
    /// When a server last looked.
    pub seen_at: DateTime<Utc>,
    /// Since when the clock has run evenly.
    pub even_since: DateTime<Utc>,
}

/// What is kept; `None` before a server has looked for the first time.
pub fn find(connection: &mut DbConnection) -> Result<Option<ClockTrust>> {
    let row: Option<(NaiveDateTime, NaiveDateTime)> =
        clock_trust::table.select((clock_trust::seen_at, clock_trust::even_since)).first(connection).optional()?;
    Ok(row.map(|(seen_at, even_since)| ClockTrust {
        seen_at: columns::utc(seen_at),
        even_since: columns::utc(even_since),
    }))
}

/// Keeps it in the place of what was kept.
pub fn keep(connection: &mut DbConnection, trust: ClockTrust) -> Result<()> {
    let times =
        (clock_trust::seen_at.eq(trust.seen_at.naive_utc()), clock_trust::even_since.eq(trust.even_since.naive_utc()));
    if diesel::update(clock_trust::table.find(1)).set(times).execute(connection)? == 0 {
        diesel::insert_into(clock_trust::table).values((clock_trust::id.eq(1), times)).execute(connection)?;
    }
    Ok(())
}
