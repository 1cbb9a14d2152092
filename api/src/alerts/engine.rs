//! What the evaluation of alerts works with.

use super::inbox::Inbox;
use crate::cluster::Node;
use crate::db::Db;
use crate::history::History;
use crate::market::calendar::Calendar;
use crate::search::LiveIndex;
use crate::telemetry::metrics::Metrics;
use std::sync::Arc;
use tokio::sync::Notify;

/// Tells the node's own engine that alerts have changed, which it would else see half a second later.
#[derive(Clone, Default)]
pub struct AlertsChanged(Arc<Notify>);

impl AlertsChanged {
    /// Alerts were made, changed or deleted, and that is committed.
    pub fn notify_changed(&self) {
        self.0.notify_one();
    }

    /// Waits for it.
    pub(super) async fn wait(&self) {
        self.0.notified().await;
    }
}

/// What the evaluation of alerts works with.
pub struct AlertEngine {
    /// Storage.
    pub db: Db,
    /// This node: its source, and the events that tell of triggers.
    pub node: Arc<Node>,
    /// The catalogue.
    pub tickers: Arc<LiveIndex>,
    /// When exchanges are open.
    pub calendar: Arc<Calendar>,
    /// The daily bars that highs and lows are found from.
    pub history: History,
    /// What the feed tells.
    pub inbox: Arc<Inbox>,
    /// Told when this node changes alerts.
    pub changed: AlertsChanged,
    /// Tells the delivery that something is queued.
    pub queued: Arc<Notify>,
    /// The node's metrics.
    pub metrics: Arc<Metrics>,
}
