//! The tasks of a node on Redis: receiving rounds and events, exchanging demand, forwarding events. They run as long as
//! the node and reconnect by themselves.

use super::demand::WatcherCounts;
use super::events::{Event, Published};
use super::last_values::LastValues;
use super::redis::{Message, Redis, from_json};
use super::{Cluster, ClusterError, Node, redis_scripts};
use crate::random;
use futures_util::StreamExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

/// A connection without a message for this long is probed: the feed sends a heartbeat every second.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(4);
/// How long the probe may take. Without it the connection is replaced.
const PROBE_TIMEOUT: Duration = Duration::from_secs(3);
/// So many attempts in a row fail before a node that has never heard the cluster is taken for one that is of use without it:
/// one slow answer at its start is no reason to serve without prices.
const JOINING_ATTEMPTS: u32 = 8;
/// The bounds of the random delay before the first reconnection, in milliseconds; each that fails doubles it, so often at most.
const RETRY_DELAY_MS: std::ops::Range<u64> = 25..100;
const MAX_RETRY_DOUBLINGS: u32 = 3;
/// How often a node reports its demand, and the shortest interval between reports.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);
const MIN_REPORT_INTERVAL: Duration = Duration::from_millis(250);

/// Receives rounds, heartbeats and events. Loads the last values first after every connection.
pub(super) async fn follow(node: Arc<Node>) {
    let Cluster::Redis(redis) = &node.cluster else { return };
    // Before the first connection neither.
    let mut is_connected = None;
    let mut failures = 0;
    loop {
        let Err(error) = receive(redis, &node, &mut is_connected).await;
        node.last_values.set_degraded(true);
        failures = if is_connected == Some(true) { 1 } else { failures + 1 };
        if failures >= JOINING_ATTEMPTS {
            node.last_values.set_joined();
        }
        if is_connected.replace(false) != Some(false) {
            tracing::warn!(%error, "disconnected from the cluster: answering from memory");
        }
        let delay = random::within(RETRY_DELAY_MS) << failures.min(MAX_RETRY_DOUBLINGS);
        tokio::time::sleep(Duration::from_millis(delay)).await;
    }
}

async fn receive(
    redis: &Redis,
    node: &Node,
    is_connected: &mut Option<bool>,
) -> Result<std::convert::Infallible, ClusterError> {
    // Subscribed before the last values are read: a round may arrive twice and is then ignored, but none is missed.
    let mut listener = redis.subscribe().await?;
    catch_up(redis, &node.last_values).await?;
    node.last_values.set_degraded(false);
    if is_connected.replace(true) != Some(true) {
        tracing::info!("connected to the cluster");
        node.events.publish_local(Event::Rejoined);
        warn_of_eviction(redis).await;
    }
    let probe_channel = redis.probe_channel();
    let mut messages = listener.on_message();
    loop {
        let message = match tokio::time::timeout(SILENCE_TIMEOUT, messages.next()).await {
            Ok(message) => message,
            // Perhaps no node runs the feed, perhaps the connection is dead: what this node sends itself finds out.
            Err(_) => {
                redis.probe().await?;
                tokio::time::timeout(PROBE_TIMEOUT, messages.next()).await.unwrap_or_default()
            }
        };
        let Some(message) = message else {
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
                Ok(Message::Heartbeat(heartbeat)) => {
                    node.last_values.apply_heartbeat(heartbeat);
                    if let Some(offer) = node.last_values.next_offer() {
                        redis.offer(&offer).await?;
                    }
                }
            },
            redis_scripts::EVENTS_CHANNEL => {
                let Some((json, trace)) = redis.event_of_other_node(&text) else { continue };
                match from_json(json) {
                    Ok(event) => node.events.forward(Published { event, trace }),
                    Err(error) => tracing::debug!(%error, "skipped an unreadable event"),
                }
            }
            other if other == probe_channel => {}
            _ => node.demand.notify_changed(),
        }
    }
}

async fn warn_of_eviction(redis: &Redis) {
    if let Ok(Some(policy)) = redis.eviction_policy().await {
        tracing::warn!(
            policy,
            "Redis drops keys when its memory is full, prices and limits among them: set maxmemory-policy to noeviction"
        );
    }
}

async fn catch_up(redis: &Redis, last_values: &LastValues) -> Result<(), ClusterError> {
    if let Some((snapshot, _)) = redis.load().await? {
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
            Ok(Published { event: Event::Stopping | Event::Missed | Event::Rejoined, .. }) => {}
            Ok(Published { event, trace }) => {
                let json = serde_json::to_string(&event).expect("plain data");
                if let Err(error) = redis.send_event(&json, trace).await {
                    tracing::warn!(%error, "could not forward an event to other nodes");
                }
            }
            Err(RecvError::Lagged(count)) => tracing::warn!(count, "could not forward events to other nodes"),
            Err(RecvError::Closed) => return,
        }
    }
}
