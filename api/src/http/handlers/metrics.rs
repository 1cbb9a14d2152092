//! Metrics, for scrapers.

use super::health::read_readiness;
use crate::http::error_codes::{Code, Error};
use crate::http::state::AppState;
use crate::telemetry::metrics::FeedState;
use crate::telemetry::{logs, traces};
use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveTime;
use std::sync::atomic::Ordering;
use watchtape_shared::market::{SourceStatus, TradingStatus};

/// Who may read the metrics on a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricsAccess {
    /// Whoever reaches it: it is a listener of its own (`WATCHTAPE_METRICS_LISTEN`).
    Anyone,
    /// Callers on this machine.
    ThisMachine,
    /// Nobody: there is another listener for them.
    Nobody,
}

/// What a proxy adds to a request that it passes on, which then comes from elsewhere.
const FORWARDED: [HeaderName; 4] = [
    header::FORWARDED,
    header::VIA,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-proto"),
];

/// Read what the node counts
///
/// In the text format of OpenMetrics. For callers on the node's machine, unless the operator has set a listener for it; a request
/// that a proxy has passed on is none.
#[utoipa::path(get, path = "/metrics", tag = "operations", security(()),
    responses((status = 200, description = "The counters", body = String,
               content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8",
               example = "watchtape_rounds_total 41\n# EOF\n"),
              (status = 403, description = "The caller is on another machine, or there is another listener for them")))]
pub async fn get_metrics(
    request: HttpRequest,
    state: web::Data<AppState>,
    access: web::Data<MetricsAccess>,
) -> Result<HttpResponse, Error> {
    match **access {
        MetricsAccess::Anyone => {}
        MetricsAccess::ThisMachine if is_of_this_machine(&request) => {}
        MetricsAccess::ThisMachine => {
            let detail = "Metrics are for callers on this machine: WATCHTAPE_METRICS_LISTEN serves them to others.";
            return Err(Error::new(Code::LocalOnly, detail));
        }
        MetricsAccess::Nobody => {
            return Err(Error::new(Code::LocalOnly, "Metrics are served on an address of their own."));
        }
    }
    read_state(&state).await;
    Ok(HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(state.metrics.to_text()))
}

fn is_of_this_machine(request: &HttpRequest) -> bool {
    let is_loopback = request.peer_addr().is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    is_loopback && !FORWARDED.iter().any(|name| request.headers().contains_key(name))
}

/// Reads what is a state and not a count.
async fn read_state(state: &AppState) {
    let (metrics, node, market) = (&state.metrics, &state.node, &state.market);
    let (used, idle) = state.db.connections();
    metrics.database.set_connections(used, idle);
    let waiting = state.auth.passwords.waiting();
    metrics.work.password_hashes_waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
    let feed = node.last_values.status();
    let is_open = |status: &TradingStatus| *status == TradingStatus::Open;
    metrics.feed.set_state(&FeedState {
        age: feed.age_ms.map(|age| age as f64 / 1_000.0),
        is_leader: node.last_values.runs_feed(),
        term: feed.term,
        is_market_open: state.stream.market.borrow().exchanges.iter().any(|exchange| is_open(&exchange.status)),
        nodes: node.cluster.known_nodes(),
        is_redis_reachable: !node.last_values.is_degraded(),
    });
    for source in &feed.sources {
        let is_failing = !matches!(source.status, SourceStatus::Idle | SourceStatus::Up);
        metrics.vendors.set_state(&source.source, source.budget_left, is_failing);
    }
    metrics.server.set_totals(&state.tasks.restarts(), logs::dropped_lines(), traces::sent_spans());
    metrics.server.calendar_end.set(market.calendar.end().and_time(NaiveTime::MIN).and_utc().timestamp());
    metrics.server.ready.set(read_readiness(state).await.is_ok().into());
    metrics.server.draining.set(state.is_draining.load(Ordering::Relaxed).into());
}
