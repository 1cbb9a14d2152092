//! What the handlers share: one value of a server, in named groups.

use super::error_codes::Error;
use super::idempotency_key::RequestsUnderWay;
use super::origin::Origins;
use super::pagination::Cursors;
use super::request_limits::RequestLimits;
use super::trusted_proxies::Proxies;
use crate::auth::Auth;
use crate::cluster::Node;
use crate::db::Db;
use crate::history::History;
use crate::market::calendar::Calendar;
use crate::search::TickerIndex;
use crate::stream::StreamState;
use crate::telemetry::metrics::Metrics;
use crate::transfer::import_limits::ImportLimits;
use actix_web::{HttpRequest, web};
use std::sync::Arc;

/// The state of the HTTP layer.
pub struct AppState {
    /// Storage.
    pub db: Db,
    /// Authentication: passwords, sessions, tokens, API keys, login throttling.
    pub auth: Arc<Auth>,
    /// Rate limits on requests.
    pub request_limits: RequestLimits,
    /// Where requests come from, and what is under way.
    pub web: WebState,
    /// The catalogue and the market.
    pub market: MarketState,
    /// This node's share of what all nodes know: last values, demand, events.
    pub node: Arc<Node>,
    /// What the sockets of the stream share.
    pub stream: Arc<StreamState>,
    /// What the node counts.
    pub metrics: Arc<Metrics>,
}

/// Where requests come from, and what is under way.
pub struct WebState {
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub proxies: Proxies,
    /// The origins whose pages are served.
    pub origins: Origins,
    /// Signs pagination cursors.
    pub cursors: Cursors,
    /// Requests with an `Idempotency-Key` that are under way.
    pub requests_under_way: RequestsUnderWay,
    /// Files that are being imported.
    pub import_limits: ImportLimits,
}

/// The catalogue and the market.
pub struct MarketState {
    /// The catalogue, searchable.
    pub tickers: Arc<TickerIndex>,
    /// When the exchanges trade.
    pub calendar: Arc<Calendar>,
    /// Bars and sparklines.
    pub history: History,
}

/// The state that is attached to a request's application.
pub fn state_of(request: &HttpRequest) -> Result<web::Data<AppState>, Error> {
    request.app_data::<web::Data<AppState>>().cloned().ok_or_else(|| Error::internal("no state is attached"))
}
