//! When the access of an account last changed: a session, an API key or the account itself has ended. Every node polls
//! this (`auth::access_changes`).

use super::schema::users;
use super::{DbConnection, Result, columns};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use watchtape_shared::UserId;

/// Marks the account: a session, an API key or the account itself has ended. Every node checks its connections again.
pub(super) fn touch(connection: &mut DbConnection, id: &UserId) -> Result<()> {
    diesel::update(users::table.find(id.as_str()))
        .set(users::access_changed_at.eq(Some(columns::now())))
        .execute(connection)?;
    Ok(())
}

/// Accounts whose access has changed since then, each with the time of its last change; the latest `limit` of them.
pub fn changed_since(
    connection: &mut DbConnection,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(UserId, DateTime<Utc>)>> {
    let rows: Vec<(String, Option<NaiveDateTime>)> = users::table
        .filter(users::access_changed_at.gt(Some(since.naive_utc())))
        .order(users::access_changed_at.desc())
        .limit(limit)
        .select((users::id, users::access_changed_at))
        .load(connection)?;
    let changed = rows.into_iter().filter_map(|(id, at)| Some((id, at?)));
    changed.map(|(id, at)| Ok((columns::parse("users.id", &id)?, columns::utc(at)))).collect()
}
