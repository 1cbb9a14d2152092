//! What the handlers share. One value, made once, cloned into every worker by reference.

use crate::auth::passwords::Passwords;
use crate::auth::sessions::Sessions;
use crate::auth::tickets::Tickets;
use crate::auth::tokens::Tokens;
use crate::db::Db;
use crate::events::Events;
use crate::limits::Limiter;
use crate::metrics::Metrics;
use crate::prices::board::Board;
use crate::prices::calendar::Calendar;
use crate::prices::cluster::Cluster;
use crate::prices::connections::Connections;
use crate::prices::demand::Demand;
use crate::search::TickerIndex;
use std::sync::Arc;
use tokio::sync::watch;
use watchtape_shared::market::Market;

/// The application's state.
pub struct AppState {
    /// Storage.
    pub db: Db,
    /// Password hashing.
    pub passwords: Passwords,
    /// Signed tokens.
    pub tokens: Tokens,
    /// Refresh sessions.
    pub sessions: Sessions,
    /// How much is too much.
    pub limits: Limiter,
    /// Used stream tickets.
    pub tickets: Tickets,
    /// The catalogue, searchable.
    pub tickers: Arc<TickerIndex>,
    /// What this node knows of prices.
    pub board: Arc<Board>,
    /// The other nodes.
    pub cluster: Arc<Cluster>,
    /// What somebody watches.
    pub demand: Arc<Demand>,
    /// The stream's open connections.
    pub connections: Connections,
    /// What the node counts.
    pub metrics: Arc<Metrics>,
    /// When the exchanges trade.
    pub calendar: Arc<Calendar>,
    /// The market's news.
    pub market: watch::Receiver<Arc<Market>>,
    /// News for open sockets.
    pub events: Arc<Events>,
    /// The origin that browsers know this service by; none: whatever host they ask, over plain HTTP.
    pub public_origin: Option<String>,
    /// Other origins whose pages may call the API and open the stream.
    pub cors_origins: Vec<String>,
}

impl AppState {
    /// Whether browsers come over HTTPS.
    pub fn is_https(&self) -> bool {
        self.public_origin.as_ref().is_some_and(|origin| origin.starts_with("https://"))
    }
}
