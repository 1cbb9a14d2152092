//! Whose access has changed, as the database tells it: what ended a session, a key or an account may have been another
//! process, such as `watchtape user disable`, or a node that could not reach Redis. Open sockets are told to look.

use crate::cluster::Node;
use crate::cluster::events::Event;
use crate::db::{Db, access_change};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use watchtape_shared::UserId;

const LOOK_INTERVAL: Duration = Duration::from_millis(500);
/// How far back each look goes: a change is dated before it is committed, and by the clock of whoever made it.
const WINDOW: TimeDelta = TimeDelta::seconds(10);
/// The most changes of one look, and the most that are remembered.
const MOST_CHANGES: usize = 10_000;

/// Changes of access that this node's sockets have been told of.
#[derive(Default)]
struct Seen(HashMap<UserId, DateTime<Utc>>);

impl Seen {
    /// The accounts of this look that are news. Remembers this look alone: what has left the window does not come again.
    fn take(&mut self, found: Vec<(UserId, DateTime<Utc>)>) -> Vec<UserId> {
        let news = found.iter().filter(|(id, at)| self.0.get(id) != Some(at)).map(|(id, _)| id.clone()).collect();
        self.0 = found.into_iter().collect();
        news
    }
}

/// Tells this node's sockets of every change, for as long as the node runs.
pub async fn publish_access_changes(db: Db, node: Arc<Node>) {
    let mut seen = Seen::default();
    let mut looked_at = Utc::now();
    let mut looks = tokio::time::interval(LOOK_INTERVAL);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        // From the last look that was answered: what changed while the database was out of reach is not missed.
        let (now, since) = (Utc::now(), looked_at - WINDOW);
        let found =
            db.read(move |connection| access_change::changed_since(connection, since, MOST_CHANGES as i64)).await;
        match found {
            Ok(found) => {
                looked_at = now;
                if found.len() == MOST_CHANGES {
                    node.events.publish_local(Event::Missed);
                }
                for user in seen.take(found) {
                    node.events.publish_local(Event::AccessChanged(user));
                }
            }
            Err(error) => tracing::debug!(%error, "could not look whose access has changed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids;

    #[test]
    fn each_change_is_news_once_and_is_forgotten_with_its_window() {
        let (mut seen, now) = (Seen::default(), Utc::now());
        let [ada, bob] = [(); 2].map(|()| ids::user());
        assert_eq!(seen.take(vec![(ada.clone(), now)]), vec![ada.clone()]);
        assert_eq!(seen.take(vec![(ada.clone(), now), (bob.clone(), now)]), vec![bob.clone()]);
        let later = now + TimeDelta::milliseconds(1);
        assert_eq!(seen.take(vec![(ada.clone(), later), (bob, now)]), vec![ada]);
        assert!(seen.take(Vec::new()).is_empty() && seen.0.is_empty());
    }
}
