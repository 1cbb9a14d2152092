//! The outbox: what is to be sent to destinations of alerts, and what was.

use super::destination;
use super::insert_rows::insert_rows;
use super::schema::{alert_destinations, deliveries, destinations};
use super::{DbConnection, Error, Result, SWEEP_PORTION, columns};
use crate::ids;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use std::collections::HashMap;
use watchtape_shared::alert::AlertEvent;
use watchtape_shared::destination::{Delivery, DeliveryState, DestinationState};
use watchtape_shared::{AlertEventId, DestinationId, UserId};

/// Rows of one statement: both databases bound its parameters.
const INSERT_PORTION: usize = 1_000;
/// The most deliveries of a destination that are listed.
const MAX_LISTED: i64 = 100;

/// The id of a delivery, which is the same on every try.
pub fn id_of(event: &AlertEventId, destination: &DestinationId) -> String {
    format!("{event}_{destination}")
}

/// Queues a trigger for every destination of its alert that is active. Returns how many those are. To be called in the
/// transaction that writes the trigger.
pub fn queue(connection: &mut DbConnection, owner: &UserId, event: &AlertEvent) -> Result<usize> {
    Ok(queue_all(connection, &[(owner, event)])?.into_iter().sum())
}

#[derive(Insertable)]
#[diesel(table_name = deliveries, treat_none_as_default_value = false)]
struct NewDelivery<'a> {
    id: String,
    user_id: &'a str,
    destination_id: &'a str,
    event_id: Option<&'a str>,
    payload: String,
    state: &'a str,
    tries: i32,
    due_at: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
}

/// The same of triggers of different alerts, each with its owner. Returns how many destinations each has.
pub fn queue_all(connection: &mut DbConnection, events: &[(&UserId, &AlertEvent)]) -> Result<Vec<usize>> {
    let alerts: Vec<&str> = events.iter().map(|(_, event)| event.alert_id.as_str()).collect();
    let active: Vec<(String, String)> = alert_destinations::table
        .inner_join(destinations::table)
        .filter(alert_destinations::alert_id.eq_any(alerts))
        .filter(destinations::state.eq(DestinationState::Active.as_str()))
        .order((alert_destinations::alert_id, alert_destinations::destination_id))
        .select((alert_destinations::alert_id, alert_destinations::destination_id))
        .load(connection)?;
    let mut of_alert: HashMap<&str, Vec<&str>> = HashMap::new();
    for (alert, destination) in &active {
        of_alert.entry(alert).or_default().push(destination);
    }
    let now = columns::now();
    let (mut rows, mut counts) = (Vec::with_capacity(active.len()), Vec::with_capacity(events.len()));
    for (owner, event) in events {
        let destinations = of_alert.get(event.alert_id.as_str()).map(Vec::as_slice).unwrap_or_default();
        counts.push(destinations.len());
        if destinations.is_empty() {
            continue;
        }
        let payload = serde_json::to_string(event).map_err(|error| Error::Corrupt(error.to_string()))?;
        for destination in destinations {
            rows.push(NewDelivery {
                id: id_of(&event.id, &columns::parse("alert_destinations.destination_id", destination)?),
                user_id: owner.as_str(),
                destination_id: destination,
                event_id: Some(event.id.as_str()),
                payload: payload.clone(),
                state: DeliveryState::Pending.as_str(),
                tries: 0,
                due_at: Some(now),
                created_at: now,
            });
        }
    }
    for portion in rows.chunks(INSERT_PORTION) {
        insert_rows!(connection, deliveries::table, portion)?;
    }
    Ok(counts)
}

/// What is sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// A trigger.
    Trigger(Box<AlertEvent>),
    /// An owner's test.
    Test,
    /// The mail that asks to confirm an address.
    Confirmation,
}

/// What stands in the place of a trigger.
const TEST: &str = "\"test\"";
pub(super) const CONFIRMATION: &str = "\"confirmation\"";

impl Payload {
    pub(super) fn parse(text: &str) -> Result<Self> {
        match text {
            TEST => Ok(Self::Test),
            CONFIRMATION => Ok(Self::Confirmation),
            json => serde_json::from_str(json)
                .map(|event| Self::Trigger(Box::new(event)))
                .map_err(|error| Error::Corrupt(format!("deliveries.payload holds {json:?}: {error}"))),
        }
    }
}

