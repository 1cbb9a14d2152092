//! Alerts of one owner. Whatever changes what is to be evaluated is noted in `alert_changes`.

use super::list_lock::Expected;
use super::schema::{alert_destinations, alerts, destinations};
use super::{DbConnection, Error, Result, alert_change, columns, user};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap};
use watchtape_shared::alert::{
    Alert, AlertPatch, AlertSession, AlertState, Condition, DEFAULT_REARM, Frequency, MIN_COOLDOWN_S, NewAlert,
};
use watchtape_shared::{AlertId, DestinationId, Patch, Percent, Symbol, UserId};

/// The phases of an alert, as `alerts.phase` has them.
pub mod phase {
    /// No price has been seen since it was armed.
    pub const FRESH: i32 = 0;
    /// It is watched for.
    pub const ARMED: i32 = 1;
    /// It has triggered, and waits for the price to go back.
    pub const DISARMED: i32 = 2;
}

#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = alerts)]
struct Row {
    id: String,
    symbol: String,
    condition: String,
    frequency: String,
    cooldown_s: Option<i32>,
    rearm: i32,
    session: String,
    expires_at: Option<NaiveDateTime>,
    note: Option<String>,
    state: String,
    version: i64,
    trigger_count: i32,
    last_triggered_at: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl Row {
    fn into_alert(self, destinations: Vec<DestinationId>) -> Result<Alert> {
        Ok(Alert {
            id: columns::parse("alerts.id", &self.id)?,
            symbol: columns::parse("alerts.symbol", &self.symbol)?,
            condition: condition_of("alerts.condition", &self.condition)?,
            frequency: columns::one_of("alerts.frequency", &self.frequency, &Frequency::ALL, Frequency::as_str)?,
            cooldown_s: self.cooldown_s.map(|seconds| columns::unsigned("alerts.cooldown_s", seconds)).transpose()?,
            rearm_percent: rearm_of(self.rearm)?,
            session: columns::one_of("alerts.session", &self.session, &AlertSession::ALL, AlertSession::as_str)?,
            expires_at: self.expires_at.map(columns::utc),
            note: columns::stored_optional("alerts.note", self.note.as_deref())?,
            destinations,
            state: state_of(&self.state)?,
            version: columns::unsigned("alerts.version", self.version)?,
            trigger_count: columns::unsigned("alerts.trigger_count", self.trigger_count)?,
            last_triggered_at: self.last_triggered_at.map(columns::utc),
            created_at: columns::utc(self.created_at),
            updated_at: columns::utc(self.updated_at),
        })
    }
}

/// What is watched for, of its column.
pub(super) fn condition_of(column: &'static str, text: &str) -> Result<Condition> {
    serde_json::from_str(text).map_err(|error| Error::Corrupt(format!("{column} holds {text:?}: {error}")))
}

/// Its column.
pub(super) fn condition_text(condition: &Condition) -> String {
    serde_json::to_string(condition).expect("a condition is plain data")
}

/// How far a price is to go back, of its column.
pub(super) fn rearm_of(millionths: i32) -> Result<Percent> {
    Percent::from_millionths(millionths).ok_or_else(|| Error::Corrupt(format!("alerts.rearm holds {millionths}")))
}

pub(super) fn state_of(text: &str) -> Result<AlertState> {
    columns::one_of("alerts.state", text, &AlertState::ALL, AlertState::as_str)
}

#[derive(Insertable)]
#[diesel(table_name = alerts, treat_none_as_default_value = false)]
struct Insert<'a> {
    id: &'a str,
    user_id: &'a str,
    symbol: &'a str,
    condition: &'a str,
    frequency: &'a str,
    cooldown_s: Option<i32>,
    rearm: i32,
    session: &'a str,
    expires_at: Option<NaiveDateTime>,
    note: Option<&'a str>,
    state: &'a str,
    version: i64,
    arming: i64,
    phase: i32,
    armed_at: NaiveDateTime,
    trigger_count: i32,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// Which alerts to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those in this state.
    pub state: Option<AlertState>,
    /// Those of this symbol.
    pub symbol: Option<Symbol>,
}

