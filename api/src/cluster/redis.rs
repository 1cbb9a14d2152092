//! The cluster's Redis commands, each with a timeout. Deliberately absent: retries, which are the callers'.

use super::entry::Entry;
use super::last_values::{FeedHeartbeat, Offer};
use super::redis_connections::{Connections, RedisServer};
use super::redis_url::RedisUrl;
use super::round::Publication;
use super::{ClusterError, Lease, redis_scripts};
use crate::clock;
use crate::ids::random_token;
use crate::telemetry::traces::TraceContext;
use chrono::DateTime;
use deadpool_redis::redis::{self, FromRedisValue, Script, aio::PubSub};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;
use watchtape_shared::Symbol;
use watchtape_shared::stream::GapReason;

/// The timeouts of a command and of connecting.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(2);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// The lifetime of a node's demand without a new report.
const DEMAND_LIFETIME: Duration = Duration::from_secs(5);
/// How long the name of a node without reports is kept, in milliseconds.
const NODE_RETENTION_MS: i64 = 3_600_000;
/// How long the fingerprint of the nodes' secret is kept after the last node that has it.
const SECRET_LIFETIME_SECONDS: u64 = 60;
/// How long an offer is kept for a node that runs the feed.
const OFFER_LIFETIME: Duration = Duration::from_secs(30);
const POOL_SIZE: usize = 8;
/// The timeout of taking tokens of a limit, which a request waits for.
const LIMITS_TIMEOUT: Duration = Duration::from_millis(150);
const LIMITS_POOL_SIZE: usize = 4;

/// Connection pools, and this node's name.
pub struct Redis {
    pool: Connections,
    /// A pool for request limits alone, so that a flood of requests does not delay the feed.
    limits_pool: Connections,
    server: RedisServer,
    pub(super) node: String,
    /// The token of the lease that this node holds or held last.
    pub(super) token: Mutex<Option<String>>,
    /// The nodes that reported a demand when it was last read, this one included.
    known_nodes: AtomicU32,
}

/// A message of the rounds channel.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Message {
    Round(Publication),
    #[serde(rename = "pulse")]
    Heartbeat(FeedHeartbeat),
}

/// The demand of a node, or of all.
type NodeDemand = HashMap<Symbol, u32>;

impl Redis {
    /// Opens the pools. Connects on first use, so that a node starts while Redis is down.
    pub fn new(url: &RedisUrl, ca_file: Option<&Path>) -> Result<Self, String> {
        let server = RedisServer::new(url, ca_file)?;
        let pool = server.pool(POOL_SIZE, COMMAND_TIMEOUT, CONNECT_TIMEOUT)?;
        let limits_pool = server.pool(LIMITS_POOL_SIZE, LIMITS_TIMEOUT, CONNECT_TIMEOUT)?;
        Ok(Self {
            pool,
            limits_pool,
            server,
            node: random_token()[..10].to_owned(),
            token: Mutex::new(None),
            known_nodes: AtomicU32::new(1),
        })
    }

    pub(super) async fn run<T: FromRedisValue>(
        &self,
        invocation: &redis::ScriptInvocation<'_>,
    ) -> Result<T, ClusterError> {
        let work = async {
            let mut connection = self.pool.get().await?;
            invocation.invoke_async(&mut connection).await.map_err(|error| self.pool.describe(&error))
        };
        with_timeout(COMMAND_TIMEOUT, work).await
    }

    async fn pipe<T: FromRedisValue>(&self, pipeline: &redis::Pipeline) -> Result<T, ClusterError> {
        let work = async {
            let mut connection = self.pool.get().await?;
            pipeline.query_async(&mut connection).await.map_err(|error| self.pool.describe(&error))
        };
        with_timeout(COMMAND_TIMEOUT, work).await
    }