/// How a try went.
#[derive(Clone, Debug)]
pub struct Tried {
    /// When it began.
    pub at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub took_ms: u32,
    /// The HTTP status or SMTP code; `None` without an answer.
    pub status: Option<u16>,
    /// The first bytes of the answer.
    pub answer: Option<String>,
    /// What followed of it.
    pub outcome: Outcome,
}

/// What a try has come to. Errors are in words, for the owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has arrived.
    Delivered,
    /// It is tried again after this time.
    Again(String, TimeDelta),
    /// It is given up.
    Failed(String),
    /// It is given up, and the destination is gone.
    Gone(String),
}

impl Outcome {
    fn error(&self) -> Option<&str> {
        match self {
            Self::Delivered => None,
            Self::Again(error, _) | Self::Failed(error) | Self::Gone(error) => Some(error),
        }
    }
}

/// Queues the mail that asks to confirm the address of this new destination.
pub fn queue_confirmation(connection: &mut DbConnection, owner: &UserId, destination: &DestinationId) -> Result<()> {
    let id = format!("confirm_{destination}");
    insert(connection, &id, owner, destination, CONFIRMATION)
}

/// Inserts the delivery of a test that the caller tries now. Nobody else does: it has no time at which it is due.
pub fn insert_test(connection: &mut DbConnection, owner: &UserId, destination: &DestinationId) -> Result<String> {
    let id = format!("{}_{destination}", ids::alert_event().as_str().replace("evt_", "test_"));
    insert(connection, &id, owner, destination, TEST)?;
    diesel::update(deliveries::table.find(&id))
        .set(deliveries::due_at.eq(None::<NaiveDateTime>))
        .execute(connection)?;
    Ok(id)
}

fn insert(
    connection: &mut DbConnection,
    id: &str,
    owner: &UserId,
    destination: &DestinationId,
    payload: &str,
) -> Result<()> {
    let now = columns::now();
    diesel::insert_into(deliveries::table)
        .values((
            deliveries::id.eq(id),
            deliveries::user_id.eq(owner.as_str()),
            deliveries::destination_id.eq(destination.as_str()),
            deliveries::payload.eq(payload),
            deliveries::state.eq(DeliveryState::Pending.as_str()),
            deliveries::tries.eq(0),
            deliveries::due_at.eq(Some(now)),
            deliveries::created_at.eq(now),
        ))
        .execute(connection)?;
    Ok(())
}

/// Writes how a try of a delivery to this destination went. Returns whether the destination was disabled of it.
pub fn settle(connection: &mut DbConnection, id: &str, destination: &DestinationId, tried: &Tried) -> Result<bool> {
    // The destination's row first, as its owner's changes do: two transactions that lock both never wait for each other.
    let is_disabled = match &tried.outcome {
        Outcome::Delivered => destination::note_success(connection, destination, tried.at).map(|()| false)?,
        Outcome::Again(error, _) | Outcome::Failed(error) => {
            destination::note_failure(connection, destination, tried.at, error, false)?
        }
        Outcome::Gone(error) => destination::note_failure(connection, destination, tried.at, error, true)?,
    };
    let (state, due_at) = match &tried.outcome {
        Outcome::Delivered => (DeliveryState::Delivered, None),
        // Paused or disabled meanwhile: it would come as news long after.
        Outcome::Again(_, delay) if destination::takes_deliveries(connection, destination)? => {
            (DeliveryState::Pending, Some(columns::now() + *delay))
        }
        Outcome::Again(..) | Outcome::Failed(_) | Outcome::Gone(_) => (DeliveryState::Failed, None),
    };
    write_try(connection, id, state, due_at, tried)?;
    Ok(is_disabled)
}

/// Writes how an owner's test went. It is not tried again, and its failure is not held against the destination.
pub fn settle_test(connection: &mut DbConnection, id: &str, destination: &DestinationId, tried: &Tried) -> Result<()> {
    if tried.outcome == Outcome::Delivered {
        destination::note_success(connection, destination, tried.at)?;
        return write_try(connection, id, DeliveryState::Delivered, None, tried);
    }
    write_try(connection, id, DeliveryState::Failed, None, tried)
}