/// The `limit` newest alerts of this owner that are older than `before`, newest first. Two queries: call it in a snapshot.
pub fn list(
    connection: &mut DbConnection,
    owner: &UserId,
    filter: &Filter,
    before: Option<&AlertId>,
    limit: i64,
) -> Result<Vec<Alert>> {
    let mut query = alerts::table
        .filter(alerts::user_id.eq(owner.as_str()))
        .order(alerts::id.desc())
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(alerts::id.lt(before.as_str().to_owned()));
    }
    if let Some(state) = filter.state {
        query = query.filter(alerts::state.eq(state.as_str()));
    }
    if let Some(symbol) = filter.symbol {
        query = query.filter(alerts::symbol.eq(symbol.as_str().to_owned()));
    }
    let rows = query.load(connection)?;
    with_destinations(connection, rows)
}

fn with_destinations(connection: &mut DbConnection, rows: Vec<Row>) -> Result<Vec<Alert>> {
    let mut of_alert: HashMap<String, Vec<DestinationId>> = HashMap::new();
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let found: Vec<(String, String)> = alert_destinations::table
        .filter(alert_destinations::alert_id.eq_any(ids))
        .order(alert_destinations::destination_id)
        .select((alert_destinations::alert_id, alert_destinations::destination_id))
        .load(connection)?;
    for (alert, destination) in found {
        let id = columns::parse("alert_destinations.destination_id", &destination)?;
        of_alert.entry(alert).or_default().push(id);
    }
    rows.into_iter()
        .map(|row| {
            let destinations = of_alert.remove(&row.id).unwrap_or_default();
            row.into_alert(destinations)
        })
        .collect()
}

/// One alert of this owner. [`Error::NotFound`] where the owner has no such alert. Two queries: call it in a snapshot.
pub fn find(connection: &mut DbConnection, owner: &UserId, id: &AlertId) -> Result<Alert> {
    let row: Option<Row> = alerts::table
        .filter(alerts::user_id.eq(owner.as_str()))
        .filter(alerts::id.eq(id.as_str()))
        .select(Row::as_select())
        .first(connection)
        .optional()?;
    with_destinations(connection, row.into_iter().collect())?.pop().ok_or(Error::NotFound("alert"))
}

/// How many active alerts this owner has of each symbol that has any.
pub fn active_counts(connection: &mut DbConnection, owner: &UserId) -> Result<HashMap<Symbol, u32>> {
    let rows: Vec<(String, i64)> = alerts::table
        .filter(alerts::user_id.eq(owner.as_str()))
        .filter(alerts::state.eq(AlertState::Active.as_str()))
        .group_by(alerts::symbol)
        .select((alerts::symbol, diesel::dsl::count_star()))
        .load(connection)?;
    let count = |(symbol, count): (String, i64)| {
        Ok((columns::parse("alerts.symbol", &symbol)?, columns::unsigned("count of alerts", count)?))
    };
    rows.into_iter().map(count).collect()
}

/// An alert to be made, whose members have been checked.
#[derive(Clone, Debug)]
pub struct CheckedAlert {
    /// Its id.
    pub id: AlertId,
    /// Which security.
    pub symbol: Symbol,
    /// The rest of it; its `symbol` may be another spelling.
    pub new: NewAlert,
}

