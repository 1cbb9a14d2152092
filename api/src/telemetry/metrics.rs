//! What the node counts, for operators and tests: `GET /metrics` in the text format of OpenMetrics.

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// The counters, each also in the registry that is read out.
pub struct Metrics {
    registry: Registry,
    /// Rounds that reached this node.
    pub rounds: Counter,
    /// Rows of prices that were encoded: one for each symbol of a round, however many clients read it.
    pub fragments_encoded: Counter,
    /// Frames of prices that were made for clients.
    pub frames: Counter,
    /// Open connections of the stream.
    pub connections: Gauge,
    /// Connections that were given up because their client does not read.
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
    /// All of it, as a scraper reads it.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        // Writing to a text that grows cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
