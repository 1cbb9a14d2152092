//! Metrics of this node, in the text format of OpenMetrics (`GET /metrics`).

use chrono::{NaiveDate, NaiveTime};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
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
    /// Restarts of tasks that ended.
    task_restarts: Family<Vec<(String, String)>, Counter>,
    /// The day on which the exchanges' calendars end, in Unix seconds.
    calendar_end: Gauge,
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
        let (task_restarts, calendar_end) = (Family::default(), Gauge::default());
        registry.register("task_restarts", "Tasks that ended and were started again", task_restarts.clone());
        registry.register("calendar_end_seconds", "When the calendars of the exchanges end", calendar_end.clone());
        Self { registry, rounds, fragments_encoded, frames, connections, too_slow, task_restarts, calendar_end }
    }
}

impl Metrics {
    /// All metrics, in the OpenMetrics text format, with the restarts of tasks and the end of the calendars.
    pub fn to_text(&self, restarts: &[(&'static str, u64)], calendar_end: NaiveDate) -> String {
        for (task, count) in restarts {
            let counter = self.task_restarts.get_or_create(&vec![("task".to_owned(), (*task).to_owned())]);
            counter.inc_by(count.saturating_sub(counter.get()));
        }
        self.calendar_end.set(calendar_end.and_time(NaiveTime::MIN).and_utc().timestamp());
        let mut text = String::new();
        // Writing to a `String` cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
