//! Triggers of alerts. They are written with the disarming of their alert and with what is to be sent of them.

use super::insert_rows::insert_rows;
use super::schema::alert_events;
use super::{DbConnection, Result, SWEEP_PORTION, alert, columns};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use std::ops::Range;
use watchtape_shared::alert::AlertEvent;
use watchtape_shared::quote::Mode;
use watchtape_shared::{AlertEventId, Price, UserId};

/// How long a trigger is kept.
const RETENTION: TimeDelta = TimeDelta::days(365);

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = alert_events, treat_none_as_default_value = false)]
struct Row {
    id: String,
    user_id: String,
    alert_id: String,
    symbol: String,
    condition: String,
    note: Option<String>,
    price: Option<i64>,
    previous_price: Option<i64>,
    as_of: NaiveDateTime,
    source: String,
    mode: String,
    triggered_at: NaiveDateTime,
    late_s: Option<i32>,
}

impl Row {
    fn into_event(self) -> Result<AlertEvent> {
        Ok(AlertEvent {
            id: columns::parse("alert_events.id", &self.id)?,
            alert_id: columns::parse("alert_events.alert_id", &self.alert_id)?,
            symbol: columns::parse("alert_events.symbol", &self.symbol)?,
            condition: alert::condition_of("alert_events.condition", &self.condition)?,
            note: columns::stored_optional("alert_events.note", self.note.as_deref())?,
            price: self.price.map(|price| columns::price("alert_events.price", price)).transpose()?,
            previous_price: self
                .previous_price
                .map(|price| columns::price("alert_events.previous_price", price))
                .transpose()?,
            as_of: columns::utc(self.as_of),
            source: self.source,
            mode: columns::one_of("alert_events.mode", &self.mode, &Mode::ALL, Mode::as_str)?,
            triggered_at: columns::utc(self.triggered_at),
            late_s: self.late_s.map(|seconds| columns::unsigned("alert_events.late_s", seconds)).transpose()?,
        })
    }
}

/// Inserts a trigger of an alert of this owner.
pub fn insert(connection: &mut DbConnection, owner: &UserId, event: &AlertEvent) -> Result<()> {
    insert_all(connection, &[(owner, event)])
}

/// Inserts triggers, each with its owner.
pub fn insert_all(connection: &mut DbConnection, events: &[(&UserId, &AlertEvent)]) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    let rows: Vec<Row> = events.iter().map(|(owner, event)| row_of(owner, event)).collect();
    insert_rows!(connection, alert_events::table, rows)?;
    Ok(())
}

fn row_of(owner: &UserId, event: &AlertEvent) -> Row {
    Row {
        id: event.id.as_str().to_owned(),
        user_id: owner.as_str().to_owned(),
        alert_id: event.alert_id.as_str().to_owned(),
        symbol: event.symbol.as_str().to_owned(),
        condition: alert::condition_text(&event.condition),
        note: event.note.as_ref().map(|note| note.as_str().to_owned()),
        price: event.price.map(Price::micros),
        previous_price: event.previous_price.map(Price::micros),
        as_of: event.as_of.naive_utc(),
        source: event.source.clone(),
        mode: event.mode.as_str().to_owned(),
        triggered_at: event.triggered_at.naive_utc(),
        late_s: event.late_s.map(|seconds| i32::try_from(seconds).unwrap_or(i32::MAX)),
    }
}

/// Those of these triggers that are stored, with their owners.
pub fn find(connection: &mut DbConnection, ids: &[AlertEventId]) -> Result<Vec<(UserId, AlertEvent)>> {
    let rows: Vec<Row> = alert_events::table
        .filter(alert_events::id.eq_any(ids.iter().map(AlertEventId::as_str)))
        .select(Row::as_select())
        .load(connection)?;
    rows.into_iter().map(|row| Ok((columns::parse("alert_events.user_id", &row.user_id)?, row.into_event()?))).collect()
}

/// The `limit` newest triggers of this owner that are older than `before`, newest first.
pub fn list(
    connection: &mut DbConnection,
    owner: &UserId,
    before: Option<&AlertEventId>,
    limit: i64,
) -> Result<Vec<AlertEvent>> {
    let mut query = alert_events::table
        .filter(alert_events::user_id.eq(owner.as_str()))
        .order(alert_events::id.desc())
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(alert_events::id.lt(before.as_str().to_owned()));
    }
    let rows = query.load(connection)?;
    rows.into_iter().map(Row::into_event).collect()
}

/// The triggers of these owners that were seen at this time, each with its owner.
pub fn within(
    connection: &mut DbConnection,
    owners: &[UserId],
    seen: &Range<DateTime<Utc>>,
) -> Result<Vec<(UserId, AlertEvent)>> {
    let rows: Vec<Row> = alert_events::table
        .filter(alert_events::triggered_at.ge(seen.start.naive_utc()))
        .filter(alert_events::triggered_at.lt(seen.end.naive_utc()))
        .filter(alert_events::user_id.eq_any(owners.iter().map(UserId::as_str)))
        .order(alert_events::id)
        .select(Row::as_select())
        .load(connection)?;
    let owned = |row: Row| Ok((columns::parse("alert_events.user_id", &row.user_id)?, row.into_event()?));
    rows.into_iter().map(owned).collect()
}

/// Deletes a portion of those that are too old.
pub(super) fn sweep(connection: &mut DbConnection) -> Result<usize> {
    let too_old: Vec<String> = alert_events::table
        .filter(alert_events::triggered_at.lt(columns::now() - RETENTION))
        .limit(SWEEP_PORTION)
        .select(alert_events::id)
        .load(connection)?;
    Ok(diesel::delete(alert_events::table.filter(alert_events::id.eq_any(too_old))).execute(connection)?)
}
