//! Alerts of all owners, for the node that evaluates them: which are active, and what their triggers write.
//!
//! A trigger is conditional on the alert's arming number, which it raises: two nodes never store the same one.

use super::alert_value::StoredValue;
use super::schema::alerts;
use super::{DbConnection, Error, Result, alert, alert_change, alert_event, alert_value, columns, delivery};
use chrono::{DateTime, NaiveDate, NaiveDateTime, SubsecRound, Utc};
use diesel::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use watchtape_shared::alert::{AlertEvent, AlertSession, AlertState, Condition, Frequency};
use watchtape_shared::quote::Mode;
use watchtape_shared::text::Note;
use watchtape_shared::{AlertEventId, AlertId, Percent, Price, Symbol, UserId};

/// An active alert, as far as it is evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedAlert {
    /// Names the alert.
    pub id: AlertId,
    /// Which security.
    pub symbol: Symbol,
    /// What it watches for.
    pub condition: Condition,
    /// How often it triggers.
    pub frequency: Frequency,
    /// The least seconds between two triggers; 0 unless it triggers every time.
    pub cooldown_s: u32,
    /// How far the price goes back before it is watched for again.
    pub rearm: Percent,
    /// Which prices count.
    pub session: AlertSession,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// Its version.
    pub version: u32,
    /// Its arming number.
    pub arming: u32,
    /// Its phase, of [`alert::phase`].
    pub phase: i32,
    /// Prices that were seen before do not count.
    pub armed_at: DateTime<Utc>,
    /// The trading day of the last trigger.
    pub last_trigger_day: Option<NaiveDate>,
    /// When the price of the last trigger was made.
    pub last_trigger_as_of: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable)]
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
    state: String,
    version: i64,
    arming: i64,
    phase: i32,
    armed_at: NaiveDateTime,
    last_trigger_day: Option<NaiveDate>,
    last_trigger_as_of: Option<NaiveDateTime>,
}

impl Row {
    fn into_watched(self) -> Result<WatchedAlert> {
        Ok(WatchedAlert {
            id: columns::parse("alerts.id", &self.id)?,
            symbol: columns::parse("alerts.symbol", &self.symbol)?,
            condition: alert::condition_of("alerts.condition", &self.condition)?,
            frequency: columns::one_of("alerts.frequency", &self.frequency, &Frequency::ALL, Frequency::as_str)?,
            cooldown_s: columns::unsigned("alerts.cooldown_s", self.cooldown_s.unwrap_or(0))?,
            rearm: alert::rearm_of(self.rearm)?,
            session: columns::one_of("alerts.session", &self.session, &AlertSession::ALL, AlertSession::as_str)?,
            expires_at: self.expires_at.map(columns::utc),
            version: columns::unsigned("alerts.version", self.version)?,
            arming: columns::unsigned("alerts.arming", self.arming)?,
            phase: self.phase,
            armed_at: columns::utc(self.armed_at),
            last_trigger_day: self.last_trigger_day,
            last_trigger_as_of: self.last_trigger_as_of.map(columns::utc),
        })
    }
}

/// A portion of the active alerts, in the order of their ids.
pub struct Portion {
    /// The alerts.
    pub alerts: Vec<WatchedAlert>,
    /// What could not be read. It holds up none of the others.
    pub errors: Vec<Error>,
    /// The last id that was looked at; `None` at the end.
    pub last: Option<String>,
}

impl Portion {
    /// The active ones of these rows.
    fn of(rows: Vec<Row>, last: Option<String>) -> Self {
        let mut portion = Self { alerts: Vec::with_capacity(rows.len()), errors: Vec::new(), last };
        for row in rows.into_iter().filter(|row| row.state == AlertState::Active.as_str()) {
            match row.into_watched() {
                Ok(alert) => portion.alerts.push(alert),
                Err(error) => portion.errors.push(error),
            }
        }
        portion
    }
}

/// The active ones among the next `limit` alerts after this id.
pub fn list_active(connection: &mut DbConnection, after: Option<&str>, limit: i64) -> Result<Portion> {
    // The state is looked at here: with a condition on it a database may choose its index, and sort all of them each time.
    let mut query = alerts::table.order(alerts::id).limit(limit).select(Row::as_select()).into_boxed();
    if let Some(after) = after {
        query = query.filter(alerts::id.gt(after.to_owned()));
    }
    let rows: Vec<Row> = query.load(connection)?;
    let last = rows.last().filter(|_| rows.len() as i64 == limit).map(|row| row.id.clone());
    Ok(Portion::of(rows, last))
}

