//! Until when prices were compared with alerts, by whichever node: what a trigger after a gap may be late by.

use super::schema::alert_evaluation::dsl;
use super::{DbConnection, Result, columns};
use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use diesel::prelude::*;

const ROW: i32 = 1;

/// Until when; `None` before the first time.
pub fn until(connection: &mut DbConnection) -> Result<Option<DateTime<Utc>>> {
    let until: Option<NaiveDateTime> =
        dsl::alert_evaluation.find(ROW).select(dsl::evaluated_until).first(connection).optional()?;
    Ok(until.map(columns::utc))
}

/// Notes that prices were compared until then.
pub fn note(connection: &mut DbConnection, until: DateTime<Utc>) -> Result<()> {
    let until = dsl::evaluated_until.eq(until.naive_utc().trunc_subsecs(6));
    if diesel::update(dsl::alert_evaluation.find(ROW)).set(until).execute(connection)? == 0 {
        diesel::insert_into(dsl::alert_evaluation).values((dsl::id.eq(ROW), until)).execute(connection)?;
    }
    Ok(())
}
