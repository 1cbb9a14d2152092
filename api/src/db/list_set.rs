//! The set of an account's lists, without their items, and its version.
//!
//! The version is the sum of all versions of lists, those of deleted lists included: every change of a list raises it, and so do
//! making and deleting one. It needs no row of its own that each change of an item would have to lock.

use super::schema::{users, watchlists};
use super::{DbConnection, Error, Result, columns, watchlist};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use std::collections::HashMap;
use watchtape_shared::UserId;
use watchtape_shared::watchlist::WatchlistSummary;

/// The version of the set; 1 for an account that never had a list.
const VERSION: &str = "CAST(1 + users.deleted_list_versions + COALESCE(SUM(watchlists.version), 0) AS BIGINT)";

/// The set of an account's lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListSet {
    /// Rises with every change of any of them.
    pub version: u64,
    /// The lists, in their owner's order.
    pub lists: Vec<WatchlistSummary>,
}

/// The lists of this owner. Several queries: call it in a snapshot. [`Error::NotFound`] where there is no such account.
pub fn find(connection: &mut DbConnection, owner: &UserId) -> Result<ListSet> {
    let version = versions(connection, std::slice::from_ref(owner))?.remove(owner).ok_or(Error::NotFound("account"))?;
    Ok(ListSet { version, lists: watchlist::list(connection, owner)? })
}

/// The version of the set of each of these accounts that exists.
pub fn versions(connection: &mut DbConnection, owners: &[UserId]) -> Result<HashMap<UserId, u64>> {
    let rows: Vec<(String, i64)> = users::table
        .left_join(watchlists::table)
        .filter(users::id.eq_any(owners.iter().map(UserId::as_str)))
        .group_by((users::id, users::deleted_list_versions))
        .select((users::id, sql::<BigInt>(VERSION)))
        .load(connection)?;
    let version_of = |(owner, version): (String, i64)| {
        Ok((columns::parse("users.id", &owner)?, columns::unsigned("version of a set of lists", version)?))
    };
    rows.into_iter().map(version_of).collect()
}
