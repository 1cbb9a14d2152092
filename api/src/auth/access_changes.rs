//! Polls the database for accounts whose access has changed: a session, an API key or the account itself has ended. The
//! change may have been made by another process (`watchtape user disable`) or by a node without Redis. This node's open
//! connections are then told to check their credential again.

use crate::clock;
use crate::cluster::Node;
use crate::cluster::events::Event;
use crate::db::{Db, access_change};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use watchtape_shared::UserId;

/// How often each node looks for accounts whose access has changed.
pub const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// How far each poll overlaps the one before: a change is dated before it is committed, by the clock of its own
/// process.
const WINDOW: TimeDelta = TimeDelta::seconds(10);
/// Rows that one poll reads. At this number every connection checks again, since more may have changed.
const MAX_CHANGES: usize = 10_000;

/// The changes of the last poll, each with its time: they have been published on this node.
#[derive(Default)]
struct PublishedChanges(HashMap<UserId, DateTime<Utc>>);

impl PublishedChanges {
    /// The accounts whose change was not in the last poll. Keeps this poll only: a change that has left the window is
    /// not read again.
    fn take_new(&mut self, found: Vec<(UserId, DateTime<Utc>)>) -> Vec<UserId> {
        let new = found.iter().filter(|(id, at)| self.0.get(id) != Some(at)).map(|(id, _)| id.clone()).collect();
        self.0 = found.into_iter().collect();
        new
    }
}

/// Publishes every change on this node, for as long as the node runs.
pub async fn publish_access_changes(db: Db, node: Arc<Node>) {
    let mut published = PublishedChanges::default();
    let mut polled_at = clock::now();
    let mut ticks = tokio::time::interval(POLL_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // Since the last successful poll: changes made while the database was unreachable are not missed.
        let (now, since) = (clock::now(), polled_at - WINDOW);
        let found =
            db.read(move |connection| access_change::changed_since(connection, since, MAX_CHANGES as i64)).await;
        match found {
            Ok(found) => {
                polled_at = now;
                if found.len() == MAX_CHANGES {
                    node.events.publish_local(Event::Missed);
                }
                for user in published.take_new(found) {
                    node.events.publish_local(Event::AccessChanged(user));
                }
            }
            Err(error) => tracing::debug!(%error, "could not read the access changes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids;

    #[test]
    fn a_change_is_published_once_and_dropped_with_its_window() {
        let (mut published, now) = (PublishedChanges::default(), clock::now());
        let [ada, bob] = [(); 2].map(|()| ids::user());
        assert_eq!(published.take_new(vec![(ada.clone(), now)]), vec![ada.clone()]);
        assert_eq!(published.take_new(vec![(ada.clone(), now), (bob.clone(), now)]), vec![bob.clone()]);
        let later = now + TimeDelta::milliseconds(1);
        assert_eq!(published.take_new(vec![(ada.clone(), later), (bob, now)]), vec![ada]);
        assert!(published.take_new(Vec::new()).is_empty() && published.0.is_empty());
    }
}
