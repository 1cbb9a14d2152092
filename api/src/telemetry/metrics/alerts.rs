//! What alerts do on a node.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::sync::atomic::AtomicU64;

/// What alerts do on a node. Those of a node that does not run the feed stand still.
#[derive(Default)]
pub struct AlertMetrics {
    /// Alerts that are evaluated.
    pub loaded: Gauge,
    /// Triggers that were stored.
    pub triggers: Counter,
    /// Those of them that say that they are late.
    pub late_triggers: Counter,
    /// Seconds of evaluation.
    pub evaluation_seconds: Counter<f64, AtomicU64>,
    /// Prices that were merged into others, because the evaluation was behind.
    pub coalesced: Counter,
}

impl AlertMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("alerts_loaded", "Alerts that this node evaluates", self.loaded.clone());
        registry.register("alert_triggers", "Triggers of alerts that were stored", self.triggers.clone());
        let late = self.late_triggers.clone();
        registry.register("alert_late_triggers", "Triggers of alerts that say they are late", late);
        let seconds = self.evaluation_seconds.clone();
        registry.register("alert_evaluation_seconds", "Time spent on comparing prices with alerts", seconds);
        let coalesced = self.coalesced.clone();
        registry.register("alert_coalesced_prices", "Prices merged because alerts were behind", coalesced);
    }
}
