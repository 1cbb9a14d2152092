//! Rounds of prices, and the nodes that share them.

use super::duration_histogram;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::sync::atomic::AtomicU64;

type Seconds = Gauge<f64, AtomicU64>;

/// The feed as this node has it.
pub struct FeedMetrics {
    /// Rounds of prices that reached this node.
    pub rounds: Counter,
    /// Encoded rows of prices: one for each symbol of a round, for all of its subscribers.
    pub fragments_encoded: Counter,
    /// Seconds from a batch of the source to its round's publication; of the node that runs the feed.
    pub round_duration: Histogram,
    /// Seconds between the publication of the newest round and its arrival here, by the nodes' clocks.
    pub lag: Seconds,
    age: Seconds,
    leader: Gauge,
    term: Gauge,
    market_open: Gauge,
    nodes: Gauge,
    redis_reachable: Gauge,
}

/// The state of the feed and of the cluster, when it is asked for.
pub struct FeedState {
    /// Seconds since the source's last batch; `None` before the first.
    pub age: Option<f64>,
    /// Whether this node runs the feed.
    pub is_leader: bool,
    /// The newest term.
    pub term: u64,
    /// Whether an exchange is open.
    pub is_market_open: bool,
    /// How many nodes there are.
    pub nodes: u32,
    /// Whether Redis answers; true where there is none.
    pub is_redis_reachable: bool,
}

impl Default for FeedMetrics {
    fn default() -> Self {
        Self {
            rounds: Counter::default(),
            fragments_encoded: Counter::default(),
            round_duration: duration_histogram(),
            lag: Seconds::default(),
            age: Seconds::default(),
            leader: Gauge::default(),
            term: Gauge::default(),
            market_open: Gauge::default(),
            nodes: Gauge::default(),
            redis_reachable: Gauge::default(),
        }
    }
}

impl FeedMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("rounds", "Rounds of prices that reached this node", self.rounds.clone());
        let fragments = self.fragments_encoded.clone();
        registry.register("fragments_encoded", "Rows of prices encoded, once for all their readers", fragments);
        let duration = self.round_duration.clone();
        registry.register("feed_round_duration_seconds", "Time from a batch of prices to its publication", duration);
        registry.register("feed_age_seconds", "Time since the source's last batch", self.age.clone());
        registry.register("feed_leader", "Whether this node runs the feed", self.leader.clone());
        registry.register("feed_term", "The newest term of the feed", self.term.clone());
        registry.register("feed_market_open", "Whether an exchange is open", self.market_open.clone());
        registry.register("cluster_lag_seconds", "Time from a round's publication to its arrival", self.lag.clone());
        registry.register("cluster_nodes", "Nodes of the cluster", self.nodes.clone());
        registry.register("redis_reachable", "Whether Redis answers", self.redis_reachable.clone());
    }

    /// Sets what is a state and not a count.
    pub fn set_state(&self, state: &FeedState) {
        self.age.set(state.age.unwrap_or(0.0));
        self.leader.set(state.is_leader.into());
        self.term.set(i64::try_from(state.term).unwrap_or(i64::MAX));
        self.market_open.set(state.is_market_open.into());
        self.nodes.set(state.nodes.into());
        self.redis_reachable.set(state.is_redis_reachable.into());
    }
}