/// These alerts, as far as they are active. Of what cannot be read the error is told.
pub fn find_active(connection: &mut DbConnection, ids: &[AlertId]) -> Result<Portion> {
    let rows: Vec<Row> = alerts::table
        .filter(alerts::id.eq_any(ids.iter().map(AlertId::as_str)))
        .select(Row::as_select())
        .load(connection)?;
    Ok(Portion::of(rows, None))
}

/// A trigger that is to be stored.
#[derive(Clone, Debug)]
pub struct NewTrigger {
    /// Names the trigger.
    pub event_id: AlertEventId,
    /// The alert.
    pub alert_id: AlertId,
    /// The arming number that it has to have.
    pub arming: u32,
    /// Whether it is done then.
    pub is_last: bool,
    /// Its security.
    pub symbol: Symbol,
    /// The price that met the condition.
    pub price: Option<Price>,
    /// The price before.
    pub previous_price: Option<Price>,
    /// When the price was made.
    pub as_of: DateTime<Utc>,
    /// When it was seen: prices seen before do not arm the alert again.
    pub seen_at: DateTime<Utc>,
    /// Its trading day.
    pub day: NaiveDate,
    /// Where it is from.
    pub source: String,
    /// How its source comes to it.
    pub mode: Mode,
    /// The most seconds by which it is late.
    pub late_s: Option<u32>,
}

/// A trigger that was stored.
#[derive(Clone, Debug)]
pub struct StoredTrigger {
    /// The alert's owner.
    pub owner: UserId,
    /// The trigger.
    pub event: Arc<AlertEvent>,
    /// The alert's version now.
    pub version: u32,
    /// To how many destinations it is sent.
    pub deliveries: usize,
}

/// What an alert has to be for its trigger.
type Found = (String, String, i64, i64, String, String, String, Option<String>);

/// Stores triggers, each of another alert, with the disarming of their alerts, what is to be sent of them, and the values that
/// they were compared with. To be called in a write transaction. A trigger whose alert has changed or has been stored by
/// another node is left out.
pub fn store_triggers(
    connection: &mut DbConnection,
    triggers: &[NewTrigger],
    values: &[StoredValue],
) -> Result<Vec<StoredTrigger>> {
    let of_alert: HashMap<&str, &NewTrigger> =
        triggers.iter().map(|trigger| (trigger.alert_id.as_str(), trigger)).collect();
    let ids: Vec<&str> = triggers.iter().map(|trigger| trigger.alert_id.as_str()).collect();
    // Sets the version to itself, for the row locks only.
    diesel::update(alerts::table.filter(alerts::id.eq_any(&ids)))
        .set(alerts::version.eq(alerts::version))
        .execute(connection)?;
    let found: Vec<Found> = alerts::table
        .filter(alerts::id.eq_any(&ids))
        .filter(alerts::state.eq(AlertState::Active.as_str()))
        .order(alerts::id)
        .select((
            alerts::id,
            alerts::user_id,
            alerts::arming,
            alerts::version,
            alerts::frequency,
            alerts::symbol,
            alerts::condition,
            alerts::note,
        ))
        .load(connection)?;
    let (mut stored, mut groups) = (Vec::with_capacity(found.len()), BTreeMap::<_, Vec<&str>>::new());
    for (id, user_id, arming, version, frequency, _, condition, note) in found {
        let Some(trigger) = of_alert.get(id.as_str()).filter(|trigger| i64::from(trigger.arming) == arming) else {
            continue;
        };
        let paced_by = (frequency == Frequency::EveryTime.as_str()).then(|| trigger.as_of.naive_utc());
        let seen_at = trigger.seen_at.naive_utc().trunc_subsecs(6);
        groups
            .entry((arming, trigger.is_last, trigger.day, seen_at, paced_by))
            .or_default()
            .push(trigger.alert_id.as_str());
        let event = event_of(trigger, &condition, note.as_deref())?;
        let owner: UserId = columns::parse("alerts.user_id", &user_id)?;
        let version = columns::unsigned("alerts.version", version + 1)?;
        stored.push(StoredTrigger { owner, event: Arc::new(event), version, deliveries: 0 });
    }
    // Alerts of one round mostly differ in nothing that is written of them.
    let now = columns::now();
    for ((arming, is_last, day, seen_at, as_of), ids) in groups {
        let state = if is_last { AlertState::Triggered } else { AlertState::Active };
        diesel::update(alerts::table.filter(alerts::id.eq_any(ids)))
            .set((
                alerts::arming.eq(arming + 1),
                alerts::phase.eq(alert::phase::DISARMED),
                alerts::armed_at.eq(seen_at),
                alerts::trigger_count.eq(alerts::trigger_count + 1),
                alerts::last_triggered_at.eq(Some(now)),
                alerts::last_trigger_day.eq(Some(day)),
                alerts::last_trigger_as_of.eq(as_of),
                alerts::state.eq(state.as_str()),
                alerts::version.eq(alerts::version + 1),
                alerts::updated_at.eq(now),
            ))
            .execute(connection)?;
    }
    let events: Vec<(&UserId, &AlertEvent)> = stored.iter().map(|stored| (&stored.owner, &*stored.event)).collect();
    alert_event::insert_all(connection, &events)?;
    let counts = delivery::queue_all(connection, &events)?;
    for (stored, count) in stored.iter_mut().zip(counts) {
        stored.deliveries = count;
    }
    alert_value::store(connection, values)?;
    Ok(stored)
}

