//! Metrics of this node, in the text format of OpenMetrics (`GET /metrics`).

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// The metrics, each registered in `registry`.
pub struct Metrics {
    registry: Registry,
    /// Rounds of prices that reached this node.
    pub rounds: Counter,
    /// Encoded rows of prices: one for each symbol of a round, for all of its subscribers.
    pub fragments_encoded: Counter,
    /// Frames of prices built for clients.
    pub frames: Counter,
    /// Open connections of the stream.
    pub connections: Gauge,
    /// Connections closed because their client does not read.
    pub too_slow: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("watchtape");
        let mut counter = |name: &str, help: &str| {
            let counter = Counter::default();
            registry.register(name, help, counter.clone());
            counter
        };
        let rounds = counter("rounds", "Rounds of prices that reached this node");
        let fragments_encoded = counter("fragments_encoded", "Rows of prices encoded, once for all their readers");
        let frames = counter("frames", "Frames of prices made for clients");
        let too_slow = counter("too_slow", "Streams given up because their client does not read");
        let connections = Gauge::default();
        registry.register("connections", "Open streams", connections.clone());
        Self { registry, rounds, fragments_encoded, frames, connections, too_slow }
    }
}

impl Metrics {
    /// All metrics, in the OpenMetrics text format.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        // Writing to a `String` cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
