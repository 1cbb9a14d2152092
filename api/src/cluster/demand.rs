//! Demand: the number of watchers of each symbol, from which the feed schedules its calls. Worker threads report the
//! subscriptions of their connections; a request over REST counts as one watcher for 60 s, and an active alert as one for as long as
//! it is active.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use watchtape_shared::Symbol;

/// The number of watchers by symbol, without zeros.
pub type WatcherCounts = Arc<HashMap<Symbol, u32>>;

/// How long a request over REST counts as a watcher.
const REQUEST_LIFETIME: Duration = Duration::from_secs(60);
/// How often a single node removes expired requests.
const SWEEP_INTERVAL: Duration = Duration::from_secs(5);

/// The demand of this node, and of all nodes.
pub struct Demand {
    local: Mutex<LocalDemand>,
    changed: Notify,
    watched: watch::Sender<WatcherCounts>,
}

#[derive(Default)]
struct LocalDemand {
    /// The watchers of connections, by worker thread.
    by_worker: HashMap<usize, HashMap<Symbol, u32>>,
    /// The active alerts of each symbol, on the node that evaluates them.
    by_alerts: HashMap<Symbol, u32>,
    /// When each symbol was last requested over REST. Bounded by the catalogue.
    requested_at: HashMap<Symbol, Instant>,
}

impl Default for Demand {
    fn default() -> Self {
        Self { local: Mutex::default(), changed: Notify::new(), watched: watch::channel(WatcherCounts::default()).0 }
    }
}

impl Demand {
    fn lock(&self) -> MutexGuard<'_, LocalDemand> {
        self.local.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces the demand of a worker thread's connections.
    pub fn set_worker_demand(&self, worker: usize, watchers: HashMap<Symbol, u32>) {
        self.lock().by_worker.insert(worker, watchers);
        self.changed.notify_one();
    }

    /// Replaces the demand of alerts, which watch their symbol also while nobody looks: none on a node that evaluates none.
    pub fn set_alert_demand(&self, alerts: HashMap<Symbol, u32>) {
        let mut local = self.lock();
        if local.by_alerts != alerts {
            local.by_alerts = alerts;
            drop(local);
            self.changed.notify_one();
        }
    }

    /// Records a request over REST for these symbols, which must be of the catalogue.
    pub fn record_request(&self, symbols: impl IntoIterator<Item = Symbol>) {
        let now = Instant::now();
        let mut local = self.lock();
        let mut is_new = false;
        for symbol in symbols {
            let before = local.requested_at.insert(symbol, now);
            is_new |= before.is_none_or(|at| now - at > REQUEST_LIFETIME);
        }
        drop(local);
        if is_new {
            self.changed.notify_one();
        }
    }

    /// This node's demand now.
    pub fn local(&self) -> WatcherCounts {
        let mut local = self.lock();
        local.requested_at.retain(|_, at| at.elapsed() <= REQUEST_LIFETIME);
        let mut total: HashMap<Symbol, u32> = local.requested_at.keys().map(|symbol| (*symbol, 1)).collect();
        for (symbol, watchers) in local.by_worker.values().flatten().chain(&local.by_alerts) {
            *total.entry(*symbol).or_default() += watchers;
        }
        Arc::new(total)
    }

    /// Waits until the demand of this node or of another has changed.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Wakes [`Demand::changed`]: another node watches a new symbol.
    pub fn notify_changed(&self) {
        self.changed.notify_one();
    }

    /// Sets the demand of all nodes.
    pub fn set_watched(&self, total: HashMap<Symbol, u32>) {
        self.watched.send_if_modified(|watched| {
            let changed = **watched != total;
            if changed {
                *watched = Arc::new(total);
            }
            changed
        });
    }

    /// The demand of all nodes, as it changes.
    pub fn watched(&self) -> watch::Receiver<WatcherCounts> {
        self.watched.subscribe()
    }

    /// For a single node: keeps the demand of all nodes equal to its own. Never returns.
    pub async fn run_single_node(&self) {
        loop {
            let local = self.local();
            self.set_watched(Arc::unwrap_or_clone(local));
            let _ = tokio::time::timeout(SWEEP_INTERVAL, self.changed()).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_watch_their_symbols_beside_connections() {
        let symbol = |text: &str| Symbol::parse(text).expect("a symbol");
        let demand = Demand::default();
        demand.set_worker_demand(0, HashMap::from([(symbol("AAPL"), 2)]));
        demand.set_alert_demand(HashMap::from([(symbol("AAPL"), 1), (symbol("MSFT"), 3)]));
        assert_eq!(*demand.local(), HashMap::from([(symbol("AAPL"), 3), (symbol("MSFT"), 3)]));
        demand.set_alert_demand(HashMap::new());
        assert_eq!(*demand.local(), HashMap::from([(symbol("AAPL"), 2)]));
    }
}
