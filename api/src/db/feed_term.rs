//! The number of the newest term, the time for which one node runs the feed. It only rises, unlike what Redis counts: that
//! may come back with an older state.

use super::schema::feed_terms;
use super::{DbConnection, Result};
use diesel::prelude::*;

/// The newest term that was counted; 0 before the first.
pub fn newest(connection: &mut DbConnection) -> Result<u64> {
    let counted: Option<i64> = feed_terms::table.find(1).select(feed_terms::term).first(connection).optional()?;
    Ok(counted.map_or(0, i64::unsigned_abs))
}

/// Counts a new term, which is above every counted one and above `known`.
pub fn next(connection: &mut DbConnection, known: u64) -> Result<u64> {
    let row = feed_terms::table.find(1);
    // First of all the row's lock: two nodes never count at once.
    if diesel::update(row).set(feed_terms::term.eq(feed_terms::term + 1)).execute(connection)? == 0 {
        let first = (feed_terms::id.eq(1), feed_terms::term.eq(1));
        diesel::insert_into(feed_terms::table).values(first).execute(connection)?;
    }
    let counted: i64 = row.select(feed_terms::term).first(connection)?;
    let beyond = i64::try_from(known).unwrap_or(i64::MAX - 1) + 1;
    if counted >= beyond {
        return Ok(counted.unsigned_abs());
    }
    diesel::update(row).set(feed_terms::term.eq(beyond)).execute(connection)?;
    Ok(beyond.unsigned_abs())
}
