//! The cluster's store: every command that is sent to Redis, each within a deadline.

use super::last_values::FeedHeartbeat;
use super::round::{Entry, Publication};
use super::{Refusal, Term, redis_scripts};
use crate::ids::random_token;
use chrono::{DateTime, Utc};
use deadpool_redis::redis::{self, Client, FromRedisValue, Script, aio::PubSub};
use deadpool_redis::{Config, Pool, PoolConfig, Runtime, Timeouts};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use watchtape_shared::Symbol;

/// How long a lease lasts without being renewed: another node begins no sooner after this one is lost.
const LEASE: Duration = Duration::from_millis(2_000);
/// How often it is renewed, and how often the others look whether it is free.
const RENEWAL: Duration = Duration::from_millis(400);
/// What a holder stops before the store's clock does: the time that its last renewal may have been on the way.
const MARGIN: Duration = Duration::from_millis(300);
/// How long a command, and making a connection, may take.
const COMMAND: Duration = Duration::from_secs(2);
const CONNECT: Duration = Duration::from_secs(1);
/// How long what a node watches counts without being told again.
const DEMAND_LIFETIME: Duration = Duration::from_secs(5);
/// After how many milliseconds the name of a node that was not heard is dropped.
const FORGOTTEN_MS: i64 = 3_600_000;
const CONNECTIONS: usize = 8;
/// How long a request waits for its limit to be asked for.
const LIMITS_WAIT: Duration = Duration::from_millis(150);
const LIMITS_CONNECTIONS: usize = 4;

/// `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]`, checked.
#[derive(Clone)]
pub struct RedisUrl(String);

impl FromStr for RedisUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_url = text.starts_with("redis://") || text.starts_with("unix://") || text.starts_with("redis+unix://");
        let is_good = is_url && Client::open(text).is_ok();
        is_good
            .then(|| Self(text.to_owned()))
            .ok_or("the URL of a Redis is redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]")
    }
}

impl std::fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A URL may hold a password.
        f.write_str("redis://…")
    }
}

/// Connection pools, and this node's name among the others.
pub struct Redis {
    pool: Pool,
    /// For the limits on requests: a flood of those is not to keep the feed waiting.
    limits_pool: Pool,
    client: Client,
    node: String,
    /// The lease that this node holds or last held.
    token: Mutex<Option<String>>,
}

/// What travels on the channel of rounds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Message {
    Round(Publication),
    #[serde(rename = "pulse")]
    Heartbeat(FeedHeartbeat),
}

/// What one node watches.
type NodeDemand = HashMap<Symbol, u32>;

impl Redis {
    /// A store at this address. Connects when it is first needed: a node starts without its Redis too.
    pub fn new(url: &RedisUrl) -> Result<Self, String> {
        let pool = open_pool(url, CONNECTIONS, COMMAND)?;
        let limits_pool = open_pool(url, LIMITS_CONNECTIONS, LIMITS_WAIT)?;
        let client = Client::open(url.0.as_str()).map_err(|error| error.to_string())?;
        Ok(Self { pool, limits_pool, client, node: random_token()[..10].to_owned(), token: Mutex::new(None) })
    }

    async fn run<T: FromRedisValue>(&self, invocation: &redis::ScriptInvocation<'_>) -> Result<T, Refusal> {
        let work = async {
            let mut connection = self.pool.get().await.map_err(|error| error.to_string())?;
            invocation.invoke_async(&mut connection).await.map_err(|error| error.to_string())
        };
        within(COMMAND, work).await
    }

    async fn pipe<T: FromRedisValue>(&self, pipeline: &redis::Pipeline) -> Result<T, Refusal> {
        let work = async {
            let mut connection = self.pool.get().await.map_err(|error| error.to_string())?;
            pipeline.query_async(&mut connection).await.map_err(|error| error.to_string())
        };
        within(COMMAND, work).await
    }