/// Makes alerts. [`Error::TooManyAlerts`] where the owner would have more than `most`, [`Error::UnknownDestination`] where a
/// destination is not the owner's.
pub fn create(
    connection: &mut DbConnection,
    owner: &UserId,
    checked: Vec<CheckedAlert>,
    most: usize,
) -> Result<Vec<Alert>> {
    user::lock(connection, owner)?;
    let count = alerts::table.filter(alerts::user_id.eq(owner.as_str())).count().get_result::<i64>(connection)?;
    let count: usize = columns::unsigned("count of alerts", count)?;
    if count + checked.len() > most {
        return Err(Error::TooManyAlerts(most));
    }
    let wanted: BTreeSet<&DestinationId> = checked.iter().flat_map(|alert| &alert.new.destinations).collect();
    require_own(connection, owner, &wanted)?;
    let created: Vec<Alert> =
        checked.into_iter().map(|alert| insert(connection, owner, alert)).collect::<Result<_>>()?;
    alert_change::note(connection, &created.iter().map(|alert| alert.id.as_str()).collect::<Vec<_>>())?;
    Ok(created)
}

fn insert(connection: &mut DbConnection, owner: &UserId, checked: CheckedAlert) -> Result<Alert> {
    let CheckedAlert { id, symbol, new } = checked;
    let (now, cooldown_s) = (columns::now(), cooldown(new.frequency, new.cooldown_s));
    let rearm_percent = new.rearm_percent.unwrap_or(DEFAULT_REARM);
    diesel::insert_into(alerts::table)
        .values(Insert {
            id: id.as_str(),
            user_id: owner.as_str(),
            symbol: symbol.as_str(),
            condition: &condition_text(&new.condition),
            frequency: new.frequency.as_str(),
            cooldown_s,
            rearm: rearm_percent.millionths(),
            session: new.session.as_str(),
            expires_at: new.expires_at.map(|at| at.naive_utc()),
            note: new.note.as_ref().map(|note| note.as_str()),
            state: AlertState::Active.as_str(),
            version: 1,
            arming: 1,
            phase: phase::FRESH,
            armed_at: now,
            trigger_count: 0,
            created_at: now,
            updated_at: now,
        })
        .execute(connection)?;
    let destinations: BTreeSet<DestinationId> = new.destinations.into_iter().collect();
    insert_destinations(connection, &id, &destinations)?;
    Ok(Alert {
        id,
        symbol,
        condition: new.condition,
        frequency: new.frequency,
        cooldown_s: cooldown_s.map(|seconds| columns::unsigned("alerts.cooldown_s", seconds)).transpose()?,
        rearm_percent,
        session: new.session,
        expires_at: new.expires_at,
        note: new.note,
        destinations: destinations.into_iter().collect(),
        state: AlertState::Active,
        version: 1,
        trigger_count: 0,
        last_triggered_at: None,
        created_at: columns::utc(now),
        updated_at: columns::utc(now),
    })
}

fn cooldown(frequency: Frequency, seconds: Option<u32>) -> Option<i32> {
    let seconds = seconds.unwrap_or(MIN_COOLDOWN_S);
    (frequency == Frequency::EveryTime).then(|| i32::try_from(seconds).unwrap_or(i32::MAX))
}

/// [`Error::UnknownDestination`] where one is not the owner's.
fn require_own(connection: &mut DbConnection, owner: &UserId, wanted: &BTreeSet<&DestinationId>) -> Result<()> {
    if wanted.is_empty() {
        return Ok(());
    }
    let mine: i64 = destinations::table
        .filter(destinations::user_id.eq(owner.as_str()))
        .filter(destinations::id.eq_any(wanted.iter().map(|id| id.as_str())))
        .count()
        .get_result(connection)?;
    if mine == wanted.len() as i64 { Ok(()) } else { Err(Error::UnknownDestination) }
}