    pub(super) async fn publish(&self, lease: &Lease, publication: &Publication) -> Result<(), ClusterError> {
        let script = Script::new(redis_scripts::PUBLISH_ROUND);
        let mut write = script.prepare_invoke();
        write
            .key(redis_scripts::LEASE_KEY)
            .key(redis_scripts::LAST_VALUES_KEY)
            .key(redis_scripts::META_KEY)
            .arg(&lease.token)
            .arg(&*publication.epoch)
            .arg(publication.term)
            .arg(publication.seq)
            .arg(to_json(&publication.reason))
            .arg(publication.published_at.timestamp_micros())
            .arg(&lease.store)
            .arg(redis_scripts::ROUNDS_CHANNEL);
        // Each entry is encoded once, for the stored value and the message.
        let entries: Vec<String> = publication.entries.iter().map(to_json).collect();
        write.arg(format!(
            r#"{{"kind":"round","epoch":{},"term":{},"seq":{},"reason":{},"published_at":{},"trace":"{}","entries":[{}]}}"#,
            to_json(&publication.epoch),
            publication.term,
            publication.seq,
            to_json(&publication.reason),
            to_json(&publication.published_at),
            publication.trace,
            entries.join(",")
        ));
        for (entry, json) in publication.entries.iter().zip(&entries) {
            write.arg(entry.quote.symbol.as_str()).arg(json);
        }
        check_accepted(self.run(&write).await?)
    }

    pub(super) async fn publish_heartbeat(&self, lease: &Lease, heartbeat: FeedHeartbeat) -> Result<(), ClusterError> {
        let script = Script::new(redis_scripts::PUBLISH_HEARTBEAT);
        let mut publish = script.prepare_invoke();
        publish
            .key(redis_scripts::LEASE_KEY)
            .arg(&lease.token)
            .arg(redis_scripts::ROUNDS_CHANNEL)
            .arg(to_json(&Message::Heartbeat(heartbeat)));
        check_accepted(self.run(&publish).await?)
    }

    /// The stored last values, and the store that they were written to; `None` where there are none. Unreadable ones are
    /// skipped.
    pub async fn load(&self) -> Result<Option<(Publication, String)>, ClusterError> {
        type Meta = (Option<String>, Option<String>, Option<u64>, Option<String>, Option<i64>, Option<String>);
        let script = Script::new(redis_scripts::READ_LAST_VALUES);
        let mut read = script.prepare_invoke();
        read.key(redis_scripts::LAST_VALUES_KEY).key(redis_scripts::META_KEY);
        let ((epoch, term, seq, reason, published_at, store), values): (Meta, Vec<String>) = self.run(&read).await?;
        let (Some(epoch), Some(seq), Some(published_at)) = (epoch, seq, published_at) else { return Ok(None) };
        // An earlier version stored neither term nor reason.
        let reason = reason.and_then(|reason| from_json(&reason).ok()).unwrap_or(GapReason::Restarted);
        let readable = |value: &String| {
            from_json::<Entry>(value)
                .inspect_err(|error| tracing::warn!(%error, "skipped an unreadable last value"))
                .ok()
        };
        let entries = values.iter().filter_map(readable).collect();
        let published_at = DateTime::from_timestamp_micros(published_at).unwrap_or(DateTime::UNIX_EPOCH);
        let of_epoch = term.as_deref().and_then(|term| term.split_once(' ')).filter(|(_, of)| *of == epoch);
        let term = of_epoch.and_then(|(term, _)| term.parse().ok()).unwrap_or_default();
        let trace = TraceContext::default();
        let last = Publication { epoch: epoch.into(), term, seq, reason, published_at, trace, entries };
        Ok(Some((last, store.unwrap_or_default())))
    }

    /// Names the state of this Redis: one that was restarted, or promoted from a replica, has another name, as what it holds may
    /// be older.
    pub(super) async fn store_name(&self) -> Result<String, ClusterError> {
        let mut pipeline = redis::pipe();
        pipeline.cmd("INFO").arg("server").cmd("INFO").arg("replication");
        let (server, replication): (redis::InfoDict, redis::InfoDict) = self.pipe(&pipeline).await?;
        let (run, replica): (Option<String>, Option<String>) = (server.get("run_id"), replication.get("master_replid"));
        Ok(format!("{} {}", run.unwrap_or_default(), replica.unwrap_or_default()))
    }

    /// Offers to the feed what it does not know.
    pub(super) async fn offer(&self, offer: &Offer) -> Result<(), ClusterError> {
        let script = Script::new(redis_scripts::OFFER_ENTRIES);
        let mut give = script.prepare_invoke();
        let outdated = offer.outdated.as_ref().map(to_json).unwrap_or_default();
        give.key(redis_scripts::OFFERS_KEY).arg(OFFER_LIFETIME.as_millis() as u64).arg(outdated);
        for entry in &offer.entries {
            give.arg(entry.quote.symbol.as_str()).arg(to_json(entry));
        }
        self.run(&give).await
    }

