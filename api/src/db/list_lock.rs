//! The lock of a watchlist, with which every change of it begins.
//!
//! [`lock`] increments the list's version, which takes the row lock on PostgreSQL: changes of one list are serialised,
//! and a version identifies one state of it. A change that also affects the owner's other lists begins with
//! [`lock_with_owner`], which locks the owner's row first, so that two of them never deadlock.

use super::schema::watchlists;
use super::{DbConnection, Error, Result, columns, user};
use diesel::prelude::*;
use watchtape_shared::{UserId, WatchlistId};

/// The versions that the caller accepts (`If-Match`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Any version.
    Any,
    /// One of these.
    OneOf(Vec<u64>),
}

/// A list of the caller's, locked until the end of the transaction, with its version incremented. Only [`lock`],
/// [`lock_with_owner`] and [`Held::increment_version`] create one.
#[derive(Debug)]
pub struct Locked {
    id: WatchlistId,
    version: u64,
}

impl Locked {
    /// The id of the list.
    pub fn id(&self) -> &WatchlistId {
        &self.id
    }

    /// The version after this change.
    pub fn version(&self) -> u64 {
        self.version
    }
}

/// A list of the caller's, locked until the end of the transaction, with its version not incremented yet.
#[derive(Debug)]
pub struct Held {
    id: WatchlistId,
    version: u64,
}

impl Held {
    /// The id of the list.
    pub fn id(&self) -> &WatchlistId {
        &self.id
    }

    /// The current version.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Increments the list's version for a change.
    pub fn increment_version(self, connection: &mut DbConnection) -> Result<Locked> {
        let version = self.version + 1;
        let counted = i64::try_from(version).map_err(|_| Error::Corrupt(format!("a list is at version {version}")))?;
        diesel::update(watchlists::table.find(self.id.as_str()))
            .set((watchlists::version.eq(counted), watchlists::updated_at.eq(columns::now())))
            .execute(connection)?;
        Ok(Locked { id: self.id, version })
    }
}

/// Locks this owner's list for a change that moves the owner's other lists too. Errors as [`lock`].
pub fn lock_with_owner(
    connection: &mut DbConnection,
    owner: &UserId,
    id: &WatchlistId,
    expected: &Expected,
) -> Result<Locked> {
    user::lock(connection, owner)?;
    lock(connection, owner, id, expected)
}

/// Locks this owner's list for a change. [`Error::NotFound`] where this owner has no such list,
/// [`Error::VersionMismatch`] where it is at another version.
pub fn lock(connection: &mut DbConnection, owner: &UserId, id: &WatchlistId, expected: &Expected) -> Result<Locked> {
    let mine = watchlists::table.filter(watchlists::user_id.eq(owner.as_str())).filter(watchlists::id.eq(id.as_str()));
    let changed = diesel::update(mine)
        .set((watchlists::version.eq(watchlists::version + 1), watchlists::updated_at.eq(columns::now())))
        .execute(connection)?;
    if changed == 0 {
        return Err(Error::NotFound("watchlist"));
    }
    let version: i64 = watchlists::table.find(id.as_str()).select(watchlists::version).first(connection)?;
    let version: u64 = columns::unsigned("watchlists.version", version)?;
    let current = version - 1;
    match expected {
        Expected::OneOf(versions) if !versions.contains(&current) => Err(Error::VersionMismatch { current }),
        _ => Ok(Locked { id: id.clone(), version }),
    }
}

/// Locks this owner's list for what may turn out to be no change. Errors as [`lock`].
pub fn hold(connection: &mut DbConnection, owner: &UserId, id: &WatchlistId, expected: &Expected) -> Result<Held> {
    let mine = watchlists::table.filter(watchlists::user_id.eq(owner.as_str())).filter(watchlists::id.eq(id.as_str()));
    // Sets the version to itself, for the row lock only.
    if diesel::update(mine).set(watchlists::version.eq(watchlists::version)).execute(connection)? == 0 {
        return Err(Error::NotFound("watchlist"));
    }
    let version: i64 = watchlists::table.find(id.as_str()).select(watchlists::version).first(connection)?;
    let current: u64 = columns::unsigned("watchlists.version", version)?;
    match expected {
        Expected::OneOf(versions) if !versions.contains(&current) => Err(Error::VersionMismatch { current }),
        _ => Ok(Held { id: id.clone(), version: current }),
    }
}
