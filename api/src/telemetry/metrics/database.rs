//! The pool of database connections: used, idle, waited for.

use super::duration_histogram;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct State {
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

/// The database connections of this node.
#[derive(Clone, Debug)]
pub struct DatabaseMetrics {
    connections: Family<State, Gauge>,
    errors: Family<Kind, Counter>,
    /// Seconds of waiting for a connection.
    pub wait: Histogram,
}

impl Default for DatabaseMetrics {
    fn default() -> Self {
        Self { connections: Family::default(), errors: Family::default(), wait: duration_histogram() }
    }
}

impl DatabaseMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        // What is not there cannot be seen to rise.
        for kind in ["busy", "unreachable", "storage_full", "not_writable", "other"] {
            drop(self.errors.get_or_create(&Kind { kind }));
        }
        registry.register("db_connections", "Connections to the database", self.connections.clone());
        registry.register("db_wait_seconds", "Time that work waited for a connection", self.wait.clone());
        registry.register("db_errors", "Work that the database could not do", self.errors.clone());
    }

    /// Sets how many connections are in use and how many wait for use.
    pub fn set_connections(&self, used: u32, idle: u32) {
        self.connections.get_or_create(&State { state: "used" }).set(used.into());
        self.connections.get_or_create(&State { state: "idle" }).set(idle.into());
    }

    /// Counts work that failed, by its kind.
    pub fn record_error(&self, kind: &'static str) {
        self.errors.get_or_create(&Kind { kind }).inc();
    }
}
