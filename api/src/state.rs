//! What the handlers share. One value, made once, cloned into every worker by reference.

use crate::auth::guests::Guests;
use crate::auth::key_uses::KeyUses;
use crate::auth::keys::KeyMaker;
use crate::auth::passwords::Passwords;
use crate::auth::resets::ResetMails;
use crate::auth::sessions::Sessions;
use crate::auth::throttle::Throttle;
use crate::auth::tickets::Tickets;
use crate::auth::tokens::Tokens;
use crate::client::Proxies;
use crate::cursor::Cursors;
use crate::db::Db;
use crate::events::Events;
use crate::idempotency::Running;
use crate::limits::Limiter;
use crate::limits::recent::Recent;
use crate::limits::requests::Policies;
use crate::metrics::Metrics;
use crate::prices::board::Board;
use crate::prices::calendar::Calendar;
use crate::prices::cluster::Cluster;
use crate::prices::connections::Connections;
use crate::prices::demand::Demand;
use crate::prices::history::History;
use crate::search::TickerIndex;
use crate::transfer::Transfers;
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
    /// What makes API keys.
    pub key_maker: KeyMaker,
    /// How guests are let in.
    pub guests: Guests,
    /// When API keys are used.
    pub key_uses: KeyUses,
    /// How much is too much.
    pub limits: Limiter,
    /// API keys that were good a little while ago.
    pub known_keys: Recent,
    /// Sessions that had ended when their tokens came.
    pub ended: Recent,
    /// The limits on requests.
    pub policies: Policies,
    /// The proxies that are believed.
    pub proxies: Proxies,
    /// Guessing passwords, slowed down.
    pub throttle: Throttle,
    /// Asks for links to set a new password to be mailed; none where there is no mail.
    pub reset_mails: Option<ResetMails>,
    /// Where the next page begins.
    pub cursors: Cursors,
    /// Requests with an `Idempotency-Key` that are under way.
    pub running: Running,
    /// Files that are being taken in.
    pub transfers: Transfers,
    /// Used stream tickets.
    pub tickets: Tickets,
    /// The catalogue, searchable.
    pub tickers: Arc<TickerIndex>,
    /// What this node knows of prices.
    pub board: Arc<Board>,
    /// What prices did.
    pub history: History,
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
