//! The lock of a watchlist, with which every change of it begins.
//!
//! [`lock`] increments the list's version, which takes the row's lock on PostgreSQL, so that changes of one list follow
//! each other and a version names one state of it. What touches the owner's other lists too begins with [`lock_among`],
//! which locks the owner's row first: two such changes never wait for each other.

use super::schema::watchlists;
use super::{DbConnection, Error, Result, columns, user};
use diesel::prelude::*;
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
            .set((watchlists::version.eq(counted), watchlists::updated_at.eq(columns::now())))
            .execute(connection)?;
        Ok(Locked { id: self.id, version })
    }
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

/// Takes this owner's list for what may turn out to be no change. Errors as [`lock`]'s.
pub fn hold(connection: &mut DbConnection, owner: &UserId, id: &WatchlistId, expected: &Expected) -> Result<Held> {
    let mine = watchlists::table.filter(watchlists::user_id.eq(owner.as_str())).filter(watchlists::id.eq(id.as_str()));
    // Sets what is there already: for the row's lock alone.
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
