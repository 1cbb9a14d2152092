//! Notes of the alerts that were made, changed or deleted lately, for the node that evaluates them.

use super::schema::{alert_changes, alerts};
use super::{DbConnection, Result, SWEEP_PORTION, columns};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use watchtape_shared::{AlertId, Symbol};

/// How long a change is noted: much longer than a node takes to read it.
const LIFETIME: TimeDelta = TimeDelta::days(1);
/// Alerts of one statement: both databases bound its parameters.
const PORTION: usize = 10_000;

/// A note that an alert was made, changed or deleted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Change {
    /// The alert.
    pub id: AlertId,
    /// Its security.
    pub symbol: Symbol,
    /// When.
    pub changed_at: NaiveDateTime,
}

/// The first `limit` notes of changes since a time that are after another one, by time and id.
pub fn list(
    connection: &mut DbConnection,
    since: DateTime<Utc>,
    after: Option<&Change>,
    limit: i64,
) -> Result<Vec<Change>> {
    let mut query = alert_changes::table
        .filter(alert_changes::changed_at.ge(since.naive_utc()))
        .order((alert_changes::changed_at, alert_changes::alert_id))
        .limit(limit)
        .select((alert_changes::alert_id, alert_changes::symbol, alert_changes::changed_at))
        .into_boxed();
    if let Some(Change { id, changed_at, .. }) = after {
        let same_time =
            alert_changes::changed_at.eq(*changed_at).and(alert_changes::alert_id.gt(id.as_str().to_owned()));
        query = query.filter(alert_changes::changed_at.gt(*changed_at).or(same_time));
    }
    let rows: Vec<(String, String, NaiveDateTime)> = query.load(connection)?;
    rows.into_iter()
        .map(|(id, symbol, changed_at)| {
            let id = columns::parse("alert_changes.alert_id", &id)?;
            Ok(Change { id, symbol: columns::parse("alert_changes.symbol", &symbol)?, changed_at })
        })
        .collect()
}

/// Notes that these alerts were made or changed, or are about to be deleted: of those that are there.
pub(super) fn note(connection: &mut DbConnection, ids: &[impl AsRef<str>]) -> Result<()> {
    for portion in ids.chunks(PORTION) {
        let ids: Vec<&str> = portion.iter().map(AsRef::as_ref).collect();
        diesel::delete(alert_changes::table.filter(alert_changes::alert_id.eq_any(&ids))).execute(connection)?;
        let now = columns::now().into_sql::<diesel::sql_types::Timestamp>();
        alerts::table
            .filter(alerts::id.eq_any(ids))
            .select((alerts::id, alerts::symbol, now))
            .insert_into(alert_changes::table)
            .into_columns((alert_changes::alert_id, alert_changes::symbol, alert_changes::changed_at))
            .execute(connection)?;
    }
    Ok(())
}

/// Deletes a portion of those that are too old.
pub(super) fn sweep(connection: &mut DbConnection) -> Result<usize> {
    let too_old: Vec<String> = alert_changes::table
        .filter(alert_changes::changed_at.lt(columns::now() - LIFETIME))
        .limit(SWEEP_PORTION)
        .select(alert_changes::alert_id)
        .load(connection)?;
    Ok(diesel::delete(alert_changes::table.filter(alert_changes::alert_id.eq_any(too_old))).execute(connection)?)
}
