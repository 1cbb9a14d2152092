//! The tasks of a node on Redis: receiving rounds and events, exchanging demand, forwarding events. They run as long as
//! the node and reconnect by themselves.

use super::demand::WatcherCounts;
use super::events::Event;
use super::last_values::LastValues;
use super::redis::{Message, Redis, from_json};
use super::{Cluster, ClusterError, Node, redis_scripts};
use crate::random;
use futures_util::StreamExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

/// A connection without a message for this long is replaced: the feed sends a heartbeat every second.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(4);
/// So many attempts in a row fail before a node that has never heard the cluster is taken for one that is of use without it:
/// one slow answer at its start is no reason to serve without prices.
const JOINING_ATTEMPTS: u32 = 8;
/// The bounds of the random delay before a reconnection, in milliseconds.
const RETRY_DELAY_MS: std::ops::Range<u64> = 50..300;
/// How often a node reports its demand, and the shortest interval between reports.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);
const MIN_REPORT_INTERVAL: Duration = Duration::from_millis(250);

/// Receives rounds, heartbeats and events. Loads the last values first after every connection.
pub(super) async fn follow(node: Arc<Node>) {
    let Cluster::Redis(redis) = &node.cluster else { return };
    let mut was_disconnected = true;
    let mut failures = 0;
    loop {
        let outcome = receive(redis, &node, &mut was_disconnected).await;
        if let Err(error) = outcome {
            node.last_values.set_degraded(true);
            failures += 1;
            if failures >= JOINING_ATTEMPTS {
                node.last_values.set_joined();
            }
            if !std::mem::replace(&mut was_disconnected, true) {
                tracing::warn!(%error, "disconnected from the cluster: answering from memory");
            }
        }
        tokio::time::sleep(Duration::from_millis(random::within(RETRY_DELAY_MS))).await;
    }
}

async fn receive(redis: &Redis, node: &Node, was_disconnected: &mut bool) -> Result<(), ClusterError> {
    // Subscribed before the last values are read: a round may arrive twice and is then ignored, but none is missed.
    let mut listener = redis.subscribe().await?;
    catch_up(redis, &node.last_values).await?;
    node.last_values.set_degraded(false);
    if std::mem::replace(was_disconnected, false) {
        tracing::info!("connected to the cluster");
        node.events.publish_local(Event::Missed);
    }
    let mut messages = listener.on_message();
    loop {
        let message = tokio::time::timeout(SILENCE_TIMEOUT, messages.next()).await;
        let Ok(Some(message)) = message else {
            // Perhaps no node runs the feed, perhaps the connection is dead: reconnecting finds out.
            return Err(ClusterError::Unreachable("the channel is silent".to_owned()));
        };
        let channel = message.get_channel_name().to_owned();
        let text: String = message.get_payload().map_err(|error| ClusterError::Unreachable(error.to_string()))?;
        match channel.as_str() {
            redis_scripts::ROUNDS_CHANNEL => match from_json(&text) {
                // A newer version may send unknown messages.
                Err(error) => tracing::debug!(%error, "skipped an unreadable message"),
                Ok(Message::Round(publication)) => {
                    if node.last_values.apply(publication) {
                        catch_up(redis, &node.last_values).await?;
                    }
                }
                Ok(Message::Heartbeat(heartbeat)) => node.last_values.apply_heartbeat(heartbeat),
            },
            redis_scripts::EVENTS_CHANNEL => match redis.event_of_other_node(&text).map(from_json) {
                Some(Ok(event)) => node.events.publish_local(event),
                Some(Err(error)) => tracing::debug!(%error, "skipped an unreadable event"),
                None => {}
            },
            _ => node.demand.notify_changed(),
        }
    }
}

async fn catch_up(redis: &Redis, last_values: &LastValues) -> Result<(), ClusterError> {
    if let Some(snapshot) = redis.load().await? {
        last_values.restore(snapshot);
    }
    last_values.set_joined();
    Ok(())
}

/// Reports this node's demand and stores that of all nodes: every second, and sooner when a new symbol is watched.
pub(super) async fn report_demand(node: Arc<Node>) {
    let Cluster::Redis(redis) = &node.cluster else { return };
    let demand = &node.demand;
    let mut reported: WatcherCounts = Arc::default();
    loop {
        let local = demand.local();
        let changed = local.keys().any(|symbol| !reported.contains_key(symbol));
        match redis.exchange_demand(&local, changed).await {
            Ok(total) => {
                demand.set_watched(total);
                reported = local;
            }
            Err(error) => tracing::debug!(%error, "demand was not exchanged"),
        }
        tokio::time::sleep(MIN_REPORT_INTERVAL).await;
        let _ = tokio::time::timeout(REPORT_INTERVAL - MIN_REPORT_INTERVAL, demand.changed()).await;
    }
}

/// Forwards this node's events to the others.
pub(super) async fn forward_events(node: Arc<Node>) {
    let Cluster::Redis(redis) = &node.cluster else { return };
    let mut receiver = node.events.subscribe_outgoing();
    loop {
        match receiver.recv().await {
            Ok(Event::Stopping | Event::Missed) => {}
            Ok(event) => {
                let json = serde_json::to_string(&event).expect("plain data");
                if let Err(error) = redis.send_event(&json).await {
                    tracing::warn!(%error, "could not forward an event to other nodes");
                }
            }
            Err(RecvError::Lagged(count)) => tracing::warn!(count, "could not forward events to other nodes"),
            Err(RecvError::Closed) => return,
        }
    }
}
