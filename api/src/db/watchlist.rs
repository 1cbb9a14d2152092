//! Watchlists, always of one owner.
//!
//! Every change begins with [`lock`]: it counts the list's version up, which takes the row's lock on PostgreSQL, so
//! that changes of one list follow each other and a version names one state of it. What touches the owner's other lists
//! too begins with [`lock_among`], which takes the owner's row first: two such changes never wait for each other.

use super::schema::{watchlist_items, watchlists};
use super::{DbConnection, Error, Result, item, row, user};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::collections::HashMap;
use watchtape_shared::text::ListName;
use watchtape_shared::watchlist::{MAX_LISTS, Watchlist, WatchlistPatch, WatchlistSummary};
use watchtape_shared::{UserId, WatchlistId};

/// The versions that the caller is ready to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Whatever it is by now.
    Any,
    /// One of these.
    OneOf(Vec<u64>),
}

/// A list that is the caller's, locked until the end of the transaction. Only [`lock`] makes one, and [`Held::step`].
#[derive(Debug)]
pub struct Locked {
    id: WatchlistId,
    version: u64,
}

impl Locked {
    /// Which list.
    pub fn id(&self) -> &WatchlistId {
        &self.id
    }

    /// The version that this change brings the list to.
    pub fn version(&self) -> u64 {
        self.version
    }
}

/// A list that is the caller's, kept from changing until the end of the transaction, and not changed yet.
#[derive(Debug)]
pub struct Held {
    id: WatchlistId,
    version: u64,
}

impl Held {
    /// Which list.
    pub fn id(&self) -> &WatchlistId {
        &self.id
    }

    /// The version it is at.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Counts the list's version up for a change.
    pub fn step(self, connection: &mut DbConnection) -> Result<Locked> {
        let version = self.version + 1;
        let counted = i64::try_from(version).map_err(|_| Error::Corrupt(format!("a list is at version {version}")))?;
        diesel::update(watchlists::table.find(self.id.as_str()))
            .set((watchlists::version.eq(counted), watchlists::updated_at.eq(row::now())))
            .execute(connection)?;
        Ok(Locked { id: self.id, version })
    }
}

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
            id: row::parse("watchlists.id", &self.id)?,
            name: row::parse("watchlists.name", &self.name)?,
            position: row::unsigned("watchlists.position", self.position)?,
            version: row::unsigned("watchlists.version", self.version)?,
            item_count: row::unsigned("count of watchlist_items", item_count)?,
            created_at: row::utc(self.created_at),
            updated_at: row::utc(self.updated_at),
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

/// All lists of this owner, in the owner's order. Reads twice: within a snapshot.
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

/// One list of this owner with its items. Reads twice: within a snapshot, or with the list locked.
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

/// Makes a list at the end of the owner's lists.
pub fn create(connection: &mut DbConnection, owner: &UserId, id: &WatchlistId, name: &ListName) -> Result<Watchlist> {
    let now = row::now();
    // The owner's row is the lock under which lists are counted and placed.
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

/// Takes this owner's list for a change that moves its siblings too. Errors as [`lock`]'s.
pub fn lock_among(
    connection: &mut DbConnection,
    owner: &UserId,
    id: &WatchlistId,
    expected: &Expected,
) -> Result<Locked> {
    user::lock(connection, owner)?;
    lock(connection, owner, id, expected)
}

/// Takes this owner's list for a change. [`Error::NotFound`] where there is none of this owner,
/// [`Error::VersionMismatch`] where it has moved on.
pub fn lock(connection: &mut DbConnection, owner: &UserId, id: &WatchlistId, expected: &Expected) -> Result<Locked> {
    let mine = watchlists::table.filter(watchlists::user_id.eq(owner.as_str())).filter(watchlists::id.eq(id.as_str()));
    let changed = diesel::update(mine)
        .set((watchlists::version.eq(watchlists::version + 1), watchlists::updated_at.eq(row::now())))
        .execute(connection)?;
    if changed == 0 {
        return Err(Error::NotFound("watchlist"));
    }
    let version: i64 = watchlists::table.find(id.as_str()).select(watchlists::version).first(connection)?;
    let version: u64 = row::unsigned("watchlists.version", version)?;
    let current = version - 1;
    match expected {
        Expected::OneOf(versions) if !versions.contains(&current) => Err(Error::VersionMismatch { current }),
        _ => Ok(Locked { id: id.clone(), version }),
    }
}

/// Takes this owner's list for what may turn out to be no change. Errors as [`lock`]'s.
pub fn hold(connection: &mut DbConnection, owner: &UserId, id: &WatchlistId, expected: &Expected) -> Result<Held> {
    let mine = watchlists::table.filter(watchlists::user_id.eq(owner.as_str())).filter(watchlists::id.eq(id.as_str()));
    // Sets what is there already: for the row's lock alone.
    if diesel::update(mine).set(watchlists::version.eq(watchlists::version)).execute(connection)? == 0 {
        return Err(Error::NotFound("watchlist"));
    }
    let version: i64 = watchlists::table.find(id.as_str()).select(watchlists::version).first(connection)?;
    let current: u64 = row::unsigned("watchlists.version", version)?;
    match expected {
        Expected::OneOf(versions) if !versions.contains(&current) => Err(Error::VersionMismatch { current }),
        _ => Ok(Held { id: id.clone(), version: current }),
    }
}

/// Renames the list, or moves it among its owner's lists. Needs [`lock_among`].
pub fn change(connection: &mut DbConnection, owner: &UserId, list: &Locked, patch: &WatchlistPatch) -> Result<()> {
    if let Some(name) = &patch.name {
        diesel::update(watchlists::table.find(list.id.as_str()))
            .set(watchlists::name.eq(name.as_str()))
            .execute(connection)?;
    }
    if let Some(position) = patch.position {
        move_to(connection, owner, list, position)?;
    }
    Ok(())
}

fn move_to(connection: &mut DbConnection, owner: &UserId, list: &Locked, position: u32) -> Result<()> {
    let mut ids: Vec<String> = watchlists::table
        .filter(watchlists::user_id.eq(owner.as_str()))
        .order(watchlists::position)
        .select(watchlists::id)
        .load(connection)?;
    ids.retain(|id| id != list.id.as_str());
    ids.insert((position as usize).min(ids.len()), list.id.as_str().to_owned());
    for (position, id) in (0i32..).zip(&ids) {
        diesel::update(watchlists::table.find(id)).set(watchlists::position.eq(position)).execute(connection)?;
    }
    Ok(())
}

/// Deletes the list and its items. Needs [`lock_among`].
pub fn delete(connection: &mut DbConnection, owner: &UserId, list: &Locked) -> Result<()> {
    let position: i32 = watchlists::table.find(list.id.as_str()).select(watchlists::position).first(connection)?;
    diesel::delete(watchlists::table.find(list.id.as_str())).execute(connection)?;
    let behind =
        watchlists::table.filter(watchlists::user_id.eq(owner.as_str())).filter(watchlists::position.gt(position));
    diesel::update(behind).set(watchlists::position.eq(watchlists::position - 1)).execute(connection)?;
    Ok(())
}
