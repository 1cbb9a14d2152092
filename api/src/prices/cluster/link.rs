//! What keeps a node and the cluster in step: tasks that run for as long as the node does, through every loss of Redis.

use super::redis::{Message, Redis, from_json};
use super::{Cluster, Refusal, keys};
use crate::events::{Event, Events};
use crate::prices::board::Board;
use crate::prices::demand::{Demand, Watched};
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

/// Takes in rounds, pulses and events; after every (re)connection the last values first.
pub(super) async fn follow(cluster: Arc<Cluster>, board: Arc<Board>, demand: Arc<Demand>, events: Arc<Events>) {
    let Cluster::Redis(redis) = &*cluster else { return };
    let mut was_lost = true;
    loop {
        let outcome = hear(redis, &board, &demand, &events, &mut was_lost).await;
        if let Err(error) = outcome {
            board.set_degraded(true);
            if !std::mem::replace(&mut was_lost, true) {
                tracing::warn!(%error, "cut off from the cluster: answering from memory");
            }
        }
        tokio::time::sleep(Duration::from_millis(rand::random_range(RETRY_MS))).await;
    }
}

async fn hear(
    redis: &Redis,
    board: &Board,
    demand: &Demand,
    events: &Events,
    was_lost: &mut bool,
) -> Result<(), Refusal> {
    // Subscribed before the last values are read: a round may come twice, and is passed over, but none is missed.
    let mut listener = redis.listen().await?;
    catch_up(redis, board).await?;
    board.set_degraded(false);
    if std::mem::replace(was_lost, false) {
        tracing::info!("in step with the cluster");
        events.tell(Event::Missed);
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
            keys::ROUNDS => match from_json(&text) {
                // A later version may say what this one does not know.
                Err(error) => tracing::debug!(%error, "a message is passed over"),
                Ok(Message::Round(publication)) => {
                    if board.take(publication) {
                        catch_up(redis, board).await?;
                    }
                }
                Ok(Message::Pulse(pulse)) => board.hear(pulse),
            },
            keys::EVENTS => match redis.foreign(&text).map(from_json) {
                Some(Ok(event)) => events.tell(event),
                Some(Err(error)) => tracing::debug!(%error, "an event is passed over"),
                None => {}
            },
            _ => demand.hurry(),
        }
    }
}

async fn catch_up(redis: &Redis, board: &Board) -> Result<(), Refusal> {
    if let Some(snapshot) = redis.load().await? {
        board.restore(snapshot);
    }
    Ok(())
}

/// Says what this node watches, and keeps what all of them do: every second, and at once when something new is watched.
pub(super) async fn report_demand(cluster: Arc<Cluster>, demand: Arc<Demand>) {
    let Cluster::Redis(redis) = &*cluster else { return };
    let mut told: Watched = Arc::default();
    loop {
        let own = demand.own();
        let changed = own.keys().any(|symbol| !told.contains_key(symbol));
        match redis.exchange_wishes(&own, changed).await {
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
pub(super) async fn send_events(cluster: Arc<Cluster>, events: Arc<Events>) {
    let Cluster::Redis(redis) = &*cluster else { return };
    let mut receiver = events.subscribe_own();
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
