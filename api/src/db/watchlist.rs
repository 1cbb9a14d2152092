//! Watchlists of one owner. Every change begins with a lock of `list_lock`.

use super::list_lock::Locked;
use super::schema::{watchlist_items, watchlists};
use super::{DbConnection, Error, Result, columns, item, user};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::collections::HashMap;
use watchtape_shared::text::ListName;
use watchtape_shared::watchlist::{
    ContainingWatchlist, MAX_LISTS, Watchlist, WatchlistItem, WatchlistPatch, WatchlistSummary,
};
use watchtape_shared::{Symbol, UserId, WatchlistId};

#[derive(Queryable, Selectable)]
#[diesel(table_name = watchlists)]
struct Row {
    id: String,
    name: String,
    position: i32,
    version: i64,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl Row {
    fn into_summary(self, item_count: i64) -> Result<WatchlistSummary> {
        Ok(WatchlistSummary {
            id: columns::parse("watchlists.id", &self.id)?,
            name: columns::stored("watchlists.name", &self.name)?,
            position: columns::unsigned("watchlists.position", self.position)?,
            version: columns::unsigned("watchlists.version", self.version)?,
            item_count: columns::unsigned("count of watchlist_items", item_count)?,
            created_at: columns::utc(self.created_at),
            updated_at: columns::utc(self.updated_at),
        })
    }
}

#[derive(Insertable)]
#[diesel(table_name = watchlists)]
struct Insert<'a> {
    id: &'a str,
    user_id: &'a str,
    name: &'a str,
    position: i32,
    version: i64,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// All lists of this owner, in the owner's order. Two queries: call it in a snapshot.
pub fn list(connection: &mut DbConnection, owner: &UserId) -> Result<Vec<WatchlistSummary>> {
    let rows: Vec<Row> = watchlists::table
        .filter(watchlists::user_id.eq(owner.as_str()))
        .order(watchlists::position)
        .select(Row::as_select())
        .load(connection)?;
    let counts: HashMap<String, i64> = watchlist_items::table
        .inner_join(watchlists::table)
        .filter(watchlists::user_id.eq(owner.as_str()))
        .group_by(watchlist_items::watchlist_id)
        .select((watchlist_items::watchlist_id, diesel::dsl::count_star()))
        .load::<(String, i64)>(connection)?
        .into_iter()
        .collect();
    rows.into_iter()
        .map(|row| {
            let count = counts.get(&row.id).copied().unwrap_or_default();
            row.into_summary(count)
        })
        .collect()
}

/// The version of each of these lists that exists, whoever owns them.
pub fn versions(connection: &mut DbConnection, ids: &[WatchlistId]) -> Result<HashMap<WatchlistId, u64>> {
    let rows: Vec<(String, i64)> = watchlists::table
        .filter(watchlists::id.eq_any(ids.iter().map(WatchlistId::as_str)))
        .select((watchlists::id, watchlists::version))
        .load(connection)?;
    let version_of = |(id, version): (String, i64)| {
        Ok((columns::parse("watchlists.id", &id)?, columns::unsigned("watchlists.version", version)?))
    };
    rows.into_iter().map(version_of).collect()
}

/// The lists of this owner that contain a symbol, in the owner's order. Reads more than once: within a snapshot.
pub fn containing(connection: &mut DbConnection, owner: &UserId, symbol: Symbol) -> Result<Vec<ContainingWatchlist>> {
    let mut items: HashMap<String, WatchlistItem> =
        item::list_of_symbol(connection, owner, symbol)?.into_iter().collect();
    let lists = list(connection, owner)?.into_iter();
    let containing = lists.filter_map(|summary| {
        let item = items.remove(summary.id.as_str())?;
        Some(ContainingWatchlist { summary, item })
    });
    Ok(containing.collect())
}

/// One list of this owner with its items. Two queries: call it in a snapshot, or with the list locked.
/// [`Error::NotFound`] where this owner has no such list.
pub fn find(connection: &mut DbConnection, owner: &UserId, id: &WatchlistId) -> Result<Watchlist> {
    let row: Option<Row> = watchlists::table
        .filter(watchlists::user_id.eq(owner.as_str()))
        .filter(watchlists::id.eq(id.as_str()))
        .select(Row::as_select())
        .first(connection)
        .optional()?;
    let row = row.ok_or(Error::NotFound("watchlist"))?;
    let items = item::list(connection, id)?;
    Ok(Watchlist { summary: row.into_summary(i64::try_from(items.len()).unwrap_or(i64::MAX))?, items })
}

/// Creates a list at the end of the owner's lists. [`Error::TooManyLists`] or [`Error::ListNameTaken`].
pub fn create(connection: &mut DbConnection, owner: &UserId, id: &WatchlistId, name: &ListName) -> Result<Watchlist> {
    let now = columns::now();
    // Lists are counted, and their positions assigned, under the lock of the owner's row.
    user::lock(connection, owner)?;
    let position =
        watchlists::table.filter(watchlists::user_id.eq(owner.as_str())).count().get_result::<i64>(connection)?;
    let position = i32::try_from(position).ok().filter(|count| (*count as usize) < MAX_LISTS);
    let position = position.ok_or(Error::TooManyLists(MAX_LISTS))?;
    diesel::insert_into(watchlists::table)
        .values(Insert {
            id: id.as_str(),
            user_id: owner.as_str(),
            name: name.as_str(),
            position,
            version: 1,
            created_at: now,
            updated_at: now,
        })
        .execute(connection)?;
    find(connection, owner, id)
}

/// Renames the list, or moves it among its owner's lists; the name and the place that it has are no change. Returns the
/// other lists whose position that changed, each at a new version. The list is locked by [`lock_with_owner`](super::list_lock::lock_with_owner).
pub fn change(
    connection: &mut DbConnection,
    owner: &UserId,
    list: &mut Locked,
    patch: &WatchlistPatch,
) -> Result<Vec<WatchlistId>> {
    if let Some(name) = &patch.name {
        let held: String = watchlists::table.find(list.id().as_str()).select(watchlists::name).first(connection)?;
        if name.as_str() != held {
            list.count_change(connection)?;
            diesel::update(watchlists::table.find(list.id().as_str()))
                .set(watchlists::name.eq(name.as_str()))
                .execute(connection)?;
        }
    }
    let Some(position) = patch.position else { return Ok(Vec::new()) };
    let mut lists = positions(connection, owner)?;
    let own = lists.iter().position(|(id, _)| id == list.id()).ok_or(Error::NotFound("watchlist"))?;
    let moved = lists.remove(own);
    lists.insert((position as usize).min(lists.len()), moved);
    renumber(connection, list, &lists)
}

/// Deletes the list and its items. Returns the other lists whose position that changed, each at a new version. The list is
/// locked by [`lock_with_owner`](super::list_lock::lock_with_owner).
pub fn delete(connection: &mut DbConnection, owner: &UserId, list: &mut Locked) -> Result<Vec<WatchlistId>> {
    list.count_change(connection)?;
    diesel::delete(watchlists::table.find(list.id().as_str())).execute(connection)?;
    user::count_deleted_list(connection, owner, list.version())?;
    let lists = positions(connection, owner)?;
    renumber(connection, list, &lists)
}

/// The lists of this owner in the owner's order, each with its position.
fn positions(connection: &mut DbConnection, owner: &UserId) -> Result<Vec<(WatchlistId, i32)>> {
    let rows: Vec<(String, i32)> = watchlists::table
        .filter(watchlists::user_id.eq(owner.as_str()))
        .order(watchlists::position)
        .select((watchlists::id, watchlists::position))
        .load(connection)?;
    rows.into_iter().map(|(id, position)| Ok((columns::parse("watchlists.id", &id)?, position))).collect()
}

/// Gives the lists the positions 0, 1, 2, … A position is part of a list, so that each that changes is a new version of its
/// list. Returns the others than `changed`.
fn renumber(
    connection: &mut DbConnection,
    changed: &mut Locked,
    lists: &[(WatchlistId, i32)],
) -> Result<Vec<WatchlistId>> {
    let mut siblings = Vec::new();
    for (position, (id, _)) in (0i32..).zip(lists).filter(|(position, (_, was))| position != was) {
        let is_sibling = id != changed.id();
        if !is_sibling {
            changed.count_change(connection)?;
        }
        diesel::update(watchlists::table.find(id.as_str()))
            .set((
                watchlists::position.eq(position),
                watchlists::version.eq(watchlists::version + i64::from(is_sibling)),
            ))
            .execute(connection)?;
        if is_sibling {
            siblings.push(id.clone());
        }
    }
    Ok(siblings)
}
