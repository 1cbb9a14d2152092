//! Compares what the connections of this node know with the database, which is the truth: a change on another node is told
//! through Redis, and while either node is cut off, or dies before it has told, nobody hears of it.

use super::state::StreamState;
use crate::cluster::events::Event;
use crate::db::{self, user, watchlist};
use crate::random;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use watchtape_shared::{UserId, WatchlistId};

/// The bounds of the time between two looks, in milliseconds.
const INTERVAL_MS: std::ops::Range<u64> = 2_000..3_000;
/// How many rows one query looks at.
const PORTION: usize = 500;

/// Looks every few seconds, and at once when this node has joined the others again. Never returns.
pub async fn reconcile(state: Arc<StreamState>) {
    let mut events = state.node.events.subscribe();
    loop {
        let interval = Duration::from_millis(random::within(INTERVAL_MS));
        let _ = tokio::time::timeout(interval, rejoined(&mut events)).await;
        if let Err(error) = look(&state).await {
            tracing::debug!(%error, "the connections were not compared with the database");
        }
    }
}

async fn rejoined(events: &mut broadcast::Receiver<Event>) {
    while !matches!(events.recv().await, Ok(Event::Rejoined) | Err(RecvError::Closed)) {}
}

/// Tells connections of lists that are newer than they know, or gone, and of accounts that are gone.
async fn look(state: &StreamState) -> db::Result<()> {
    for portion in state.followed_lists.oldest_versions().chunks(PORTION) {
        let ids: Vec<WatchlistId> = portion.iter().map(|(list, ..)| list.clone()).collect();
        let versions = state.db.read(move |connection| watchlist::versions(connection, &ids)).await?;
        for (list, owner, known) in portion {
            if versions.get(list).is_none_or(|version| version > known) {
                state.node.events.publish_local(Event::ListChanged(owner.clone(), list.clone()));
            }
        }
    }
    for portion in state.connection_limits.accounts().chunks(PORTION) {
        let ids: Vec<UserId> = portion.to_vec();
        let existing = state.db.read(move |connection| user::existing(connection, &ids)).await?;
        for gone in portion.iter().filter(|account| !existing.contains(*account)) {
            state.node.events.publish_local(Event::AccessChanged(gone.clone()));
        }
    }
    Ok(())
}
