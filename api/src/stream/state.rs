//! What the sockets of the stream share: one value of a server.

use crate::auth::Auth;
use crate::cluster::Node;
use crate::db::Db;
use crate::limits::connection_limits::ConnectionLimits;
use crate::market::calendar::Calendar;
use crate::search::TickerIndex;
use crate::telemetry::metrics::Metrics;
use std::sync::Arc;
use tokio::sync::watch;
use watchtape_shared::market::Market;

/// The state of the stream.
pub struct StreamState {
    /// Storage.
    pub db: Db,
    /// Authentication.
    pub auth: Arc<Auth>,
    /// The catalogue: other symbols are rejected.
    pub tickers: Arc<TickerIndex>,
    /// When the exchanges trade.
    pub calendar: Arc<Calendar>,
    /// Last values, demand and events.
    pub node: Arc<Node>,
    /// The market, whenever it changes.
    pub market: watch::Receiver<Arc<Market>>,
    /// Limits on open connections.
    pub connection_limits: ConnectionLimits,
    /// What the node counts.
    pub metrics: Arc<Metrics>,
}
