//! What of the outbox is due, and is taken by one node at a time.

use super::delivery::{CONFIRMATION, Payload};
use super::destination::{self, Recipient};
use super::schema::{deliveries, destinations, users};
use super::{DbConnection, Result, columns};
use crate::random;
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use watchtape_shared::destination::{DeliveryState, DestinationState};
use watchtape_shared::{DestinationId, UserId};

/// The most rows that are looked at in one query.
const MAX_PORTION: usize = 256;

/// A delivery that is to be tried.
#[derive(Clone)]
pub struct DueDelivery {
    /// Its id.
    pub id: String,
    /// What is sent.
    pub payload: Payload,
    /// How often it was tried before.
    pub tries: u32,
    /// Where to.
    pub recipient: Arc<Recipient>,
}

/// Which rows to take.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The most of destinations whose last delivery has arrived.
    pub healthy: usize,
    /// The most of the others.
    pub failing: usize,
    /// The most of one account, beside those that it has already.
    pub per_account: usize,
    /// Accounts that have as many as they may.
    pub full_accounts: Vec<UserId>,
    /// Destinations that have as many as they may, or are slow.
    pub full_destinations: Vec<DestinationId>,
}

/// Takes deliveries that are due, those that have been for the longest first. No other node is given them within `lease`.
pub fn take_due(connection: &mut DbConnection, wanted: &Wanted, lease: TimeDelta) -> Result<Vec<DueDelivery>> {
    let now = columns::now();
    let mut full: Vec<String> = wanted.full_accounts.iter().map(|id| id.as_str().to_owned()).collect();
    let mut of_account: HashMap<String, usize> = HashMap::new();
    let mut chosen: Vec<DueRow> = Vec::new();
    for (is_failing, most) in [(false, wanted.healthy), (true, wanted.failing)] {
        let enough = chosen.len() + most;
        while chosen.len() < enough {
            let (before, portion) = (chosen.len(), (enough - chosen.len()).min(MAX_PORTION));
            let found = due(connection, now, is_failing, &full, &wanted.full_destinations, &chosen, portion)?;
            let is_last = found.len() < portion;
            for row in found {
                let count = of_account.entry(row.1.clone()).or_default();
                if *count < wanted.per_account {
                    *count += 1;
                    chosen.push(row);
                } else if !full.contains(&row.1) {
                    full.push(row.1);
                }
            }
            if is_last || chosen.len() == before {
                break;
            }
        }
    }
    let leased = lease_rows(connection, &chosen, now, lease)?;
    chosen.retain(|row| leased.contains(&row.0));
    with_recipients(connection, chosen)
}

/// Its id, account, destination, payload and tries.
type DueRow = (String, String, String, String, i32);

fn due(
    connection: &mut DbConnection,
    now: NaiveDateTime,
    is_failing: bool,
    full_accounts: &[String],
    full_destinations: &[DestinationId],
    taken: &[DueRow],
    limit: usize,
) -> Result<Vec<DueRow>> {
    let mut query = deliveries::table
        .inner_join(destinations::table)
        .inner_join(users::table.on(users::id.eq(deliveries::user_id)))
        .filter(deliveries::state.eq(DeliveryState::Pending.as_str()))
        .filter(deliveries::due_at.le(Some(now)))
        .filter(users::disabled_at.is_null())
        .filter(destinations::state.eq(DestinationState::Active.as_str()).or(deliveries::payload.eq(CONFIRMATION)))
        .order((deliveries::due_at, deliveries::id))
        .limit(limit as i64)
        .select((
            deliveries::id,
            deliveries::user_id,
            deliveries::destination_id,
            deliveries::payload,
            deliveries::tries,
        ))
        .into_boxed();
    query = if is_failing {
        query.filter(destinations::failing_since.is_not_null())
    } else {
        query.filter(destinations::failing_since.is_null())
    };
    if !full_accounts.is_empty() {
        query = query.filter(deliveries::user_id.ne_all(full_accounts.to_vec()));
    }
    if !full_destinations.is_empty() {
        let full: Vec<String> = full_destinations.iter().map(|id| id.as_str().to_owned()).collect();
        query = query.filter(deliveries::destination_id.ne_all(full));
    }
    if !taken.is_empty() {
        query = query.filter(deliveries::id.ne_all(taken.iter().map(|row| row.0.clone()).collect::<Vec<_>>()));
    }
    Ok(query.load(connection)?)
}

/// Sets ahead the time at which these rows are due. Returns those that no other node was faster with.
fn lease_rows(
    connection: &mut DbConnection,
    rows: &[DueRow],
    now: NaiveDateTime,
    lease: TimeDelta,
) -> Result<HashSet<String>> {
    // A time of this call's own, by which its rows are known again: two nodes may call in the same microsecond.
    let until = now + lease + TimeDelta::microseconds(random::within(0..1_000_000));
    let mut leased = HashSet::new();
    for portion in rows.chunks(MAX_PORTION) {
        let ids: Vec<&str> = portion.iter().map(|row| row.0.as_str()).collect();
        let still_due = deliveries::table
            .filter(deliveries::id.eq_any(&ids))
            .filter(deliveries::state.eq(DeliveryState::Pending.as_str()))
            .filter(deliveries::due_at.le(Some(now)));
        let count = diesel::update(still_due).set(deliveries::due_at.eq(Some(until))).execute(connection)?;
        if count == ids.len() {
            leased.extend(ids.into_iter().map(str::to_owned));
            continue;
        }
        let mine: Vec<String> = deliveries::table
            .filter(deliveries::id.eq_any(&ids))
            .filter(deliveries::due_at.eq(Some(until)))
            .select(deliveries::id)
            .load(connection)?;
        leased.extend(mine);
    }
    Ok(leased)
}

/// Gives back what was taken and not tried: it is due again at once, for any node.
pub fn release(connection: &mut DbConnection, ids: &[String]) -> Result<()> {
    let waiting = deliveries::table
        .filter(deliveries::id.eq_any(ids))
        .filter(deliveries::state.eq(DeliveryState::Pending.as_str()));
    diesel::update(waiting).set(deliveries::due_at.eq(Some(columns::now()))).execute(connection)?;
    Ok(())
}

fn with_recipients(connection: &mut DbConnection, rows: Vec<DueRow>) -> Result<Vec<DueDelivery>> {
    let ids: BTreeSet<&String> = rows.iter().map(|row| &row.2).collect();
    let ids: Vec<String> = ids.into_iter().cloned().collect();
    let found = destination::recipients(connection, &ids)?;
    let found: HashMap<String, Arc<Recipient>> =
        found.into_iter().map(|recipient| (recipient.id.as_str().to_owned(), Arc::new(recipient))).collect();
    let rows = rows.into_iter().filter_map(|(id, _, destination, payload, tries)| {
        let recipient = found.get(&destination)?.clone();
        let due = Payload::parse(&payload).and_then(|payload| {
            let tries = columns::unsigned("deliveries.tries", tries)?;
            Ok(DueDelivery { id, payload, tries, recipient })
        });
        // One row that cannot be read must not hold up the others. Its lease ends, and it is told again.
        due.inspect_err(|error| tracing::error!(%error, "a delivery cannot be read")).ok()
    });
    Ok(rows.collect())
}