    /// Takes what the nodes have offered; `None` for nothing.
    pub(super) async fn take_offers(&self) -> Result<Option<Offer>, ClusterError> {
        let script = Script::new(redis_scripts::TAKE_OFFERS);
        let mut take = script.prepare_invoke();
        take.key(redis_scripts::OFFERS_KEY);
        let (outdated, entries): (Option<String>, Vec<String>) = self.run(&take).await?;
        let entries = entries.iter().filter_map(|entry| from_json(entry).ok()).collect();
        Ok(outdated.map(|outdated| Offer { outdated: from_json(&outdated).ok(), entries }))
    }

    /// Reports this node's demand and returns that of all nodes. `changed` notifies the others.
    pub(super) async fn exchange_demand(&self, demand: &NodeDemand, changed: bool) -> Result<NodeDemand, ClusterError> {
        let now = clock::now().timestamp_millis();
        let lifetime = DEMAND_LIFETIME.as_millis() as i64;
        let mut pipeline = redis::pipe();
        pipeline
            .pset_ex(format!("{}{}", redis_scripts::DEMAND_KEY_PREFIX, self.node), to_json(demand), lifetime as u64)
            .ignore()
            .zadd(redis_scripts::NODES_KEY, &self.node, now + lifetime)
            .ignore()
            // Demand has its own expiry. Names are kept longer, so that clock differences between nodes do not matter.
            .zrembyscore(redis_scripts::NODES_KEY, 0, now - NODE_RETENTION_MS)
            .ignore()
            .zrange(redis_scripts::NODES_KEY, 0, -1);
        if changed {
            pipeline.publish(redis_scripts::DEMAND_CHANNEL, &self.node).ignore();
        }
        let (nodes,): (Vec<String>,) = self.pipe(&pipeline).await?;
        if nodes.is_empty() {
            return Ok(demand.clone());
        }
        let names: Vec<String> =
            nodes.iter().map(|node| format!("{}{node}", redis_scripts::DEMAND_KEY_PREFIX)).collect();
        let (reported,): (Vec<Option<String>>,) = self.pipe(redis::pipe().mget(names)).await?;
        let reported: Vec<String> = reported.into_iter().flatten().collect();
        self.known_nodes.store(u32::try_from(reported.len()).unwrap_or(u32::MAX).max(1), Ordering::Relaxed);
        let mut all = NodeDemand::new();
        for json in reported {
            for (symbol, watchers) in from_json::<NodeDemand>(&json)? {
                let sum = all.entry(symbol).or_default();
                *sum = sum.saturating_add(watchers);
            }
        }
        Ok(all)
    }

    /// How many nodes there were when it last answered, this one included.
    pub fn known_nodes(&self) -> u32 {
        self.known_nodes.load(Ordering::Relaxed)
    }

    pub(super) async fn share_secret_fingerprint(&self, own: &str) -> Result<Option<String>, ClusterError> {
        let lifetime = redis::SetExpiry::EX(SECRET_LIFETIME_SECONDS);
        let options = redis::SetOptions::default().conditional_set(redis::ExistenceCheck::NX).with_expiration(lifetime);
        let mut pipeline = redis::pipe();
        pipeline.set_options(redis_scripts::SECRET_KEY, own, options).ignore().get(redis_scripts::SECRET_KEY);
        let (stored,): (Option<String>,) = self.pipe(&pipeline).await?;
        if stored.as_deref() == Some(own) {
            let () = self
                .pipe(redis::pipe().expire(redis_scripts::SECRET_KEY, SECRET_LIFETIME_SECONDS as i64).ignore())
                .await?;
        }
        Ok(stored)
    }

