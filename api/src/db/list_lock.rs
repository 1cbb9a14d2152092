//! The lock of a watchlist, with which every change of it begins.
//!
//! [`lock`] takes the row lock on PostgreSQL: changes of one list are serialised. What a change writes first counts it
//! ([`Locked::count_change`]), so that a version identifies one state of the list, and what changes nothing is no new version.
//! A change that also affects the owner's other lists begins with [`lock_with_owner`], which locks the owner's row first, so
//! that two of them never deadlock.

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

/// A list of the caller's, locked until the end of the transaction. Only [`lock`] and [`lock_with_owner`] create one.
#[derive(Debug)]
pub struct Locked {
    id: WatchlistId,
    version: u64,
    is_changed: bool,
}

impl Locked {
    /// The id of the list.
    pub fn id(&self) -> &WatchlistId {
        &self.id
    }

    /// The current version: a new one once a change is counted.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether a change was counted.
    pub fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// Increments the list's version, once for all changes of a transaction. To be called before anything of it is written.
    pub fn count_change(&mut self, connection: &mut DbConnection) -> Result<()> {
        if self.is_changed {
            return Ok(());
        }
        let version = self.version + 1;
        let counted = i64::try_from(version).map_err(|_| Error::Corrupt(format!("a list is at version {version}")))?;
        diesel::update(watchlists::table.find(self.id.as_str()))
            .set((watchlists::version.eq(counted), watchlists::updated_at.eq(columns::now())))
            .execute(connection)?;
        (self.version, self.is_changed) = (version, true);
        Ok(())
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
    // Sets the version to itself, for the row lock only.
    if diesel::update(mine).set(watchlists::version.eq(watchlists::version)).execute(connection)? == 0 {
        return Err(Error::NotFound("watchlist"));
    }
    let version: i64 = watchlists::table.find(id.as_str()).select(watchlists::version).first(connection)?;
    let current: u64 = columns::unsigned("watchlists.version", version)?;
    match expected {
        Expected::OneOf(versions) if !versions.contains(&current) => Err(Error::VersionMismatch { current }),
        _ => Ok(Locked { id: id.clone(), version: current, is_changed: false }),
    }
}
