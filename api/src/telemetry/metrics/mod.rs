//! Metrics of this node, in the text format of OpenMetrics (`GET /metrics`). docs/metrics.md lists them.
//!
//! Each group is registered here and counted where it happens. What is a state rather than a count, such as the age of the
//! feed, is read when somebody asks ([`crate::http::handlers::metrics`]).

mod alerts;
mod database;
mod feed;
mod http;
mod process;
mod server;
mod stream;
mod vendors;
mod work;

pub use alerts::AlertMetrics;
pub use database::DatabaseMetrics;
pub use feed::{FeedMetrics, FeedState};
pub use http::{HttpMetrics, RequestLabels};
pub use server::{SecondsGauge, ServerMetrics};
pub use stream::StreamMetrics;
pub use vendors::{CallOutcome, VendorMetrics};
pub use work::{DeliveryOutcome, ImportOutcome, LoginOutcome, WorkMetrics};

use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Bounds of the buckets of a duration, in seconds.
const DURATIONS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The metrics of a node.
pub struct Metrics {
    registry: Registry,
    /// Requests.
    pub http: HttpMetrics,
    /// The pool of database connections.
    pub database: DatabaseMetrics,
    /// Connections of the stream.
    pub stream: StreamMetrics,
    /// Rounds of prices, and the nodes that share them.
    pub feed: FeedMetrics,
    /// Calls to vendors.
    pub vendors: VendorMetrics,
    /// What alerts do.
    pub alerts: AlertMetrics,
    /// Searches, sign-ins, imports, sweeps and deliveries.
    pub work: WorkMetrics,
    /// The process and its tasks.
    pub server: ServerMetrics,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::with_database(DatabaseMetrics::default())
    }
}

impl Metrics {
    /// Of a node whose database counts in `database`.
    pub fn with_database(database: DatabaseMetrics) -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("watchtape"),
            http: HttpMetrics::default(),
            database,
            stream: StreamMetrics::default(),
            feed: FeedMetrics::default(),
            vendors: VendorMetrics::default(),
            alerts: AlertMetrics::default(),
            work: WorkMetrics::default(),
            server: ServerMetrics::default(),
        };
        let registry = &mut metrics.registry;
        metrics.http.register(registry);
        metrics.database.register(registry);
        metrics.stream.register(registry);
        metrics.feed.register(registry);
        metrics.vendors.register(registry);
        metrics.alerts.register(registry);
        metrics.work.register(registry);
        metrics.server.register(registry);
        metrics
    }

    /// All metrics, in the OpenMetrics text format, with those of the process.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        // Writing to a `String` cannot fail.
        let _ = encode_registry(&mut text, &self.registry);
        let _ = encode_registry(&mut text, &process::read());
        let _ = encode_eof(&mut text);
        text
    }
}

/// A histogram of durations in seconds.
fn duration_histogram() -> Histogram {
    Histogram::new(DURATIONS)
}

/// Raises a counter to a total that is counted elsewhere.
fn raise(counter: &Counter, total: u64) {
    counter.inc_by(total.saturating_sub(counter.get()));
}
