//! Liveness, readiness and metrics, for operators and their probes.

use crate::clock;
use crate::db::security;
use crate::http::error_codes::Error;
use crate::http::state::AppState;
use actix_web::HttpResponse;
use actix_web::web::{self, Json};
use serde::Serialize;
use watchtape_shared::market::FeedStatus;

/// The answer of `/livez`.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Live {
    /// Always `ok`: a process that is not alive does not answer.
    #[schema(example = "ok")]
    status: &'static str,
}

/// The answer of `/readyz`.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Ready {
    /// `ok`, or `degraded` where requests are answered but prices do not move, or the node is cut off from the others.
    #[schema(example = "ok")]
    status: &'static str,
    /// How the feed fares.
    feed: FeedStatus,
    /// Whether this node is the one that runs the feed.
    runs_feed: bool,
}

/// Is the process alive
#[utoipa::path(get, path = "/livez", tag = "operations", security(()),
    responses((status = 200, description = "It is", body = Live)))]
pub async fn get_liveness() -> Json<Live> {
    Json(Live { status: "ok" })
}

/// Can requests be served
///
/// Asks the database, and answers 503 where it does not answer in time.
#[utoipa::path(get, path = "/readyz", tag = "operations", security(()),
    responses((status = 200, description = "They can", body = Ready),
              (status = 503, description = "The database does not answer")))]
pub async fn get_readiness(state: web::Data<AppState>) -> Result<Json<Ready>, Error> {
    state.db.read(security::count).await?;
    let feed = state.node.last_values.status(clock::now()).status;
    let degraded = state.node.last_values.is_degraded() || matches!(feed, FeedStatus::Stale);
    let status = if degraded { "degraded" } else { "ok" };
    Ok(Json(Ready { status, feed, runs_feed: state.node.last_values.runs_feed() }))
}

/// Read what the node counts
///
/// In the text format of OpenMetrics: open streams, rounds, rows encoded, frames made, streams given up.
#[utoipa::path(get, path = "/metrics", tag = "operations", security(()),
    responses((status = 200, description = "The counters", body = String,
               content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8",
               example = "watchtape_rounds_total 41\n# EOF\n")))]
pub async fn get_metrics(state: web::Data<AppState>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(state.metrics.to_text())
}