fn write_try(
    connection: &mut DbConnection,
    id: &str,
    state: DeliveryState,
    due_at: Option<NaiveDateTime>,
    tried: &Tried,
) -> Result<()> {
    diesel::update(deliveries::table.find(id))
        .set((
            deliveries::state.eq(state.as_str()),
            deliveries::tries.eq(deliveries::tries + 1),
            deliveries::due_at.eq(due_at),
            deliveries::status.eq(tried.status.map(i32::from)),
            deliveries::error.eq(tried.outcome.error()),
            deliveries::answer.eq(tried.answer.as_deref()),
            deliveries::tried_at.eq(Some(tried.at.naive_utc())),
            deliveries::took_ms.eq(Some(i32::try_from(tried.took_ms).unwrap_or(i32::MAX))),
        ))
        .execute(connection)?;
    Ok(())
}

/// The newest deliveries to a destination of this owner, at most [`MAX_LISTED`]. [`Error::NotFound`] where the owner has no such
/// destination.
pub fn list(connection: &mut DbConnection, owner: &UserId, destination: &DestinationId) -> Result<Vec<Delivery>> {
    destination::find(connection, owner, destination)?;
    let rows: Vec<Row> = deliveries::table
        .filter(deliveries::destination_id.eq(destination.as_str()))
        .order((deliveries::created_at.desc(), deliveries::id.desc()))
        .limit(MAX_LISTED)
        .select(Row::as_select())
        .load(connection)?;
    rows.into_iter().map(Row::into_delivery).collect()
}

/// One delivery to a destination of this owner.
pub fn find(connection: &mut DbConnection, owner: &UserId, id: &str) -> Result<Delivery> {
    let row: Option<Row> = deliveries::table
        .find(id)
        .filter(deliveries::user_id.eq(owner.as_str()))
        .select(Row::as_select())
        .first(connection)
        .optional()?;
    row.ok_or(Error::NotFound("delivery"))?.into_delivery()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = deliveries)]
struct Row {
    id: String,
    event_id: Option<String>,
    state: String,
    tries: i32,
    due_at: Option<NaiveDateTime>,
    status: Option<i32>,
    error: Option<String>,
    answer: Option<String>,
    created_at: NaiveDateTime,
    tried_at: Option<NaiveDateTime>,
    took_ms: Option<i32>,
}

impl Row {
    fn into_delivery(self) -> Result<Delivery> {
        Ok(Delivery {
            id: self.id,
            event_id: columns::parse_optional("deliveries.event_id", self.event_id.as_deref())?,
            state: columns::one_of("deliveries.state", &self.state, &DeliveryState::ALL, DeliveryState::as_str)?,
            tries: columns::unsigned("deliveries.tries", self.tries)?,
            status: self.status.map(|status| columns::unsigned("deliveries.status", status)).transpose()?,
            error: self.error,
            answer: self.answer,
            created_at: columns::utc(self.created_at),
            tried_at: self.tried_at.map(columns::utc),
            took_ms: self.took_ms.map(|took| columns::unsigned("deliveries.took_ms", took)).transpose()?,
            due_at: self.due_at.map(columns::utc),
        })
    }
}

/// How long it is kept how a delivery went.
const RETENTION: TimeDelta = TimeDelta::days(30);

/// Deletes a portion of those that ended too long ago.
pub(super) fn sweep(connection: &mut DbConnection) -> Result<usize> {
    let too_old: Vec<String> = deliveries::table
        // A test that its server did not live to finish is due at no time.
        .filter(deliveries::state.ne(DeliveryState::Pending.as_str()).or(deliveries::due_at.is_null()))
        .filter(deliveries::created_at.lt(columns::now() - RETENTION))
        .limit(SWEEP_PORTION)
        .select(deliveries::id)
        .load(connection)?;
    Ok(diesel::delete(deliveries::table.filter(deliveries::id.eq_any(too_old))).execute(connection)?)
}