    pub(super) async fn lead(&self) -> Term {
        let script = Script::new(redis_scripts::ACQUIRE);
        let mut attempts = tokio::time::interval(RENEWAL);
        attempts.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            attempts.tick().await;
            let mut acquire = script.prepare_invoke();
            acquire.key(redis_scripts::LEASE).key(redis_scripts::FENCE).arg(&self.node).arg(LEASE.as_millis() as u64);
            match self.run::<u64>(&acquire).await {
                Ok(0) => {}
                Ok(fence) => {
                    let token = format!("{fence} {}", self.node);
                    *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
                    tracing::info!(fence, "this node runs the feed");
                    return Term { fence, token };
                }
                Err(error) => tracing::debug!(%error, "no election"),
            }
        }
    }

    pub(super) async fn until_lost(&self, term: &Term, elected_at: Instant) {
        let script = Script::new(redis_scripts::RENEW);
        let mut valid_until = elected_at + LEASE - MARGIN;
        loop {
            tokio::time::sleep_until((Instant::now() + RENEWAL).min(valid_until)).await;
            let asked_at = Instant::now();
            let mut renew = script.prepare_invoke();
            renew.key(redis_scripts::LEASE).arg(&term.token).arg(LEASE.as_millis() as u64);
            let renewed = tokio::time::timeout_at(valid_until, self.run::<u64>(&renew)).await;
            match renewed {
                Ok(Ok(1)) => valid_until = asked_at + LEASE - MARGIN,
                Ok(Ok(_)) => return,
                Ok(Err(_)) if Instant::now() < valid_until => {}
                Ok(Err(_)) | Err(_) => return,
            }
        }
    }

    pub(super) async fn resign(&self) {
        let token = self.token.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(token) = token else { return };
        let script = Script::new(redis_scripts::RELEASE);
        let mut release = script.prepare_invoke();
        release.key(redis_scripts::LEASE).arg(token);
        // Where it fails, the lease runs out by itself.
        let _ = self.run::<u64>(&release).await;
    }

    pub(super) async fn publish(&self, term: &Term, publication: &Publication) -> Result<(), Refusal> {
        let script = Script::new(redis_scripts::WRITE);
        let mut write = script.prepare_invoke();
        write
            .key(redis_scripts::LEASE)
            .key(redis_scripts::LAST)
            .key(redis_scripts::META)
            .arg(&term.token)
            .arg(&*publication.epoch)
            .arg(publication.seq)
            .arg(publication.published_at.timestamp_micros())
            .arg(redis_scripts::ROUNDS);
        // Each entry is encoded once: its JSON is the value that is stored and a part of the message.
        let entries: Vec<String> = publication.entries.iter().map(to_json).collect();
        write.arg(format!(
            r#"{{"kind":"round","epoch":{},"seq":{},"published_at":{},"entries":[{}]}}"#,
            to_json(&publication.epoch),
            publication.seq,
            to_json(&publication.published_at),
            entries.join(",")
        ));
        for (entry, json) in publication.entries.iter().zip(&entries) {
            write.arg(entry.quote.symbol.as_str()).arg(json);
        }
        accepted(self.run(&write).await?)
    }

    pub(super) async fn publish_heartbeat(&self, term: &Term, heartbeat: FeedHeartbeat) -> Result<(), Refusal> {
        let script = Script::new(redis_scripts::PULSE);
        let mut publish = script.prepare_invoke();
        publish
            .key(redis_scripts::LEASE)
            .arg(&term.token)
            .arg(redis_scripts::ROUNDS)
            .arg(to_json(&Message::Heartbeat(heartbeat)));
        accepted(self.run(&publish).await?)
    }

    /// The last values that the store holds; none where it holds nothing.
    pub async fn load(&self) -> Result<Option<Publication>, Refusal> {
        type Meta = (Option<String>, Option<u64>, Option<i64>);
        let script = Script::new(redis_scripts::READ);
        let mut read = script.prepare_invoke();
        read.key(redis_scripts::LAST).key(redis_scripts::META);
        let ((epoch, seq, published_at), values): (Meta, Vec<String>) = self.run(&read).await?;
        let (Some(epoch), Some(seq), Some(published_at)) = (epoch, seq, published_at) else { return Ok(None) };
        let readable = |value: &String| {
            from_json::<Entry>(value).inspect_err(|error| tracing::warn!(%error, "a last value is passed over")).ok()
        };
        let entries = values.iter().filter_map(readable).collect();
        let published_at = DateTime::from_timestamp_micros(published_at).unwrap_or(DateTime::UNIX_EPOCH);
        Ok(Some(Publication { epoch: epoch.into(), seq, published_at, entries }))
    }

    /// Says what this node watches, and hears what all of them do.
    pub(super) async fn exchange_demand(&self, demand: &NodeDemand, changed: bool) -> Result<NodeDemand, Refusal> {
        let now = Utc::now().timestamp_millis();
        let lifetime = DEMAND_LIFETIME.as_millis() as i64;
        let mut pipeline = redis::pipe();
        pipeline
            .pset_ex(format!("{}{}", redis_scripts::DEMAND, self.node), to_json(demand), lifetime as u64)
            .ignore()
            .zadd(redis_scripts::NODES, &self.node, now + lifetime)
            .ignore()
            // What a node watches has its own expiry; names stay longer, whatever the nodes' clocks say.
            .zrembyscore(redis_scripts::NODES, 0, now - FORGOTTEN_MS)
            .ignore()
            .zrange(redis_scripts::NODES, 0, -1);
        if changed {
            pipeline.publish(redis_scripts::DEMAND_CHANGED, &self.node).ignore();
        }
        let (nodes,): (Vec<String>,) = self.pipe(&pipeline).await?;
        if nodes.is_empty() {
            return Ok(demand.clone());
        }
        let names: Vec<String> = nodes.iter().map(|node| format!("{}{node}", redis_scripts::DEMAND)).collect();
        let (told,): (Vec<Option<String>>,) = self.pipe(redis::pipe().mget(names)).await?;
        let mut all = NodeDemand::new();
        for json in told.into_iter().flatten() {
            for (symbol, watchers) in from_json::<NodeDemand>(&json)? {
                let sum = all.entry(symbol).or_default();
                *sum = sum.saturating_add(watchers);
            }
        }
        Ok(all)
    }

    pub(super) async fn claim_ticket(&self, id: &str, lifetime_seconds: u64) -> Result<bool, Refusal> {
        let mut pipeline = redis::pipe();
        let lifetime = redis::SetExpiry::EX(lifetime_seconds);
        let options = redis::SetOptions::default().conditional_set(redis::ExistenceCheck::NX).with_expiration(lifetime);
        pipeline.set_options(format!("{}{id}", redis_scripts::TICKET), 1, options);
        let (claimed,): (Option<String>,) = self.pipe(&pipeline).await?;
        Ok(claimed.is_some())
    }

    /// Takes tokens of a bucket: whether there were so many, and how long it is until the bucket is full.
    pub(super) async fn take_tokens(
        &self,
        bucket: &str,
        quota: u32,
        window: Duration,
        tokens: u32,
    ) -> Result<(bool, Duration), Refusal> {
        // Hashed once: every request comes by here.
        static SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(redis_scripts::TAKE));
        let mut take = SCRIPT.prepare_invoke();
        take.key(format!("{}{bucket}", redis_scripts::BUCKET)).arg(window.as_micros() as u64).arg(quota).arg(tokens);
        let work = async {
            let mut connection = self.limits_pool.get().await.map_err(|error| error.to_string())?;
            take.invoke_async(&mut connection).await.map_err(|error| error.to_string())
        };
        let (is_allowed, missing): (bool, u64) = within(LIMITS_WAIT, work).await?;
        Ok((is_allowed, Duration::from_micros(missing)))
    }

    /// How many nodes tell what they watch.
    pub async fn count_nodes(&self) -> Result<u64, Refusal> {
        let now = Utc::now().timestamp_millis();
        let (count,): (u64,) = self.pipe(redis::pipe().zcount(redis_scripts::NODES, now, "+inf")).await?;
        Ok(count)
    }

    pub(super) async fn send_event(&self, json: &str) -> Result<(), Refusal> {
        self.pipe(redis::pipe().publish(redis_scripts::EVENTS, format!("{} {json}", self.node)).ignore()).await
    }

    /// An event of another node; none for one of our own.
    pub(super) fn foreign<'a>(&self, message: &'a str) -> Option<&'a str> {
        let (node, json) = message.split_once(' ')?;
        (node != self.node).then_some(json)
    }

    /// A connection that hears the cluster's channels.
    pub(super) async fn listen(&self) -> Result<PubSub, Refusal> {
        let work = async {
            let mut listener = self.client.get_async_pubsub().await.map_err(|error| error.to_string())?;
            listener
                .subscribe(&[redis_scripts::ROUNDS, redis_scripts::EVENTS, redis_scripts::DEMAND_CHANGED])
                .await
                .map_err(|error| error.to_string())?;
            Ok(listener)
        };
        within(CONNECT, work).await
    }
}

fn open_pool(url: &RedisUrl, size: usize, wait: Duration) -> Result<Pool, String> {
    let mut config = Config::from_url(&url.0);
    config.pool = Some(PoolConfig {
        max_size: size,
        timeouts: Timeouts { wait: Some(wait), create: Some(CONNECT), recycle: Some(CONNECT) },
        ..PoolConfig::default()
    });
    config.create_pool(Some(Runtime::Tokio1)).map_err(|error| error.to_string())
}

async fn within<T>(deadline: Duration, work: impl Future<Output = Result<T, String>>) -> Result<T, Refusal> {
    match tokio::time::timeout(deadline, work).await {
        Ok(outcome) => outcome.map_err(Refusal::Unreachable),
        Err(_) => Err(Refusal::Unreachable(format!("nothing within {deadline:?}"))),
    }
}

fn accepted(answer: u64) -> Result<(), Refusal> {
    if answer == 1 { Ok(()) } else { Err(Refusal::Lost) }
}

fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain data")
}

pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    serde_json::from_str(text).map_err(|error| Refusal::Unreachable(format!("unreadable: {error}")))
}
