//! What the nodes share: who of them runs the feed, the rounds it publishes, and what all of them watch. A node that is
//! alone shares with nobody; many nodes share through Redis.
//!
//! The last values and the round's message are one write, so that no node can see the one without the other: cache and
//! bus are one port, not two.

pub mod demand;
pub mod events;
pub mod last_values;
pub mod price_source;
pub mod quote_cache;
mod redis;
mod redis_scripts;
pub mod round;
mod subscriber;
pub mod worker_bus;

pub use redis::{Redis, RedisUrl};

use crate::telemetry::metrics::Metrics;
use demand::Demand;
use events::Events;
use last_values::{FeedHeartbeat, LastValues};
use price_source::PriceSource;
use round::Publication;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The nodes of one service.
pub enum Cluster {
    /// This node is alone.
    InProcess,
    /// Nodes on one Redis.
    Redis(Box<Redis>),
}

/// The right to run the feed, until it is lost.
pub struct Term {
    /// Grows with every election: the store refuses a writer with an earlier one.
    pub fence: u64,
    /// What the lease holds while it is this term's.
    token: String,
}

/// Why something was not written.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Another node has been elected, or the term ran out.
    #[error("the lease is lost")]
    Lost,
    /// The store does not answer.
    #[error("the cluster's store does not answer: {0}")]
    Unreachable(String),
}

/// What this node shares with the others, and its own copy of what all of them know.
pub struct Node {
    /// The way to the other nodes.
    pub cluster: Cluster,
    /// The last values, as this node knows them.
    pub last_values: LastValues,
    /// What is watched, here and on all nodes.
    pub demand: Arc<Demand>,
    /// Events for the sockets of this node and of the others.
    pub events: Events,
}

impl Node {
    /// A node that knows nothing yet.
    pub fn new(cluster: Cluster, source: PriceSource, demand: Arc<Demand>, metrics: Arc<Metrics>) -> Self {
        let last_values = LastValues::new(source, metrics);
        Self { cluster, last_values, demand, events: Events::default() }
    }

    /// Starts what the node does for the cluster beside the feed: it takes in rounds and events, and reports what it
    /// watches.
    pub fn join(self: &Arc<Self>) {
        match &self.cluster {
            Cluster::InProcess => {
                let node = self.clone();
                actix_web::rt::spawn(async move { node.demand.keep_alone().await });
            }
            Cluster::Redis(_) => {
                // Until the first snapshot is in, nothing is known of the others.
                self.last_values.set_degraded(true);
                actix_web::rt::spawn(subscriber::follow(self.clone()));
                actix_web::rt::spawn(subscriber::report_demand(self.clone()));
                actix_web::rt::spawn(subscriber::forward_events(self.clone()));
            }
        }
    }

    /// The last values that the store holds; none where it holds nothing.
    pub async fn load(&self) -> Result<Option<Publication>, Refusal> {
        match &self.cluster {
            Cluster::InProcess => Ok(Some(self.last_values.cache.read().to_publication())),
            Cluster::Redis(redis) => redis.load().await,
        }
    }

    /// Stores a round and sends it to every node, in one write.
    pub async fn publish(&self, term: &Term, publication: Publication) -> Result<(), Refusal> {
        match &self.cluster {
            Cluster::InProcess => {
                let _has_gap = self.last_values.apply(publication);
                Ok(())
            }
            Cluster::Redis(redis) => redis.publish(term, &publication).await,
        }
    }

    /// Sends the feed's heartbeat to every node.
    pub async fn publish_heartbeat(&self, term: &Term, heartbeat: FeedHeartbeat) -> Result<(), Refusal> {
        match &self.cluster {
            Cluster::InProcess => {
                self.last_values.apply_heartbeat(heartbeat);
                Ok(())
            }
            Cluster::Redis(redis) => redis.publish_heartbeat(term, heartbeat).await,
        }
    }
}

impl Cluster {
    /// Waits until this node is elected.
    pub async fn lead(&self) -> Term {
        match self {
            Self::InProcess => Term { fence: 1, token: String::new() },
            Self::Redis(redis) => redis.lead().await,
        }
    }

    /// Waits until the term has to be taken for lost. Renews it meanwhile.
    pub async fn until_lost(&self, term: &Term) {
        match self {
            Self::InProcess => pending().await,
            Self::Redis(redis) => redis.until_lost(term, Instant::now()).await,
        }
    }

    /// Whether this is the first use of a ticket on any node. Where the store does not answer, this node's own memory,
    /// which was asked before, has to do.
    pub async fn claim_ticket(&self, id: &str, lifetime_seconds: u64) -> bool {
        match self {
            Self::InProcess => true,
            Self::Redis(redis) => redis.claim_ticket(id, lifetime_seconds).await.unwrap_or(true),
        }
    }

    /// Takes tokens of a bucket that all nodes share: whether there were so many, and how long it is until it is full.
    /// None where the node is alone, and counts by itself.
    pub async fn take_tokens(
        &self,
        bucket: &str,
        quota: u32,
        window: Duration,
        tokens: u32,
    ) -> Option<Result<(bool, Duration), Refusal>> {
        match self {
            Self::InProcess => None,
            Self::Redis(redis) => Some(redis.take_tokens(bucket, quota, window, tokens).await),
        }
    }

    /// Gives the term back, so that another node may begin at once.
    pub async fn resign(&self) {
        if let Self::Redis(redis) = self {
            redis.resign().await;
        }
    }
}
