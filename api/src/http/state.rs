//! The state that all handlers of a server share, in named groups.

use super::error_codes::Error;
use super::idempotency_key::RunningRequests;
use super::origin::Origins;
use super::own_exchanges::OwnExchanges;
use super::pagination::Cursors;
use super::request_limits::RequestLimits;
use super::trusted_proxies::TrustedProxies;
use crate::alerts::Alerts;
use crate::auth::Auth;
use crate::cluster::Node;
use crate::db::Db;
use crate::history::History;
use crate::market::calendar::Calendar;
use crate::notify::state::NotifyState;
use crate::search::LiveIndex;
use crate::stream::StreamState;
use crate::telemetry::metrics::Metrics;
use crate::telemetry::request_sample::RequestSample;
use crate::telemetry::supervision::Tasks;
use crate::transfer::import_limits::ImportLimits;
use actix_web::{HttpRequest, web};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// The state of the HTTP layer.
pub struct AppState {
    /// Storage.
    pub db: Db,
    /// Authentication: passwords, sessions, tokens, API keys, login throttling.
    pub auth: Arc<Auth>,
    /// Rate limits on requests.
    pub request_limits: RequestLimits,
    /// Trusted proxies, origins, cursors, and requests in progress.
    pub web: WebState,
    /// The catalogue and the market.
    pub market: MarketState,
    /// The alerts.
    pub alerts: Alerts,
    /// The state that nodes share: last values, demand, events.
    pub node: Arc<Node>,
    /// The state of the stream.
    pub stream: Arc<StreamState>,
    /// Notifications outside the app.
    pub notify: Arc<NotifyState>,
    /// The node's metrics.
    pub metrics: Arc<Metrics>,
    /// Which of the ordinary requests are logged.
    pub request_sample: RequestSample,
    /// The supervised tasks.
    pub tasks: Tasks,
    /// When the server started.
    pub started: Instant,
    /// Whether the server has been told to stop, and serves for a while longer.
    pub is_draining: Arc<AtomicBool>,
}

/// Trusted proxies, origins, cursors, and requests in progress.
pub struct WebState {
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub proxies: TrustedProxies,
    /// The allowed origins.
    pub origins: Origins,
    /// Signs and verifies pagination cursors.
    pub cursors: Cursors,
    /// Requests with an `Idempotency-Key` that are running.
    pub running_requests: RunningRequests,
    /// The limit on concurrent imports.
    pub import_limits: ImportLimits,
}

/// The catalogue and the market.
pub struct MarketState {
    /// The catalogue and its search index.
    pub tickers: Arc<LiveIndex>,
    /// The exchanges of accounts that search.
    pub own_exchanges: OwnExchanges,
    /// Trading hours and holidays of the exchanges.
    pub calendar: Arc<Calendar>,
    /// Bars and sparklines.
    pub history: History,
}

/// The state that is attached to a request's application.
pub fn state_of(request: &HttpRequest) -> Result<web::Data<AppState>, Error> {
    request.app_data::<web::Data<AppState>>().cloned().ok_or_else(|| Error::internal("no state is attached"))
}
