//! The newest time in the database: when something was last signed in to, changed or recorded.

use super::schema::{audit_events, sessions, users, watchlists};
use super::{DbConnection, Result, columns};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::max;
use diesel::prelude::*;

/// The newest time of what accounts have done; `None` for a database without any.
pub fn newest(connection: &mut DbConnection) -> Result<Option<DateTime<Utc>>> {
    let times: [Option<NaiveDateTime>; 4] = [
        users::table.select(max(users::updated_at)).first(connection)?,
        sessions::table.select(max(sessions::rotated_at)).first(connection)?,
        watchlists::table.select(max(watchlists::updated_at)).first(connection)?,
        audit_events::table.select(max(audit_events::at)).first(connection)?,
    ];
    Ok(times.into_iter().flatten().max().map(columns::utc))
}
