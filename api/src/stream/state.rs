//! The state that all connections of a server share.

use super::followed_lists::{FollowedListSets, FollowedLists};
use crate::auth::Auth;
use crate::cluster::Node;
use crate::db::Db;
use crate::keyed_permits::KeyedPermits;
use crate::limits::connection_limits::ConnectionLimits;
use crate::limits::stream_budget::StreamBudgets;
use crate::market::calendar::Calendar;
use crate::search::LiveIndex;
use crate::telemetry::metrics::Metrics;
use crate::telemetry::supervision::Tasks;
use std::sync::Arc;
use tokio::sync::watch;
use watchtape_shared::market::Market;

/// The state of the stream, one for a server.
pub struct StreamState {
    /// Storage.
    pub db: Db,
    /// Authentication.
    pub auth: Arc<Auth>,
    /// The catalogue; a subscription to a symbol that is not in it is rejected.
    pub tickers: Arc<LiveIndex>,
    /// Trading hours and holidays of the exchanges.
    pub calendar: Arc<Calendar>,
    /// Last values, demand and events.
    pub node: Arc<Node>,
    /// The state of the market, published at every change.
    pub market: watch::Receiver<Arc<Market>>,
    /// Limits on open connections.
    pub connection_limits: ConnectionLimits,
    /// Budgets of what clients send.
    pub budgets: Arc<StreamBudgets>,
    /// The reads of followed lists: one of an account at a time.
    pub list_reads: Arc<KeyedPermits>,
    /// The lists that connections follow.
    pub followed_lists: Arc<FollowedLists>,
    /// The accounts whose sets of lists connections follow.
    pub followed_list_sets: Arc<FollowedListSets>,
    /// The supervised tasks.
    pub tasks: Tasks,
    /// The node's metrics.
    pub metrics: Arc<Metrics>,
}
