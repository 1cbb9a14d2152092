//! Compares what the connections of this node know with the database, which is the truth: a change on another node is told
//! through Redis, and while either node is cut off, or dies before it has told, nobody hears of it.

use super::state::StreamState;
use crate::clock;
use crate::cluster::events::{Event, Published};
use crate::db::{self, alert_event, list_set, user, watchlist};
use crate::random;
use chrono::TimeDelta;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use watchtape_shared::{AlertEventId, UserId, WatchlistId};

/// The bounds of the time between two looks, in milliseconds.
const INTERVAL_MS: Range<u64> = 2_000..3_000;
/// How many rows one query looks at.
const PORTION: usize = 500;

/// How old a trigger is that is looked for: it should have been told by then, and is in the history later.
const TRIGGER_AGE: Range<TimeDelta> = TimeDelta::seconds(2)..TimeDelta::seconds(120);
/// Triggers that are known to have been told; what is older is in the history.
const MAX_TOLD: usize = 50_000;

/// Looks every few seconds, and at once when this node has joined the others again. Never returns.
pub async fn reconcile(state: Arc<StreamState>) {
    let mut events = state.node.events.subscribe();
    let mut told = BTreeSet::new();
    loop {
        let interval = Duration::from_millis(random::within(INTERVAL_MS));
        let _ = tokio::time::timeout(interval, rejoined(&mut events, &mut told)).await;
        if let Err(error) = look(&state, &told).await {
            tracing::debug!(%error, "the connections were not compared with the database");
        }
    }
}

/// Waits until this node has joined the others again, and gathers which triggers are told meanwhile.
async fn rejoined(events: &mut broadcast::Receiver<Published>, told: &mut BTreeSet<AlertEventId>) {
    loop {
        match events.recv().await {
            Ok(Published { event: Event::Rejoined, .. }) | Err(RecvError::Closed) => return,
            Ok(Published { event: Event::AlertTriggered(_, event), .. }) => {
                told.insert(event.id.clone());
                // Ids are in the order of their time.
                if told.len() > MAX_TOLD {
                    told.pop_first();
                }
            }
            Ok(_) | Err(RecvError::Lagged(_)) => {}
        }
    }
}

/// Tells connections of lists that are newer than they know, or gone, of sets of lists that have changed, of triggers of alerts
/// that were not told, and of accounts that are gone.
async fn look(state: &StreamState, told: &BTreeSet<AlertEventId>) -> db::Result<()> {
    for portion in state.followed_lists.oldest_versions().chunks(PORTION) {
        let ids: Vec<WatchlistId> = portion.iter().map(|((_, list), _)| list.clone()).collect();
        let versions = state.db.read(move |connection| watchlist::versions(connection, &ids)).await?;
        for ((owner, list), known) in portion {
            if versions.get(list).is_none_or(|version| version > known) {
                state.node.events.publish_local(Event::ListChanged(owner.clone(), list.clone()));
            }
        }
    }
    for portion in state.followed_list_sets.oldest_versions().chunks(PORTION) {
        let owners: Vec<UserId> = portion.iter().map(|(owner, _)| owner.clone()).collect();
        let versions = state.db.read(move |connection| list_set::versions(connection, &owners)).await?;
        for (owner, known) in portion {
            if versions.get(owner).is_some_and(|version| version != known) {
                state.node.events.publish_local(Event::ListSetChanged(owner.clone()));
            }
        }
    }
    for portion in state.connection_limits.accounts().chunks(PORTION) {
        let ids: Vec<UserId> = portion.to_vec();
        let existing = state.db.read(move |connection| user::existing(connection, &ids)).await?;
        let (owners, now) = (portion.to_vec(), clock::now());
        let ages = now - TRIGGER_AGE.end..now - TRIGGER_AGE.start;
        let triggers = state.db.read(move |connection| alert_event::within(connection, &owners, &ages)).await?;
        for (owner, event) in triggers.into_iter().filter(|(_, event)| !told.contains(&event.id)) {
            state.node.events.publish_local(Event::AlertTriggered(owner, Arc::new(event)));
        }
        for gone in portion.iter().filter(|account| !existing.contains(*account)) {
            state.node.events.publish_local(Event::AccessChanged(gone.clone()));
        }
    }
    Ok(())
}
