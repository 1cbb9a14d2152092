//! What keeps a node and the cluster in step: tasks that run for as long as the node does, through every loss of Redis.

use super::demand::Watched;
use super::events::Event;
use super::last_values::LastValues;
use super::redis::{Message, Redis, from_json};
use super::{Cluster, Node, Refusal, redis_scripts};
use futures_util::StreamExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

/// The feed is heard every second: a connection that is silent for longer is not to be trusted.
const SILENCE: Duration = Duration::from_secs(4);
/// How long to wait before the next attempt, at the least and at the most.
const RETRY_MS: std::ops::Range<u64> = 50..300;
/// How often a node says what it watches, and how often at the most.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);
const LEAST_REPORT_INTERVAL: Duration = Duration::from_millis(250);

/// Takes in rounds, heartbeats and events; after every (re)connection the last values first.
pub(super) async fn follow(node: Arc<Node>) {
    let Cluster::Redis(redis) = &node.cluster else { return };
    let mut was_lost = true;
    loop {
        let outcome = receive(redis, &node, &mut was_lost).await;
        if let Err(error) = outcome {
            node.last_values.set_degraded(true);
            if !std::mem::replace(&mut was_lost, true) {
                tracing::warn!(%error, "cut off from the cluster: answering from memory");
            }
        }
        tokio::time::sleep(Duration::from_millis(rand::random_range(RETRY_MS))).await;
    }
}

async fn receive(redis: &Redis, node: &Node, was_lost: &mut bool) -> Result<(), Refusal> {
    // Subscribed before the last values are read: a round may come twice, and is passed over, but none is missed.
    let mut listener = redis.listen().await?;
    catch_up(redis, &node.last_values).await?;
    node.last_values.set_degraded(false);
    if std::mem::replace(was_lost, false) {
        tracing::info!("in step with the cluster");
        node.events.publish_local(Event::Missed);
    }
    let mut messages = listener.on_message();
    loop {
        let message = tokio::time::timeout(SILENCE, messages.next()).await;
        let Ok(Some(message)) = message else {
            // Nobody may run the feed just now, which is no fault of this connection: a new one tells.
            return Err(Refusal::Unreachable("the channel is silent".to_owned()));
        };
        let channel = message.get_channel_name().to_owned();
        let text: String = message.get_payload().map_err(|error| Refusal::Unreachable(error.to_string()))?;
        match channel.as_str() {
            redis_scripts::ROUNDS => match from_json(&text) {
                // A later version may say what this one does not know.
                Err(error) => tracing::debug!(%error, "a message is passed over"),
                Ok(Message::Round(publication)) => {
                    if node.last_values.apply(publication) {
                        catch_up(redis, &node.last_values).await?;
                    }
                }
                Ok(Message::Heartbeat(heartbeat)) => node.last_values.apply_heartbeat(heartbeat),
            },
            redis_scripts::EVENTS => match redis.foreign(&text).map(from_json) {
                Some(Ok(event)) => node.events.publish_local(event),
                Some(Err(error)) => tracing::debug!(%error, "an event is passed over"),
                None => {}
            },
            _ => node.demand.notify_changed(),
        }
    }
}

async fn catch_up(redis: &Redis, last_values: &LastValues) -> Result<(), Refusal> {
    if let Some(snapshot) = redis.load().await? {
        last_values.restore(snapshot);
    }
    Ok(())
}

/// Says what this node watches, and keeps what all of them do: every second, and at once when something new is watched.
pub(super) async fn report_demand(node: Arc<Node>) {
    let Cluster::Redis(redis) = &node.cluster else { return };
    let demand = &node.demand;
    let mut told: Watched = Arc::default();
    loop {
        let own = demand.own();
        let changed = own.keys().any(|symbol| !told.contains_key(symbol));
        match redis.exchange_demand(&own, changed).await {
            Ok(all) => {
                demand.set_watched(all);
                told = own;
            }
            Err(error) => tracing::debug!(%error, "demand was not exchanged"),
        }
        tokio::time::sleep(LEAST_REPORT_INTERVAL).await;
        let _ = tokio::time::timeout(REPORT_INTERVAL - LEAST_REPORT_INTERVAL, demand.changed()).await;
    }
}

/// Passes this node's events on to the others.
pub(super) async fn forward_events(node: Arc<Node>) {
    let Cluster::Redis(redis) = &node.cluster else { return };
    let mut receiver = node.events.subscribe_outgoing();
    loop {
        match receiver.recv().await {
            Ok(Event::Stopping | Event::Missed) => {}
            Ok(event) => {
                let json = serde_json::to_string(&event).expect("plain data");
                if let Err(error) = redis.send_event(&json).await {
                    tracing::warn!(%error, "other nodes were not told of an event");
                }
            }
            Err(RecvError::Lagged(count)) => tracing::warn!(count, "other nodes were not told of events"),
            Err(RecvError::Closed) => return,
        }
    }
}