fn event_of(trigger: &NewTrigger, condition: &str, note: Option<&str>) -> Result<AlertEvent> {
    Ok(AlertEvent {
        id: trigger.event_id.clone(),
        alert_id: trigger.alert_id.clone(),
        symbol: trigger.symbol,
        condition: alert::condition_of("alerts.condition", condition)?,
        note: columns::stored_optional::<Note>("alerts.note", note)?,
        price: trigger.price,
        previous_price: trigger.previous_price,
        as_of: trigger.as_of,
        source: trigger.source.clone(),
        mode: trigger.mode,
        // Both databases store microseconds.
        triggered_at: trigger.seen_at.trunc_subsecs(6),
        late_s: trigger.late_s,
    })
}

/// The phase of an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPhase {
    /// The alert.
    pub id: AlertId,
    /// The arming number that it has to have.
    pub arming: u32,
    /// Its phase, of [`alert::phase`].
    pub phase: i32,
}

/// Stores phases of alerts that are still at these arming numbers. That is no new version.
pub fn store_phases(connection: &mut DbConnection, phases: &[StoredPhase]) -> Result<()> {
    let mut groups: BTreeMap<(u32, i32), Vec<&str>> = BTreeMap::new();
    for StoredPhase { id, arming, phase } in phases {
        groups.entry((*arming, *phase)).or_default().push(id.as_str());
    }
    for ((arming, phase), mut ids) in groups {
        // One order for all writers.
        ids.sort_unstable();
        diesel::update(alerts::table.filter(alerts::id.eq_any(ids)).filter(alerts::arming.eq(i64::from(arming))))
            .set(alerts::phase.eq(phase))
            .execute(connection)?;
    }
    Ok(())
}

/// Ends alerts whose time is over, as far as they are still active. Returns how many.
pub fn expire(connection: &mut DbConnection, ids: &[AlertId], now: DateTime<Utc>) -> Result<usize> {
    let over = alerts::table
        .filter(alerts::id.eq_any(ids.iter().map(AlertId::as_str).collect::<Vec<_>>()))
        .filter(alerts::state.eq(AlertState::Active.as_str()))
        .filter(alerts::expires_at.le(now.naive_utc()));
    let ended: Vec<String> = over.clone().select(alerts::id).load(connection)?;
    let count = diesel::update(over)
        .set((
            alerts::state.eq(AlertState::Expired.as_str()),
            alerts::version.eq(alerts::version + 1),
            alerts::arming.eq(alerts::arming + 1),
            alerts::updated_at.eq(columns::now()),
        ))
        .execute(connection)?;
    alert_change::note(connection, &ended)?;
    Ok(count)
}