    /// Takes tokens from a bucket that all nodes share. Returns whether there were enough, and the time until the bucket is
    /// full.
    pub async fn take_tokens(
        &self,
        bucket: &str,
        quota: u32,
        window: Duration,
        tokens: u32,
    ) -> Result<(bool, Duration), ClusterError> {
        // Hashed once: every request runs it.
        static SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(redis_scripts::TAKE_TOKENS));
        let mut take = SCRIPT.prepare_invoke();
        take.key(format!("{}{bucket}", redis_scripts::BUCKET_KEY_PREFIX))
            .arg(window.as_micros() as u64)
            .arg(quota)
            .arg(tokens);
        let work = async {
            let mut connection = self.limits_pool.get().await?;
            take.invoke_async(&mut connection).await.map_err(|error| self.limits_pool.describe(&error))
        };
        let (is_allowed, missing): (bool, u64) = with_timeout(LIMITS_TIMEOUT, work).await?;
        Ok((is_allowed, Duration::from_micros(missing)))
    }

    /// The number of nodes with unexpired demand.
    pub async fn count_nodes(&self) -> Result<u64, ClusterError> {
        let now = clock::now().timestamp_millis();
        let (count,): (u64,) = self.pipe(redis::pipe().zcount(redis_scripts::NODES_KEY, now, "+inf")).await?;
        Ok(count)
    }

    /// Sends an event to the other nodes, as `NODE JSON`, or `NODE;TRACEPARENT JSON` where it came of a request that is traced.
    pub(super) async fn send_event(&self, json: &str, trace: TraceContext) -> Result<(), ClusterError> {
        let from = if trace.is_none() { self.node.clone() } else { format!("{};{trace}", self.node) };
        self.pipe(redis::pipe().publish(redis_scripts::EVENTS_CHANNEL, format!("{from} {json}")).ignore()).await
    }

    /// The JSON of another node's event, and what it came of; `None` for this node's own.
    pub(super) fn event_of_other_node<'a>(&self, message: &'a str) -> Option<(&'a str, TraceContext)> {
        let (from, json) = message.split_once(' ')?;
        let (node, trace) = from.split_once(';').unwrap_or((from, ""));
        (node != self.node).then(|| (json, trace.parse().unwrap_or_default()))
    }

    pub(super) fn probe_channel(&self) -> String {
        format!("{}{}", redis_scripts::PROBE_CHANNEL_PREFIX, self.node)
    }

    /// Has this node hear something, if its subscription still works.
    pub(super) async fn probe(&self) -> Result<(), ClusterError> {
        self.pipe(redis::pipe().publish(self.probe_channel(), "").ignore()).await
    }

    /// The policy by which this Redis drops keys when its memory is full; `None` if it drops none. Rounds, limits and the lease
    /// may be among them.
    pub async fn eviction_policy(&self) -> Result<Option<String>, ClusterError> {
        let mut pipeline = redis::pipe();
        pipeline.cmd("INFO").arg("memory");
        let (memory,): (redis::InfoDict,) = self.pipe(&pipeline).await?;
        let limit: u64 = memory.get("maxmemory").unwrap_or_default();
        let policy: Option<String> = memory.get("maxmemory_policy");
        Ok(policy.filter(|policy| limit > 0 && policy != "noeviction"))
    }

    /// A connection that is subscribed to the cluster's channels.
    pub(super) async fn subscribe(&self) -> Result<PubSub, ClusterError> {
        let work = async {
            let mut listener = self.server.pubsub().await.map_err(|error| error.to_string())?;
            listener
                .subscribe(&[
                    redis_scripts::ROUNDS_CHANNEL,
                    redis_scripts::EVENTS_CHANNEL,
                    redis_scripts::DEMAND_CHANNEL,
                    &self.probe_channel(),
                ])
                .await
                .map_err(|error| error.to_string())?;
            Ok(listener)
        };
        with_timeout(CONNECT_TIMEOUT, work).await
    }
}

async fn with_timeout<T>(timeout: Duration, work: impl Future<Output = Result<T, String>>) -> Result<T, ClusterError> {
    match tokio::time::timeout(timeout, work).await {
        Ok(outcome) => outcome.map_err(ClusterError::Unreachable),
        Err(_) => Err(ClusterError::Unreachable(format!("no answer within {timeout:?}"))),
    }
}

fn check_accepted(answer: u64) -> Result<(), ClusterError> {
    if answer == 1 { Ok(()) } else { Err(ClusterError::LeaseLost) }
}

fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain data")
}

pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, ClusterError> {
    serde_json::from_str(text).map_err(|error| ClusterError::Unreachable(format!("unreadable: {error}")))
}
