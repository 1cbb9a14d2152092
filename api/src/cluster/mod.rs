//! What the nodes share: the feed's lease, its rounds and last values, demand, events, tickets and limits. In process
//! for a single node, over Redis for several.
//!
//! Storing the last values and publishing the round are one write, so that no node sees one without the other: cache
//! and bus are one port.

pub mod demand;
pub mod encoded_row;
pub mod entry;
pub mod events;
mod feed_lease;
pub mod last_values;
pub mod quote_cache;
mod redis;
mod redis_connections;
mod redis_scripts;
mod redis_url;
pub mod round;
pub mod source_description;
mod subscriber;
pub mod worker_bus;

pub use redis::Redis;
pub use redis_url::RedisUrl;

use crate::telemetry::metrics::Metrics;
use crate::telemetry::supervision::Tasks;
use crate::telemetry::traces::{TraceContext, trace_span};
use demand::Demand;
use events::Events;
use last_values::{FeedHeartbeat, LastValues, Offer};
use round::Publication;
use source_description::PriceSource;
use std::future::pending;
use std::sync::Arc;
use tokio::time::Instant;
use tracing::Instrument;

/// The connection to the other nodes.
pub enum Cluster {
    /// A single node.
    InProcess,
    /// Several nodes on one Redis.
    Redis(Box<Redis>),
}

/// The lease of the feed, while it is renewed. The time that one node holds it is a term.
pub struct Lease {
    /// The fencing token, which rises with every acquisition: writes with an earlier one are refused.
    pub fence: u64,
    /// The value of the lease's key while this node holds it.
    token: String,
    /// Names the state of the store, see [`Stored`].
    store: String,
}

/// The stored last values.
pub struct Stored {
    /// The last values.
    pub last: Publication,
    /// Whether the store has kept them since they were written. If not, it may have come back with older ones.
    pub is_continuous: bool,
}

/// Why a read or write failed.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// Another node holds the lease, or it expired.
    #[error("the lease is lost")]
    LeaseLost,
    /// Redis does not answer in time, or with something unreadable.
    #[error("the cluster's store does not answer: {0}")]
    Unreachable(String),
}

/// This node: its connection to the others and its copies of the shared state.
pub struct Node {
    /// The connection to the other nodes.
    pub cluster: Cluster,
    /// This node's copy of the last values.
    pub last_values: LastValues,
    /// The watched symbols, of this node and of all.
    pub demand: Arc<Demand>,
    /// Events for the connections of this node and of the others.
    pub events: Events,
    /// The node's metrics.
    pub metrics: Arc<Metrics>,
}

impl Node {
    /// A node without any values yet.
    pub fn new(cluster: Cluster, source: PriceSource, demand: Arc<Demand>, metrics: Arc<Metrics>) -> Self {
        let last_values = LastValues::new(source, metrics.clone());
        Self { cluster, last_values, demand, events: Events::default(), metrics }
    }

    /// Starts the node's cluster tasks: receiving rounds and events, sending events and exchanging demand. The feed is
    /// not one of them.
    pub fn join(self: &Arc<Self>, tasks: &Tasks) {
        match &self.cluster {
            Cluster::InProcess => {
                self.last_values.set_joined();
                let node = self.clone();
                tasks.supervise("demand", move || {
                    let node = node.clone();
                    async move { node.demand.run_single_node().await }
                });
            }
            Cluster::Redis(_) => {
                // Until the first snapshot is loaded.
                self.last_values.set_degraded(true);
                let (follower, reporter, forwarder) = (self.clone(), self.clone(), self.clone());
                tasks.supervise("cluster", move || subscriber::follow(follower.clone()));
                tasks.supervise("demand", move || subscriber::report_demand(reporter.clone()));
                tasks.supervise("events", move || subscriber::forward_events(forwarder.clone()));
            }
        }
    }

    /// The stored last values; `None` where there are none.
    pub async fn load(&self, lease: &Lease) -> Result<Option<Stored>, ClusterError> {
        match &self.cluster {
            Cluster::InProcess => {
                let last = self.last_values.cache.read().to_publication();
                Ok(Some(Stored { last, is_continuous: true }))
            }
            Cluster::Redis(redis) => {
                let stored = redis.load().await?;
                Ok(stored.map(|(last, store)| Stored { last, is_continuous: store == lease.store }))
            }
        }
    }

    /// Takes what nodes hold and the feed does not know; `None` for nothing.
    pub async fn take_offers(&self) -> Result<Option<Offer>, ClusterError> {
        match &self.cluster {
            Cluster::InProcess => Ok(None),
            Cluster::Redis(redis) => redis.take_offers().await,
        }
    }

    /// Stores a round and publishes it to every node, in one write.
    pub async fn publish(&self, lease: &Lease, publication: Publication) -> Result<(), ClusterError> {
        let (seq, symbols) = (publication.seq as i64, publication.entries.len() as i64);
        let span = trace_span!("publish round", watchtape.round.seq = seq, watchtape.round.symbols = symbols);
        let publication = Publication { trace: TraceContext::of(&span), ..publication };
        self.publish_traced(lease, publication).instrument(span).await
    }

    async fn publish_traced(&self, lease: &Lease, publication: Publication) -> Result<(), ClusterError> {
        match &self.cluster {
            Cluster::InProcess => {
                // A new epoch begins with a publication of everything.
                if publication.epoch == self.last_values.cache.read().epoch {
                    let _has_gap = self.last_values.apply(publication);
                } else {
                    self.last_values.restore(publication);
                }
                Ok(())
            }
            Cluster::Redis(redis) => redis.publish(lease, &publication).await,
        }
    }

    /// Publishes the feed's heartbeat to every node.
    pub async fn publish_heartbeat(&self, lease: &Lease, heartbeat: FeedHeartbeat) -> Result<(), ClusterError> {
        match &self.cluster {
            Cluster::InProcess => {
                self.last_values.apply_heartbeat(heartbeat);
                Ok(())
            }
            Cluster::Redis(redis) => redis.publish_heartbeat(lease, heartbeat).await,
        }
    }
}

impl Cluster {
    /// Waits until this node holds the lease.
    pub async fn acquire_lease(&self) -> Lease {
        match self {
            Self::InProcess => Lease { fence: 1, token: String::new(), store: String::new() },
            Self::Redis(redis) => redis.acquire_lease().await,
        }
    }

    /// Renews the lease; returns when it is lost or cannot be renewed in time.
    pub async fn renew_until_lost(&self, lease: &Lease) {
        match self {
            Self::InProcess => pending().await,
            Self::Redis(redis) => redis.renew_until_lost(lease, Instant::now()).await,
        }
    }

    /// Whether there may be other nodes.
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Redis(_))
    }

    /// Stores the fingerprint of this node's secret for the others, unless one is there, and returns what is stored; `None` for
    /// a single node, and where Redis does not answer.
    pub async fn share_secret_fingerprint(&self, own: &str) -> Option<String> {
        match self {
            Self::InProcess => None,
            Self::Redis(redis) => redis.share_secret_fingerprint(own).await.ok().flatten(),
        }
    }

    /// How many nodes there were when Redis last answered, this one included.
    pub fn known_nodes(&self) -> u32 {
        match self {
            Self::InProcess => 1,
            Self::Redis(redis) => redis.known_nodes(),
        }
    }

    /// Releases the lease, so that another node can acquire it at once.
    pub async fn release_lease(&self) {
        if let Self::Redis(redis) = self {
            redis.release_lease().await;
        }
    }
}