fn insert_destinations(connection: &mut DbConnection, id: &AlertId, wanted: &BTreeSet<DestinationId>) -> Result<()> {
    for destination in wanted {
        diesel::insert_into(alert_destinations::table)
            .values((
                alert_destinations::alert_id.eq(id.as_str()),
                alert_destinations::destination_id.eq(destination.as_str()),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// Locks an alert of this owner for a change, and returns it. [`Error::NotFound`] where the owner has no such alert,
/// [`Error::VersionMismatch`] where it is at another version than expected.
fn lock(connection: &mut DbConnection, owner: &UserId, id: &AlertId, expected: &Expected) -> Result<Alert> {
    let mine = alerts::table.filter(alerts::user_id.eq(owner.as_str())).filter(alerts::id.eq(id.as_str()));
    // Sets the version to itself, for the row lock only.
    if diesel::update(mine).set(alerts::version.eq(alerts::version)).execute(connection)? == 0 {
        return Err(Error::NotFound("alert"));
    }
    let alert = find(connection, owner, id)?;
    match expected {
        Expected::OneOf(versions) if !versions.contains(&alert.version) => {
            Err(Error::VersionMismatch { current: alert.version })
        }
        _ => Ok(alert),
    }
}

/// Changes an alert of this owner by a patch whose members have been checked. Errors as those of `lock` and [`create`]; a change
/// that changes nothing is no new version.
pub fn change(
    connection: &mut DbConnection,
    owner: &UserId,
    id: &AlertId,
    expected: &Expected,
    patch: &AlertPatch,
) -> Result<Alert> {
    let before = lock(connection, owner, id, expected)?;
    let mut after = before.clone();
    after.condition = patch.condition.unwrap_or(before.condition);
    after.frequency = patch.frequency.unwrap_or(before.frequency);
    let cooldown_s = match patch.cooldown_s {
        Patch::Absent => before.cooldown_s,
        Patch::Null => None,
        Patch::Value(seconds) => Some(seconds),
    };
    after.cooldown_s = cooldown(after.frequency, cooldown_s).and_then(|seconds| u32::try_from(seconds).ok());
    after.rearm_percent = patch.rearm_percent.unwrap_or(before.rearm_percent);
    after.session = patch.session.unwrap_or(before.session);
    after.expires_at = patch.expires_at.into_change().unwrap_or(before.expires_at);
    after.note = patch.note.clone().into_change().unwrap_or_else(|| before.note.clone());
    if let Some(destinations) = &patch.destinations {
        after.destinations = destinations.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect();
    }
    if after == before {
        return Ok(before);
    }
    write(connection, owner, &before, &after)
}

/// Pauses an alert of this owner, or watches for it again. Errors as [`change`]. Resumed, it starts anew.
pub fn set_paused(
    connection: &mut DbConnection,
    owner: &UserId,
    id: &AlertId,
    expected: &Expected,
    paused: bool,
) -> Result<Alert> {
    lock(connection, owner, id, expected)?;
    set_paused_of_many(connection, owner, std::slice::from_ref(id), paused)?.pop().ok_or(Error::NotFound("alert"))
}

fn is_past(at: Option<DateTime<Utc>>) -> bool {
    at.is_some_and(|at| at.naive_utc() <= columns::now())
}

/// Writes what differs, as a new version. What decides when it triggers starts it anew.
fn write(connection: &mut DbConnection, owner: &UserId, before: &Alert, after: &Alert) -> Result<Alert> {
    let now = columns::now();
    let row = alerts::table.find(before.id.as_str());
    // An alert that gets more time is watched for again.
    let state = match after.state {
        AlertState::Expired if !is_past(after.expires_at) => AlertState::Active,
        state => state,
    };
    diesel::update(row)
        .set((
            alerts::condition.eq(condition_text(&after.condition)),
            alerts::frequency.eq(after.frequency.as_str()),
            alerts::cooldown_s.eq(cooldown(after.frequency, after.cooldown_s)),
            alerts::rearm.eq(after.rearm_percent.millionths()),
            alerts::session.eq(after.session.as_str()),
            alerts::expires_at.eq(after.expires_at.map(|at| at.naive_utc())),
            alerts::note.eq(after.note.as_ref().map(|note| note.as_str())),
            alerts::state.eq(state.as_str()),
            alerts::version.eq(alerts::version + 1),
            alerts::updated_at.eq(now),
        ))
        .execute(connection)?;
    let decides = |alert: &Alert, state| {
        (alert.condition, alert.frequency, alert.rearm_percent, alert.session, state == AlertState::Active)
    };
    if decides(before, before.state) != decides(after, state) {
        diesel::update(row)
            .set((alerts::arming.eq(alerts::arming + 1), alerts::phase.eq(phase::FRESH), alerts::armed_at.eq(now)))
            .execute(connection)?;
    }
    if before.destinations != after.destinations {
        let wanted: BTreeSet<DestinationId> = after.destinations.iter().cloned().collect();
        require_own(connection, owner, &wanted.iter().collect())?;
        diesel::delete(alert_destinations::table.filter(alert_destinations::alert_id.eq(before.id.as_str())))
            .execute(connection)?;
        insert_destinations(connection, &before.id, &wanted)?;
    }
    alert_change::note(connection, &[before.id.as_str()])?;
    find(connection, owner, &before.id)
}

/// Deletes an alert of this owner. Errors as [`change`].
pub fn delete(connection: &mut DbConnection, owner: &UserId, id: &AlertId, expected: &Expected) -> Result<()> {
    lock(connection, owner, id, expected)?;
    delete_many(connection, owner, std::slice::from_ref(id)).map(|_| ())
}

/// Pauses alerts of this owner, or watches for them again, in a few statements. Returns those that are there, in no order.
/// [`Error::AlertExpired`] where one that is to be resumed has expired.
pub fn set_paused_of_many(
    connection: &mut DbConnection,
    owner: &UserId,
    ids: &[AlertId],
    paused: bool,
) -> Result<Vec<Alert>> {
    let now = columns::now();
    let mine = alerts::table
        .filter(alerts::user_id.eq(owner.as_str()))
        .filter(alerts::id.eq_any(ids.iter().map(AlertId::as_str).collect::<Vec<_>>()));
    let expired = mine.clone().filter(alerts::state.eq(AlertState::Expired.as_str()));
    let over = expired.filter(alerts::expires_at.le(now)).count().get_result::<i64>(connection)?;
    if !paused && over > 0 {
        return Err(Error::AlertExpired);
    }
    let (from, to) = if paused {
        (&[AlertState::Active][..], AlertState::Paused)
    } else {
        (&[AlertState::Paused, AlertState::Triggered, AlertState::Expired][..], AlertState::Active)
    };
    let from: Vec<&str> = from.iter().map(|state| state.as_str()).collect();
    diesel::update(mine.clone().filter(alerts::state.eq_any(from)))
        .set((
            alerts::state.eq(to.as_str()),
            alerts::version.eq(alerts::version + 1),
            alerts::arming.eq(alerts::arming + 1),
            alerts::phase.eq(phase::FRESH),
            alerts::armed_at.eq(now),
            alerts::updated_at.eq(now),
        ))
        .execute(connection)?;
    let rows: Vec<Row> = mine.select(Row::as_select()).load(connection)?;
    alert_change::note(connection, &rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>())?;
    with_destinations(connection, rows)
}

/// Deletes alerts of this owner, in a few statements. Returns those that were there, in no order.
pub fn delete_many(connection: &mut DbConnection, owner: &UserId, ids: &[AlertId]) -> Result<Vec<AlertId>> {
    let mine = alerts::table
        .filter(alerts::user_id.eq(owner.as_str()))
        .filter(alerts::id.eq_any(ids.iter().map(AlertId::as_str).collect::<Vec<_>>()));
    let found: Vec<String> = mine.clone().select(alerts::id).load(connection)?;
    // Before they are gone, as it reads their symbols.
    alert_change::note(connection, &found)?;
    diesel::delete(mine).execute(connection)?;
    found.iter().map(|id| columns::parse("alerts.id", id)).collect()
}

/// Notes that all alerts of these owners are about to be deleted.
pub(super) fn note_deletion_of_all(connection: &mut DbConnection, owners: &[&str]) -> Result<()> {
    let theirs: Vec<String> =
        alerts::table.filter(alerts::user_id.eq_any(owners)).select(alerts::id).load(connection)?;
    alert_change::note(connection, &theirs)
}
