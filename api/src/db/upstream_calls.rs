//! The number of calls to each upstream source, by day (UTC).
//!
//! Calls are reserved in blocks before they are made. A process that is killed loses the unused part of its block:
//! fewer calls are made on that day, never more.

use super::schema::upstream_days::dsl;
use super::{DbConnection, Result, columns};
use chrono::NaiveDate;
use diesel::prelude::*;

/// The result of a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reserved {
    /// Calls that may be made: as many as requested, or fewer where the limit is near.
    pub granted: u32,
    /// Calls of the day by all processes, these included.
    pub calls: u64,
}

/// The calls reserved so far on a day.
pub fn calls_on(connection: &mut DbConnection, source: &str, day: NaiveDate) -> Result<u64> {
    let calls = dsl::upstream_days.find((source, day)).select(dsl::calls).first::<i64>(connection).optional()?;
    columns::unsigned("upstream_days.calls", calls.unwrap_or(0))
}

/// Reserves up to `calls` calls on a day with at most `limit` of them; `None`: no limit. Needs a write transaction: its
/// first statement locks the row, so that concurrent reservations cannot exceed the limit.
pub fn reserve(
    connection: &mut DbConnection,
    source: &str,
    day: NaiveDate,
    calls: u32,
    limit: Option<u32>,
) -> Result<Reserved> {
    let row = dsl::upstream_days.find((source, day));
    // Queries for both databases have no ON CONFLICT. Where two insert the first row of a day, one fails and its caller
    // tries again.
    if diesel::update(row).set(dsl::calls.eq(dsl::calls)).execute(connection)? == 0 {
        let first = (dsl::source.eq(source), dsl::day.eq(day), dsl::calls.eq(0_i64));
        diesel::insert_into(dsl::upstream_days).values(first).execute(connection)?;
    }
    let before = calls_on(connection, source, day)?;
    let left = limit.map_or(u64::MAX, |limit| u64::from(limit).saturating_sub(before));
    let granted = u32::try_from(left).unwrap_or(u32::MAX).min(calls);
    diesel::update(row).set(dsl::calls.eq(dsl::calls + i64::from(granted))).execute(connection)?;
    Ok(Reserved { granted, calls: before + u64::from(granted) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::DatabaseUrl;
    use crate::db::Db;

    #[actix_web::test]
    async fn no_more_is_granted_than_the_day_has_whoever_asks() {
        let directory = tempfile::tempdir().expect("a directory");
        let url = DatabaseUrl::Sqlite(directory.path().join("watchtape.db"));
        let day = NaiveDate::from_ymd_opt(2026, 11, 22).expect("a day");
        let next_day = day.succ_opt().expect("a day");
        let mut granted = 0;
        for _ in 0..3 {
            // Opened anew each time, as after a kill.
            let db = Db::open(&url).expect("a database");
            let reserve = |day, calls, limit| {
                let db = db.clone();
                async move { db.write(move |connection| reserve(connection, "fake", day, calls, limit)).await }
            };
            let (one, two) = tokio::join!(reserve(day, 10, Some(25)), reserve(day, 1, Some(25)));
            granted += one.expect("a grant").granted + two.expect("a grant").granted;
            let other = db.write(move |connection| super::reserve(connection, "other", day, 5, None)).await;
            assert_eq!(other.expect("a grant").granted, 5, "another source has its own");
        }
        assert_eq!(granted, 25);
        let db = Db::open(&url).expect("a database");
        assert_eq!(db.read(move |connection| calls_on(connection, "fake", day)).await.expect("a count"), 25);
        assert_eq!(db.read(move |connection| calls_on(connection, "fake", next_day)).await.expect("a count"), 0);
        let tomorrow = db.write(move |connection| reserve(connection, "fake", next_day, 10, Some(25))).await;
        assert_eq!(tomorrow.expect("a grant"), Reserved { granted: 10, calls: 10 });
    }
}
